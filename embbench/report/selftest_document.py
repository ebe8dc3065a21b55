"""The result of a selftest -> a Document."""

from collections.abc import Callable

import msgspec

from embbench.analysis.compare.trust import Trust
from embbench.cases.case import Case, label
from embbench.cases.units import format_quantity
from embbench.report.document import Document, Facts, Heading, Sentences
from embbench.report.figures import percent, share_text
from embbench.stats.summary import Summary


class About(msgspec.Struct, frozen=True):
    """The settings of a selftest. slowdown, threshold, alpha: shares. budget: seconds per comparison. seconds: per
    launch.
    """

    case: Case
    slowdown: float
    threshold: float
    alpha: float
    budget: float
    seconds: float


def selftest_document(trust: Trust, about: About) -> Document:
    """The slowdown that `gate` detects here, and the rates of its errors."""
    slowed = f"slower by {share_text(about.slowdown)}"
    lines = (
        ("a gate here", _smallest(trust, about.budget)),
        ("case", f"{label(about.case)} · threshold {share_text(about.threshold)} · {about.budget:g} s per comparison"),
        ("equal programs", f"called a change: {_counted(trust.alarms)}; promised: at most {share_text(about.alpha)}"),
        (slowed, f"called a regression: {_counted(trust.seen)}"),
        ("undecided", f"of both: {_counted(trust.undecided)}"),
        ("a launch", f"takes {format_quantity(about.seconds, 's', 2)}; {_scatter(trust.deviation)}"),
    )
    page = (
        Heading("Which slowdown does a gate detect on this machine, and how often is it wrong?"),
        Sentences((f"A gate here {_smallest(trust, about.budget)}.",), strong=True),
        Facts(lines[1:]),
    )
    return Document(blocks=(Facts(lines),), data={"about": about, "trust": trust}, page=lambda: page)


def _counted(share: Summary | None) -> str:
    """'0 of 10 (0% to 31%)'"""
    if share is None:
        return "no comparison"
    return f"{round(share.center * share.n)} of {share.n} ({_interval(share)})"


def _scatter(deviation: Summary | None) -> str:
    if deviation is None:
        return "too few launches for their scatter"
    return f"ratios of launches scatter by {_fine(deviation.center)} ({_interval(deviation, _fine)})"


def _smallest(trust: Trust, budget: float) -> str:
    """The slowdown that `gate` detects for this program on this machine, as a clause."""
    if not trust.launches:
        return f"detects nothing: {budget:g} s end before the first decision; raise --budget"
    if trust.smallest is None:
        return "has too few launches for an answer: raise --comparisons"
    slowdown = f"a slowdown of {_fine(trust.smallest.center)} ({_interval(trust.smallest, _fine)})"
    return f"detects {slowdown} or more in 9 of 10 runs, with {budget:g} s per case ({trust.launches} launches)"


def _interval(share: Summary, text: Callable[[float], str] = percent) -> str:
    if share.low is None or share.high is None:
        return "no interval"
    return f"{text(share.low)} to {text(share.high)}"


def _fine(share: float) -> str:
    """'3.6%': with 2 figures, because these shares are small."""
    return f"{100 * share:.2g}%"
