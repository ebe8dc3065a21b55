"""The figures of a number, and the text of its spread.

Figures follow the relative half width w of the interval: 2 where w >= 10 %, 3 where w >= 1 %, 4 below. A number without
an interval (one round) has 2. The spread is the wider half of the interval. Counted quantities, such as bytes, have at
most 3 figures and no spread below 1 %. A number whose spread is as large as the number is vague: its text begins with
'about', and a note gives the range of its rounds.
"""

import math

from embbench.cases.metrics import METRICS
from embbench.cases.units import format_count, format_quantity
from embbench.stats.effects import separates
from embbench.stats.summary import Summary

SMALL = 0.01  # counted quantities show no spread below
VAGUE = 1.0  # a number with this spread or more is vague
ABOUT = "about "
LENT = "measured in a single round; the interval comes from the rounds of the other cases"


def figures(summary: Summary, counted: bool = False) -> int:
    """Significant figures of the center."""
    if summary.low is None:
        return 3 if counted else 2
    width = summary.relative
    if width is None or width >= 0.10:
        return 2
    return 3 if width >= 0.01 or counted else 4


def value_text(summary: Summary, metric: str) -> str:
    """'12.3 ms', or 'about 12 ms' (see `is_vague`). A number of rows or a share that is equal in all rounds is exact:
    printed whole, or with 4 figures.
    """
    unit, digits = METRICS[metric].unit, figures(summary, METRICS[metric].treatment.counted)
    if METRICS[metric].kind == "workload" and summary.low == summary.high:
        if summary.center == int(summary.center):
            text = format_count(int(summary.center))
            return text if unit == "1" else f"{text} {unit}"
        digits = 4
    return about(summary) + format_quantity(summary.center, unit, digits)


def short_text(summary: Summary, metric: str) -> str:
    """The number alone, with 3 figures at most: for a sentence."""
    known = METRICS[metric]
    return format_quantity(summary.center, known.unit, min(3, figures(summary, known.treatment.counted)))


def spread_text(summary: Summary, unit: str, counted: bool = False) -> str:
    """'±2%'; '' without an interval, for a small interval of a count, and for a vague number; in the unit where the
    center is 0.
    """
    if summary.low is None or summary.high is None or (counted and is_small(summary)) or is_vague(summary):
        return ""
    if summary.relative is None:
        half = max(summary.high, -summary.low)
        return f"±{format_quantity(half, unit, 2)}" if half else "±0%"
    return "±" + percent(summary.relative)


def is_small(summary: Summary) -> bool:
    """Whether the interval is known and narrower than SMALL of the center on both sides."""
    if summary.low is None:
        return False
    return summary.low == summary.high or (summary.relative is not None and summary.relative < SMALL)


def is_vague(summary: Summary) -> bool:
    """Whether the interval reaches VAGUE of the center or more to a side."""
    return (summary.relative or 0.0) >= VAGUE


def about(summary: Summary) -> str:
    """The prefix of a vague number; '' for others."""
    return ABOUT if is_vague(summary) else ""


def between_text(low: float, high: float, unit: str) -> str:
    """'between 31 and 160 ms', or 'between 900 µs and 2.0 ms'."""
    first, last = (format_quantity(each, unit, 2) for each in (low, high))
    if first.partition(" ")[2] == last.partition(" ")[2]:
        first = first.partition(" ")[0]
    return f"between {first} and {last}"


def percent(share: float) -> str:
    """0.021 -> '2%', 0.004 -> '0.4%'; below 0.1 % rounded up to it, so that '0%' is exact."""
    if share == 0:
        return "0%"
    if share >= 9.995:
        return ">999%"
    return f"{max(share * 100, 0.1):.1f}%" if share < 0.0095 else f"{share * 100:.0f}%"


def share_text(share: float) -> str:
    """A chosen share, not a measured one: 0.025 -> '2.5%'."""
    return f"{100 * share:.3g}%"


def brief(seconds: float) -> str:
    """'2.1 s': a time in a sentence, with 2 figures."""
    return format_quantity(seconds, "s", 2)


def cost_text(summary: Summary, unit: str) -> tuple[str, str]:
    """(value, spread) of a cost, which is a difference. An interval that includes 0 shows its upper end: '<12 ns/row'.
    A cost below 0 is 'none shown'.
    """
    if summary.center <= 0 and (summary.high is None or summary.high <= 0):
        return "none shown", ""
    if separates(summary, 0.0) is False and summary.high is not None and summary.high > 0:
        return f"<{format_quantity(summary.high, unit, 2)}", ""
    return about(summary) + format_quantity(summary.center, unit, figures(summary)), spread_text(summary, unit)


def ratio_text(summary: Summary) -> str:
    """'×0.083', with '?' where the interval includes 1 or is unknown. At most 3 figures."""
    digits = min(3, figures(summary))
    text = "×" + format_quantity(summary.center, "1", digits)
    same = summary.low == summary.high == 1
    return text if same or separates(summary, 1.0) else text + "?"


def whole_text(summary: Summary) -> str:
    """A number of steps in a sentence, '150 (140 to 160)', in whole steps."""
    text = f"{summary.center:.0f}"
    if summary.low is None or summary.high is None:
        return text
    low, high = f"{summary.low:.0f}", f"{summary.high:.0f}"
    return text if low == high else f"{text} ({low} to {high})"


def factor_text(summary: Summary) -> str:
    """A ratio in a sentence, '11.3 (10.8 to 11.7)', with its interval where it is known."""
    digits = min(3, figures(summary))
    text = format_quantity(summary.center, "1", digits)
    if summary.low is None or summary.high is None or math.isinf(summary.high):
        return text
    low, high = format_quantity(summary.low, "1", digits), format_quantity(summary.high, "1", digits)
    return text if low == high else f"{text} ({low} to {high})"
