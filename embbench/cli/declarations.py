"""The declared paths of results. Rounds carry the declarations of their contenders; for older rounds, the contender
files of today are read.
"""

import functools
import re

import msgspec

from embbench.analysis.collapse.collapse import Result
from embbench.cases.declared import Declared, declare
from embbench.cases.former import with_todays_names
from embbench.contenders import Contender, discover
from embbench.report.explained import DeclarationSource

# A file that several contenders of 0.1.0 and of the beginning of 0.2.0 shared is a file of an engine now.
FORMER_PATH = re.compile(r"embbench/contenders/_([a-z]+)_(\w+\.py)")


def declared(result: Result) -> Declared | None:
    """The declared path of a result; None where it is unknown."""
    return _declared(result)[0]


def source(result: Result) -> DeclarationSource:
    """The origin of the declared path."""
    return _declared(result)[1]


def change(now: Result, other: Result) -> str:
    """The code that a user of `now` changes for the other; '' for another framework or an unknown path."""
    used, known = declared(now), declared(other)
    return known.change if used is not None and known is not None and used.packages == known.packages else ""


def _declared(result: Result) -> tuple[Declared | None, DeclarationSource]:
    for line in reversed(result.rounds):
        if line.declared is not None:
            return _with_paths_of_today(line.declared), "rounds"
    case = with_todays_names(result.case)
    today = _contenders().get(case.contender)
    if today is None:
        return None, "nothing"
    digests = {line.software.get("contender") for line in result.rounds}
    return declare(today.declaration, case), "same file" if digests == {today.digest} else "other file"


def _with_paths_of_today(known: Declared) -> Declared:
    """Rounds keep the paths of the day they were measured on."""
    return msgspec.structs.replace(known, change=FORMER_PATH.sub(r"embbench/engines/\1/\2", known.change))


@functools.cache
def _contenders() -> dict[str, Contender]:
    return discover()
