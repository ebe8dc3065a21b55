"""From values to a verdict. Times are sampled and need a test; bytes and counts are compared as they are."""

import math
from collections.abc import Sequence

import msgspec

from embbench.compare.comparison import Evidence, Verdict
from embbench.stats.hypotheses import Shift, equivalent, exceeds, falls_below, interval, paired, unpaired
from embbench.stats.multiplicity import holm
from embbench.stats.summary import Summary, median

ALPHA = 0.01  # the chance of any false regression in one comparison of two files


class Ruling(msgspec.Struct, frozen=True):
    """What is decided of one metric of one case. evidence: None for what is compared as it is."""

    verdict: Verdict
    reason: str
    ratio: Summary | None = None
    evidence: Evidence | None = None


class Weighed(msgspec.Struct, frozen=True):
    """Values of two sides, weighed and not yet decided: that needs all that are decided together. higher: whether a
    higher value is the better one, as of a rate.
    """

    shift: Shift
    threshold: float
    higher: bool = False

    @property
    def found(self) -> tuple[float, float, float]:
        """p of not worse, not better, not the same."""
        shift, effect = self.shift, self.threshold
        above, below = exceeds(shift, effect), falls_below(shift, effect)
        worse, better = (below, above) if self.higher else (above, below)
        return worse, better, equivalent(shift, effect)


def weigh(
    base: Sequence[float],
    candidate: Sequence[float],
    threshold: float,
    ratios: Sequence[float] = (),
    higher: bool = False,
    clock: bool = True,
) -> Weighed | Ruling:
    """Sampled values, one a round. ratios: candidate / base, one a launch, where launches measured both sides. higher:
    see `Weighed`. clock: whether a clock gave the values, so that none is 0 and not all are the same.

    A Ruling where the values allow no test.
    """
    if (least := min(*base, *candidate)) <= 0:
        return Ruling("incomparable", "bad-samples" if clock or least < 0 else "zero")
    if clock and any(len(side) > 1 and min(side) == max(side) for side in (base, candidate)):
        return Ruling("incomparable", "no-spread")
    if min(len(base), len(candidate)) < 2:
        center = ratios[0] if ratios else median(candidate) / median(base)
        return Ruling("inconclusive", "few-rounds", Summary(center, None, None, 1))
    return Weighed(paired(ratios) if ratios else unpaired(base, candidate), threshold, higher)


def rule(weighed: Sequence[Weighed], alpha: float = ALPHA) -> list[Ruling]:
    """The verdicts of all that are decided together, by Holm's adjustment."""
    adjusted = zip(*(holm(column) for column in zip(*(each.found for each in weighed), strict=True)), strict=True)
    return [_ruling(each, p, len(weighed), alpha) for each, p in zip(weighed, adjusted, strict=True)]


def rule_exact(base: Sequence[float], candidate: Sequence[float], threshold: float, higher: bool = False) -> Ruling:
    """Exact values (bytes, counts), one a round. Worse where every value of the candidate is beyond every one of the
    base by more than the threshold: their scatter is no error of measurement, so it must not be averaged away.
    higher: see `Weighed`.
    """
    low, high = _over(min(candidate), max(base)), _over(max(candidate), min(base))
    ratio = Summary(_over(median(candidate), median(base)), low, high, min(len(base), len(candidate)))
    limit = 1 + threshold
    if low > limit:
        return Ruling("improvement" if higher else "regression", "exact", ratio)
    if high < 1 / limit:
        return Ruling("regression" if higher else "improvement", "exact", ratio)
    if 1 / limit <= low and high <= limit:
        return Ruling("same", "exact", ratio)
    return Ruling("inconclusive", "scatter", ratio)


def _ruling(weighed: Weighed, p: tuple[float, float, float], family: int, alpha: float) -> Ruling:
    shift = weighed.shift
    evidence = Evidence(*weighed.found, shift.error * math.sqrt(shift.n), p, family)
    worse, better, same = (value < alpha for value in p)
    ratio = interval(shift)
    if worse:
        return Ruling("regression", "shown", ratio, evidence)
    if better:
        return Ruling("improvement", "shown", ratio, evidence)
    if same:
        return Ruling("same", "within", ratio, evidence)
    return Ruling("inconclusive", "noise", ratio, evidence)


def _over(top: float, bottom: float) -> float:
    if bottom == 0:
        return 1.0 if top == 0 else float("inf")
    return top / bottom
