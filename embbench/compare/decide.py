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
    """Times of two sides, weighed and not yet decided: that needs all that are decided together."""

    shift: Shift
    threshold: float

    @property
    def found(self) -> tuple[float, float, float]:
        """p of not slower, not faster, not the same."""
        shift, effect = self.shift, self.threshold
        return exceeds(shift, effect), falls_below(shift, effect), equivalent(shift, effect)


def weigh(
    base: Sequence[float], candidate: Sequence[float], threshold: float, ratios: Sequence[float] = ()
) -> Weighed | Ruling:
    """Times, one a round. ratios: candidate / base, one a launch, where launches measured both sides.

    A Ruling where the values allow no test.
    """
    if min(*base, *candidate) <= 0:
        return Ruling("incomparable", "bad-samples")
    if any(len(side) > 1 and min(side) == max(side) for side in (base, candidate)):
        return Ruling("incomparable", "no-spread")
    if min(len(base), len(candidate)) < 2:
        center = ratios[0] if ratios else median(candidate) / median(base)
        return Ruling("inconclusive", "few-rounds", Summary(center, None, None, 1))
    return Weighed(paired(ratios) if ratios else unpaired(base, candidate), threshold)


def rule(weighed: Sequence[Weighed], alpha: float = ALPHA) -> list[Ruling]:
    """The verdicts of all that are decided together, by Holm's adjustment."""
    adjusted = zip(*(holm(column) for column in zip(*(each.found for each in weighed), strict=True)), strict=True)
    return [_ruling(each, p, len(weighed), alpha) for each, p in zip(weighed, adjusted, strict=True)]


def rule_exact(base: Sequence[float], candidate: Sequence[float], threshold: float) -> Ruling:
    """Bytes and counts, one a round. Worse where every value of the candidate is beyond every one of the base by more
    than the threshold: their scatter is no error of measurement, so it must not be averaged away.
    """
    low, high = _over(min(candidate), max(base)), _over(max(candidate), min(base))
    ratio = Summary(_over(median(candidate), median(base)), low, high, min(len(base), len(candidate)))
    limit = 1 + threshold
    if low > limit:
        return Ruling("regression", "exact", ratio)
    if high < 1 / limit:
        return Ruling("improvement", "exact", ratio)
    if 1 / limit <= low and high <= limit:
        return Ruling("same", "exact", ratio)
    return Ruling("inconclusive", "scatter", ratio)


def _ruling(weighed: Weighed, p: tuple[float, float, float], family: int, alpha: float) -> Ruling:
    shift = weighed.shift
    evidence = Evidence(*weighed.found, shift.error * math.sqrt(shift.n), p, family)
    slower, faster, same = (value < alpha for value in p)
    ratio = interval(shift)
    if slower:
        return Ruling("regression", "shown", ratio, evidence)
    if faster:
        return Ruling("improvement", "shown", ratio, evidence)
    if same:
        return Ruling("same", "within", ratio, evidence)
    return Ruling("inconclusive", "noise", ratio, evidence)


def _over(top: float, bottom: float) -> float:
    if bottom == 0:
        return 1.0 if top == 0 else float("inf")
    return top / bottom
