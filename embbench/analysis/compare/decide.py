"""From values to a verdict. Times are sampled and need a test; bytes and counts are compared as they are."""

import math
from collections.abc import Sequence

import msgspec

from embbench.analysis.compare.comparison import Evidence, Reason, Verdict
from embbench.stats.hypotheses import Shift, equivalent, exceeds, falls_below, interval, paired, unpaired
from embbench.stats.multiplicity import holm
from embbench.stats.summary import Summary, median

ALPHA = 0.01  # the chance of any false regression in a comparison of two files


class Decided(msgspec.Struct, frozen=True):
    """The decision on a metric of a case. evidence: None for exact values."""

    verdict: Verdict
    reason: Reason
    ratio: Summary | None = None
    evidence: Evidence | None = None


class FoundShift(msgspec.Struct, frozen=True):
    """The measured shift between two sides, not yet decided, because all comparisons are decided together. higher:
    whether a higher value is better, as for a rate.
    """

    shift: Shift
    threshold: float
    higher: bool = False

    @property
    def found(self) -> tuple[float, float, float]:
        """p-values of 'not worse', 'not better', 'not the same'."""
        shift, effect = self.shift, self.threshold
        above, below = exceeds(shift, effect), falls_below(shift, effect)
        worse, better = (below, above) if self.higher else (above, below)
        return worse, better, equivalent(shift, effect)


def find_shift(
    base: Sequence[float],
    candidate: Sequence[float],
    threshold: float,
    ratios: Sequence[float] = (),
    higher: bool = False,
    clock: bool = True,
) -> FoundShift | Decided:
    """The shift between sampled values, a value per round. ratios: candidate / base per launch, where launches measured
    both sides. higher: see `FoundShift`. clock: whether the values are times of a clock, which are above 0 and not all
    equal.

    Returns a Decided where the values allow no test.
    """
    if (least := min(*base, *candidate)) <= 0:
        return Decided("incomparable", "bad-samples" if clock or least < 0 else "zero")
    if clock and any(len(side) > 1 and min(side) == max(side) for side in (base, candidate)):
        return Decided("incomparable", "no-spread")
    if min(len(base), len(candidate)) < 2:
        center = ratios[0] if ratios else median(candidate) / median(base)
        return Decided("inconclusive", "few-rounds", Summary(center, None, None, 1))
    return FoundShift(paired(ratios) if ratios else unpaired(base, candidate), threshold, higher)


def decide(tested: Sequence[FoundShift], alpha: float = ALPHA) -> list[Decided]:
    """The verdicts of all comparisons together, with Holm's adjustment."""
    adjusted = zip(*(holm(column) for column in zip(*(each.found for each in tested), strict=True)), strict=True)
    return [_decided(each, p, len(tested), alpha) for each, p in zip(tested, adjusted, strict=True)]


def decide_exact(base: Sequence[float], candidate: Sequence[float], threshold: float, higher: bool = False) -> Decided:
    """The decision on exact values (bytes, counts), a value per round. The candidate is worse where all its values
    exceed all values of the base by more than the threshold: the scatter is no error of measurement and is not
    averaged. higher: see `FoundShift`.
    """
    low, high = _over(min(candidate), max(base)), _over(max(candidate), min(base))
    ratio = Summary(_over(median(candidate), median(base)), low, high, min(len(base), len(candidate)))
    limit = 1 + threshold
    if low > limit:
        return Decided("improvement" if higher else "regression", "exact", ratio)
    if high < 1 / limit:
        return Decided("regression" if higher else "improvement", "exact", ratio)
    if 1 / limit <= low and high <= limit:
        return Decided("same", "exact", ratio)
    return Decided("inconclusive", "scatter", ratio)


def _decided(tested: FoundShift, p: tuple[float, float, float], family: int, alpha: float) -> Decided:
    shift = tested.shift
    evidence = Evidence(*tested.found, shift.error * math.sqrt(shift.n), p, family)
    worse, better, same = (value < alpha for value in p)
    ratio = interval(shift)
    if worse:
        return Decided("regression", "shown", ratio, evidence)
    if better:
        return Decided("improvement", "shown", ratio, evidence)
    if same:
        return Decided("same", "within", ratio, evidence)
    return Decided("inconclusive", "noise", ratio, evidence)


def _over(top: float, bottom: float) -> float:
    if bottom == 0:
        return 1.0 if top == 0 else float("inf")
    return top / bottom
