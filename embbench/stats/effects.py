"""Ratio, difference and sum of independent summaries, with intervals.

The spread of a side comes from its interval, separately for the upper and the lower half (MOVER: Zou and Donner,
Statistics in Medicine 27 (2008) 1693-1702), so asymmetric intervals stay asymmetric.
"""

import math
from collections.abc import Sequence

from embbench.stats.summary import Summary, median


def ratio(top: Summary, bottom: Summary) -> Summary | None:
    """top / bottom, combined on the logarithmic scale. None unless both centers are above 0.

    There is no interval where a side has none, or where an interval reaches 0.
    """
    if top.center <= 0 or bottom.center <= 0:
        return None
    center, n = top.center / bottom.center, min(top.n, bottom.n)
    bounds = (top.low, top.high, bottom.low, bottom.high)
    if any(bound is None or not 0 < bound < math.inf for bound in bounds):
        return Summary(center, None, None, n)
    top_low, top_high, bottom_low, bottom_high = (math.log(bound) for bound in bounds if bound is not None)
    middle_top, middle_bottom = math.log(top.center), math.log(bottom.center)
    below = math.hypot(middle_top - top_low, bottom_high - middle_bottom)
    above = math.hypot(top_high - middle_top, middle_bottom - bottom_low)
    return Summary(center, center * math.exp(-below), center * math.exp(min(above, 700.0)), n)


def product(one: Summary, other: Summary) -> Summary | None:
    """one · other, combined on the logarithmic scale as in `ratio`. None unless both centers are above 0."""
    if other.center <= 0:
        return None
    return ratio(one, inverse(other))


def inverse(summary: Summary) -> Summary:
    """1 / summary, whose center is above 0. No interval where the summary has none, or an interval that reaches 0."""
    known = summary.low is not None and summary.high is not None and 0 < summary.low <= summary.high < math.inf
    low, high = (1 / summary.high, 1 / summary.low) if known and summary.low and summary.high else (None, None)
    return Summary(1 / summary.center, low, high, summary.n)


def alternating_ratio(base: Sequence[float], other: Sequence[float]) -> float:
    """other / base from samples > 0 that took turns: the median over their cycles. For odd or different numbers of
    samples, the ratio of the medians.
    """
    return median(cycle_ratios(base, other) or [median(other) / median(base)])


def cycle_ratios(base: Sequence[float], other: Sequence[float]) -> list[float]:
    """other / base per cycle of two samples > 0 per side; [] for odd or different numbers of samples.

    The ratio is of the smaller samples of a cycle, because disturbances only add time (Chen and Revels, Robust
    benchmarking in noisy environments, arXiv:1608.04295). Geometric means were rejected: they scattered 1.5 times as
    much beside a busy process. Slowdowns that hit less than half of the steps are not detected.
    """
    if len(base) != len(other) or len(base) % 2:
        return []
    return [min(other[at : at + 2]) / min(base[at : at + 2]) for at in range(0, len(base), 2)]


def difference(first: Summary, second: Summary) -> Summary:
    """first - second. No interval where a side has no interval."""
    center, n = first.center - second.center, min(first.n, second.n)
    if first.low is None or first.high is None or second.low is None or second.high is None:
        return Summary(center, None, None, n)
    below = math.hypot(first.center - first.low, second.high - second.center)
    above = math.hypot(first.high - first.center, second.center - second.low)
    return Summary(center, center - below, center + above, n)


def total(summaries: Sequence[Summary]) -> Summary:
    """The sum of independent summaries. No interval where a summary has no interval."""
    center, n = math.fsum(each.center for each in summaries), min((each.n for each in summaries), default=0)
    if any(each.low is None or each.high is None for each in summaries):
        return Summary(center, None, None, n)
    below = math.hypot(*(each.center - each.low for each in summaries if each.low is not None))
    above = math.hypot(*(each.high - each.center for each in summaries if each.high is not None))
    return Summary(center, center - below, center + above, n)


def scaled(summary: Summary, factor: float) -> Summary:
    """The summary of values times `factor` > 0."""
    low = None if summary.low is None else summary.low * factor
    high = None if summary.high is None else summary.high * factor
    return Summary(summary.center * factor, low, high, summary.n)


def separates(summary: Summary, value: float) -> bool | None:
    """Whether the interval excludes `value`; None without an interval."""
    if summary.low is None or summary.high is None:
        return None
    return not summary.low <= value <= summary.high
