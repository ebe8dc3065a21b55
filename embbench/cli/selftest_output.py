"""What a selftest found -> a Document."""

from collections.abc import Callable

import msgspec

from embbench.ab.selftest import Trust
from embbench.report.document import Document, Facts
from embbench.report.figures import percent, share_text
from embbench.spec.case import Case, label
from embbench.spec.units import format_quantity
from embbench.stats.summary import Summary


class About(msgspec.Struct, frozen=True):
    """What was tried. slowdown, threshold, alpha: shares. budget: seconds a comparison, seconds: a launch."""

    case: Case
    slowdown: float
    threshold: float
    alpha: float
    budget: float
    seconds: float


def trust_document(trust: Trust, about: About) -> Document:
    """What `gate` detects here, and how often it is wrong."""
    slowed = f"slower by {share_text(about.slowdown)}"
    lines = (
        ("a gate here", _smallest(trust, about.budget)),
        ("case", f"{label(about.case)} · threshold {share_text(about.threshold)} · {about.budget:g} s a comparison"),
        ("equal programs", f"called a change: {_counted(trust.alarms)}; promised: at most {share_text(about.alpha)}"),
        (slowed, f"called a regression: {_counted(trust.seen)}"),
        ("undecided", f"of both: {_counted(trust.undecided)}"),
        ("a launch", f"takes {format_quantity(about.seconds, 's', 2)}; {_scatter(trust.deviation)}"),
    )
    return Document(blocks=(Facts(lines),), data={"about": about, "trust": trust})


def _counted(share: Summary | None) -> str:
    """'0 of 10 (0% to 31%)'"""
    if share is None:
        return "none was made"
    return f"{round(share.center * share.n)} of {share.n} ({_interval(share)})"


def _scatter(deviation: Summary | None) -> str:
    if deviation is None:
        return "too few to tell their scatter"
    return f"ratios of launches scatter by {_fine(deviation.center)} ({_interval(deviation, _fine)})"


def _smallest(trust: Trust, budget: float) -> str:
    """What `gate` sees of this program on this machine, in one sentence."""
    if not trust.launches:
        return f"sees nothing: {budget:g} s end before the first look at the launches; give it more: --budget"
    if trust.smallest is None:
        return "sees what so few launches do not tell: make more --comparisons"
    found = f"a slowdown of {_fine(trust.smallest.center)} ({_interval(trust.smallest, _fine)})"
    return f"sees {found} or more in 9 of 10 runs, in {budget:g} s a case, which hold {trust.launches} launches"


def _interval(told: Summary, text: Callable[[float], str] = percent) -> str:
    return "no interval" if told.low is None or told.high is None else f"{text(told.low)} to {text(told.high)}"


def _fine(share: float) -> str:
    """'3.6%': these shares are small, and how small is the point."""
    return f"{100 * share:.2g}%"
