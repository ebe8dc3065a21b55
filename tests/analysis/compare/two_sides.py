"""Two sides of a comparison, and what is decided of them."""

from embbench.analysis.compare.evidence import CompareOptions
from embbench.analysis.compare.match import match
from embbench.analysis.compare.outcome import compare
from tests.made_up import case, measured

QUIET = [0.1000, 0.1002, 0.0999, 0.1001, 0.1000]
SLOWER = [value * 1.2 for value in QUIET]
TIME = CompareOptions({"step_time": 0.05})


def base(seconds=QUIET, **fields):
    return measured(case(), seconds, run="base", **fields)


def candidate(seconds=QUIET, **fields):
    return measured(case(), seconds, run="candidate", **fields)


def only(one, other, options=TIME):
    (found,) = compare(match(one, other), options)
    return found


def told(one, other, options=TIME):
    found = only(one, other, options)
    return found.verdict, found.reason
