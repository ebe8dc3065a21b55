"""Drift of the samples of a process. The median of drifting samples is not a step time."""

import bisect
import functools
import itertools
import math
from collections.abc import Sequence
from typing import Literal

from embbench.stats.summary import median

Course = Literal["steady", "unsettled", "jump", "trend"]

FEWEST = 8  # values; no order of fewer values is rare enough
ALPHA = 0.001  # of each test: a run has hundreds of processes
RELEVANT = 0.05  # smallest relevant change of the level, as a share of the median
FAR = 3.2905  # standard deviations of a normal statistic at ALPHA, two-sided
# (n, critical value) of Pettitt's largest statistic over n ** 1.5: chance exceeds it once in 1,000 (from 400,000
# shuffles, rounded up). Sizes in between use the next larger n. Pettitt's own formula for the tail is too strict for
# few values: at 20 values, not even a clean change in the middle would pass.
PETTITT = ((14, 0.9354), (16, 0.954), (20, 0.984), (25, 1.001), (32, 1.03), (40, 1.052), (64, 1.067))
PETTITT_FAR = 1.126  # by Pettitt's formula
MOST_EXACT = 64  # values
EARLY = 1 / 3  # a change of level in the first third means that the warm-up was too short


def course(values: Sequence[float]) -> Course | None:
    """How the values drifted in time; None for too few values.

    The trend test is Kendall's rank correlation with time (Mann, Econometrica 13 (1945) 245-259), with the slope of
    Theil and Sen. The test for a change of level is Pettitt's (Applied Statistics 28 (1979) 126-135). Both use ranks,
    so a single slow sample triggers neither. Where both tests are significant, the description with the smaller
    residuals is the result. Pettitt's test is blind near the ends, so the first samples are also compared with the rest
    (Mann and Whitney's test).
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
    """(values before the change, median after - median before). The difference is 0 where the test shows no change."""
    n = len(values)
    total, place, largest = 0.0, 0, 0.0
    for index, rank in enumerate(ranks[:-1], 1):
        total += rank
        statistic = abs(2 * total - index * (n + 1))
        if statistic > largest:
            place, largest = index, statistic
    if largest < next((limit for most, limit in PETTITT if n <= most), PETTITT_FAR) * n**1.5:
        return place, 0.0
    return place, median(values[place:]) - median(values[:place])


def _beginning(values: Sequence[float], ranks: Sequence[float]) -> float:
    """Median of the rest - median of the first samples; 0 where the test shows no difference."""
    first = max(FEWEST // 2, len(values) // 8)
    early, rest = values[:first], values[first:]
    total = sum(ranks[:first])
    if min(total, first * (len(values) + 1) - total) > _rare_rank_sum(first, len(values)):
        return 0.0
    return median(rest) - median(early)


def _trend(values: Sequence[float]) -> float:
    """The slope per sample; 0 where the test shows no trend."""
    n, score = len(values), 0
    before: list[float] = []
    for index, value in enumerate(values):
        place = bisect.bisect_left(before, value)
        score += place - (index - bisect.bisect_right(before, value))
        before.insert(place, value)
    if abs(score) - 1 < FAR * math.sqrt(n * (n - 1) * (2 * n + 5) / 18):  # normal, corrected for continuity
        return 0.0
    return median([(other - one) / (j - i) for (i, one), (j, other) in itertools.combinations(enumerate(values), 2)])


def _ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1 on; equal values get the mean of their ranks."""
    first: dict[float, int] = {}
    last: dict[float, int] = {}
    for rank, value in enumerate(sorted(values), 1):
        first.setdefault(value, rank)
        last[value] = rank
    return [(first[value] + last[value]) / 2 for value in values]


@functools.cache
def _rare_rank_sum(first: int, n: int) -> float:
    """The largest sum s such that `first` random ranks of 1 to n add up to at most s with a probability of at most
    ALPHA / 2. Exact for few values, by counting the subsets with a given sum.
    """
    if n > MOST_EXACT:
        return first * (n + 1) / 2 - 0.5 - FAR * math.sqrt(first * (n - first) * (n + 1) / 12)
    most = first * n
    ways = [[1] + [0] * most, *([0] * (most + 1) for _ in range(first))]
    for rank in range(1, n + 1):
        for size in range(first, 0, -1):
            for total in range(most, rank - 1, -1):
                ways[size][total] += ways[size - 1][total - rank]
    left = ALPHA / 2 * math.comb(n, first)
    for total, count in enumerate(ways[first]):
        left -= count
        if left < 0:
            return total - 1
    return most


def _residual_of_step(values: Sequence[float], place: int) -> float:
    before, after = median(values[:place]), median(values[place:])
    return math.fsum(abs(v - (before if index < place else after)) for index, v in enumerate(values))


def _residual_of_trend(values: Sequence[float], slope: float) -> float:
    rest = [value - slope * index for index, value in enumerate(values)]
    center = median(rest)
    return math.fsum(abs(value - center) for value in rest)
