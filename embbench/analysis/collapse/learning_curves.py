"""The learning curves of a Result: ends, best places, steps to a target, and differences within seeds.

Two results have the same data and initial weights in a seed, so their curves are compared seed by seed. Seeds scatter
far more than the differences within them.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from embbench.analysis.collapse.collapse import Result
from embbench.cases.learning_curve import LearningCurve
from embbench.stats.summary import Summary, summarize, summarize_differences

IN_A_ROW = 3  # scores at the target, from which on a curve has reached it: a single score may be luck

CurveNumber = Callable[[LearningCurve], float | None]  # a number of a curve; None where it has no such number


class Best(NamedTuple):
    """The smallest value of a score, and its step."""

    step: int
    value: float


class Arrival(NamedTuple):
    """The target is reached after more than `after` steps, and at most `by`. by: None where the curve ends before."""

    after: int
    by: int | None


def curves_of(result: Result) -> dict[int, LearningCurve]:
    """Seed -> curve, of all ok rounds."""
    return {curve.seed: curve for round_ in result.good for curve in round_.curves}


def end(curve: LearningCurve, score: str) -> float | None:
    """The last value; None where it is not finite or the curve lacks the score."""
    values = curve.scores.get(score)
    return values[-1] if values else None


def best(curve: LearningCurve, score: str) -> Best | None:
    """None where no value is finite, or the curve lacks the score."""
    pairs = zip(curve.steps, curve.scores.get(score, ()), strict=False)
    found = [Best(step, value) for step, value in pairs if value is not None]
    return min(found, key=lambda each: each.value, default=None)


def arrival(curve: LearningCurve, score: str, share: float) -> Arrival:
    """Where IN_A_ROW values have come down to `share` of the first value. Raises KeyError for another score."""
    values = curve.scores[score]
    first = values[0]
    there = [first is not None and each is not None and each <= share * first for each in values]
    for place in range(len(there) - IN_A_ROW + 1):
        if all(there[place : place + IN_A_ROW]):
            return Arrival(curve.steps[place - 1] if place else 0, curve.steps[place])
    return Arrival(curve.steps[-1], None)


def over_seeds(result: Result, value: CurveNumber) -> Summary | None:
    """The median over seeds; None where a curve has no such number, or where there are no curves."""
    values = _all_numbers(value(curve) for curve in curves_of(result).values())
    return summarize(values) if values else None


def paired(result: Result, reference: Result, value: CurveNumber) -> Summary | None:
    """result - reference within seeds; None without common seeds, or where a curve has no such number."""
    pairs = _pairs(result, reference, value)
    return summarize_differences([one - other for one, other in pairs]) if pairs else None


def paired_ratio(result: Result, reference: Result, value: CurveNumber) -> Summary | None:
    """result / reference within seeds; None as for `paired`, or where a number is not above 0."""
    pairs = _pairs(result, reference, value)
    if not pairs or min(map(min, pairs)) <= 0:
        return None
    return summarize([one / other for one, other in pairs])


def _pairs(result: Result, reference: Result, value: CurveNumber) -> list[tuple[float, float]]:
    one, other = curves_of(result), curves_of(reference)
    common = [seed for seed in one if seed in other]
    firsts, seconds = (_all_numbers(value(curves[seed]) for seed in common) for curves in (one, other))
    return list(zip(firsts, seconds, strict=True)) if firsts and seconds else []


def _all_numbers(values: Iterable[float | None]) -> list[float]:
    """[] where a value is missing: leaving out the seeds that failed would flatter a training that fails."""
    found = list(values)
    numbers = [each for each in found if each is not None]
    return numbers if len(numbers) == len(found) else []
