"""Whether the samples of one process scatter around one level, or move: then no median of them is a step's time."""

import bisect
import itertools
import math
from collections.abc import Sequence
from typing import Literal

from embbench.stats.summary import median

Course = Literal["steady", "unsettled", "jump", "trend"]

FEWEST = 8  # values; with fewer, no order of them is rare enough to tell anything
ALPHA = 0.001  # of each test: a run has hundreds of processes
RELEVANT = 0.05  # share of the median that the level must move by
EARLY = 1 / 3  # a change of level in the first third means that the warm-up was too short


def course(values: Sequence[float]) -> Course | None:
    """How the values moved in time; None where they are too few to tell.

    A trend is Kendall's rank correlation with time (Mann, Econometrica 13 (1945) 245-259) and the slope of Theil and
    Sen; a change of level is Pettitt's test (Applied Statistics 28 (1979) 126-135). Both rest on ranks, so that one
    slow sample is neither. Where both are found, the one that leaves the smaller residuals is told. Pettitt's test is
    blind near the ends, so the first samples are held against the rest by themselves (Mann and Whitney's test). The
    tests take their statistics as normal, without correction for ties, which makes them careful: exact ones would take
    a report of ten thousand processes most of a minute.
    """
    n = len(values)
    if n < FEWEST:
        return None
    center, ranks = abs(median(values)), _ranks(values)
    place, step = _change_of_level(values, ranks)
    slope = _trend(values)
    jumped, trended = abs(step) > RELEVANT * center, abs(slope) * (n - 1) > RELEVANT * center
    if trended and (not jumped or _residual_of_trend(values, slope) < _residual_of_step(values, place)):
        return "trend"
    if jumped:
        return "unsettled" if place <= n * EARLY else "jump"
    return "unsettled" if abs(_beginning(values, ranks)) > RELEVANT * center else "steady"


def _change_of_level(values: Sequence[float], ranks: Sequence[float]) -> tuple[int, float]:
    """(values before the change, median after - median before); the latter 0 where the test does not show one."""
    n = len(values)
    total, place, largest = 0.0, 0, 0.0
    for index, rank in enumerate(ranks[:-1], 1):
        total += rank
        found = abs(2 * total - index * (n + 1))
        if found > largest:
            place, largest = index, found
    if 2 * math.exp(-6 * largest**2 / (n**3 + n**2)) > ALPHA:
        return place, 0.0
    return place, median(values[place:]) - median(values[:place])


def _beginning(values: Sequence[float], ranks: Sequence[float]) -> float:
    """Median of the rest - median of the first samples; 0 where the test does not show a difference."""
    first = max(FEWEST // 2, len(values) // 8)
    early, rest = values[:first], values[first:]
    wins = sum(ranks[:first]) - first * (first + 1) / 2
    if _normal_p(wins - first * len(rest) / 2, first * len(rest) * (len(values) + 1) / 12, 0.5) > ALPHA:
        return 0.0
    return median(rest) - median(early)


def _trend(values: Sequence[float]) -> float:
    """The slope a sample; 0 where none is shown."""
    n, before, score = len(values), [], 0
    for index, value in enumerate(values):
        place = bisect.bisect_left(before, value)
        score += place - (index - bisect.bisect_right(before, value))
        before.insert(place, value)
    if _normal_p(score, n * (n - 1) * (2 * n + 5) / 18, 1.0) > ALPHA:
        return 0.0
    return median([(other - one) / (j - i) for (i, one), (j, other) in itertools.combinations(enumerate(values), 2)])


def _ranks(values: Sequence[float]) -> list[float]:
    """From 1 on; the mean of their ranks for equal values."""
    first: dict[float, int] = {}
    last: dict[float, int] = {}
    for rank, value in enumerate(sorted(values), 1):
        first.setdefault(value, rank)
        last[value] = rank
    return [(first[value] + last[value]) / 2 for value in values]


def _normal_p(deviation: float, variance: float, step: float) -> float:
    """Two-sided; step: half the distance of a statistic's neighbouring values, for the correction of continuity."""
    return math.erfc(max(0.0, abs(deviation) - step) / math.sqrt(2 * variance))


def _residual_of_step(values: Sequence[float], place: int) -> float:
    before, after = median(values[:place]), median(values[place:])
    return math.fsum(abs(v - (before if index < place else after)) for index, v in enumerate(values))


def _residual_of_trend(values: Sequence[float], slope: float) -> float:
    rest = [value - slope * index for index, value in enumerate(values)]
    center = median(rest)
    return math.fsum(abs(value - center) for value in rest)
