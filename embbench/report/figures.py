"""How many figures a number deserves, and how its spread reads.

Figures follow the relative half width w of the interval: 2 where w >= 10 %, 3 where w >= 1 %, 4 below. Without an
interval (one round) 2. The spread is the wider half of the interval. Of what is counted, such as bytes, at most 3
figures say enough, and a spread below 1 % is left out. Where the spread is as large as the number, no share of it says
anything: the number is 'about' that, and a note says between what the rounds lie.
"""

import math

from embbench.spec.metrics import METRICS
from embbench.spec.units import format_count, format_quantity
from embbench.stats.effects import separates
from embbench.stats.summary import Summary

SMALL = 0.01  # a spread that is not told of what is counted
VAGUE = 1.0  # a spread that no number of per cent makes clear
ABOUT = "about "
LENT = "measured in one round, with the interval that rounds of the other cases have"


def figures(summary: Summary, counted: bool = False) -> int:
    """Significant figures of the center."""
    if summary.low is None:
        return 3 if counted else 2
    width = summary.relative
    if width is None or width >= 0.10:
        return 2
    return 3 if width >= 0.01 or counted else 4


def value_text(summary: Summary, metric: str) -> str:
    """'12.3 ms', or 'about 12 ms' (see `is_vague`). A number of rows or a share that all rounds agree on is exact:
    printed whole, or with 4 figures.
    """
    unit, digits = METRICS[metric].unit, figures(summary, METRICS[metric].treatment.counted)
    if METRICS[metric].kind == "workload" and summary.low == summary.high:
        if summary.center == int(summary.center):
            text = format_count(int(summary.center))
            return text if unit == "1" else f"{text} {unit}"
        digits = 4
    return about(summary) + format_quantity(summary.center, unit, digits)


def spread_text(summary: Summary, unit: str, counted: bool = False) -> str:
    """'±2%'; '' without an interval, with a small one of a count, and where it is vague; in the unit itself where the
    center is 0.
    """
    if summary.low is None or summary.high is None or (counted and is_small(summary)) or is_vague(summary):
        return ""
    if summary.relative is None:
        half = max(summary.high, -summary.low)
        return f"±{format_quantity(half, unit, 2)}" if half else "±0%"
    return "±" + percent(summary.relative)


def is_small(summary: Summary) -> bool:
    """Whether the interval is known and reaches less than SMALL of the center to either side."""
    if summary.low is None:
        return False
    return summary.low == summary.high or (summary.relative is not None and summary.relative < SMALL)


def is_vague(summary: Summary) -> bool:
    """Whether the interval reaches VAGUE of the center or more to a side."""
    return (summary.relative or 0.0) >= VAGUE


def about(summary: Summary) -> str:
    """What stands before a number that is vague."""
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
    """A share that was chosen and not measured, as it was written: 0.025 -> '2.5%'."""
    return f"{100 * share:.3g}%"


def brief(seconds: float) -> str:
    """'2.1 s': a time in a sentence, as exact as that needs."""
    return format_quantity(seconds, "s", 2)


def cost_text(summary: Summary, unit: str) -> tuple[str, str]:
    """(value, spread) of a difference that is a cost. Where its interval includes 0, only its upper end is known:
    '<12 ns/row'; where it lies below 0, or has no interval and does, no cost is shown: 'none shown'.
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


def factor_text(summary: Summary) -> str:
    """A ratio in a sentence, '11.3 (10.8 to 11.7)', with its interval where it is known."""
    digits = min(3, figures(summary))
    text = format_quantity(summary.center, "1", digits)
    if summary.low is None or summary.high is None or math.isinf(summary.high):
        return text
    low, high = format_quantity(summary.low, "1", digits), format_quantity(summary.high, "1", digits)
    return text if low == high else f"{text} ({low} to {high})"
