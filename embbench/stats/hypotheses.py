"""Is a change beyond an effect, or within it? Student's t on logarithms, with one value per process or launch.

Logarithms, because times are about log-normal, and because a ratio and its inverse must give the same result. All
functions take positive, independent values. Samples of one process are not independent (see `stats.drift`).
"""

import math
from collections.abc import Sequence

import msgspec
from scipy import stats

from embbench.stats.summary import CONFIDENCE, Summary


class Shift(msgspec.Struct, frozen=True):
    """log(candidate / base). mean: its mean. error: standard error of the mean; 0 where all values are equal. freedom:
    degrees of freedom. n: values of the smaller side.
    """

    mean: float
    error: float
    freedom: float
    n: int


def paired(ratios: Sequence[float]) -> Shift:
    """The shift from candidate / base per launch. Raises ValueError for fewer than 2 values."""
    logs = [math.log(ratio) for ratio in ratios]
    n = _enough(logs)
    return Shift(math.fsum(logs) / n, math.sqrt(_variance(logs) / n), n - 1, n)


def unpaired(base: Sequence[float], candidate: Sequence[float]) -> Shift:
    """The shift from a value per process on each side, with unequal variances (Welch, Biometrika 34 (1947) 28-35).

    Raises ValueError for fewer than 2 values on a side.
    """
    sides = [[math.log(value) for value in values] for values in (base, candidate)]
    sizes = [_enough(logs) for logs in sides]
    means = [math.fsum(logs) / n for logs, n in zip(sides, sizes, strict=True)]
    parts = [_variance(logs) / n for logs, n in zip(sides, sizes, strict=True)]
    both = sum(parts)
    spread = sum(part**2 / (n - 1) for part, n in zip(parts, sizes, strict=True))
    freedom = both**2 / spread if spread else sum(sizes) - 2
    return Shift(means[1] - means[0], math.sqrt(both), freedom, min(sizes))


def interval(shift: Shift, confidence: float = CONFIDENCE) -> Summary:
    """The ratio of a shift, with its two-sided interval."""
    half = shift.error * float(stats.t.ppf((1 + confidence) / 2, shift.freedom)) if shift.error else 0.0
    return Summary(_exp(shift.mean), _exp(shift.mean - half), _exp(shift.mean + half), shift.n)


def exceeds(shift: Shift, effect: float) -> float:
    """p of "the ratio is at most 1 + effect"; a small p shows a larger ratio. A minimum-effect test (Murphy and Myors,
    Journal of Applied Psychology 84 (1999) 234-248). A test against no effect was rejected: with enough launches there
    is always some difference.
    """
    return _above(shift, math.log1p(effect))


def falls_below(shift: Shift, effect: float) -> float:
    """p of "the ratio is at least 1 / (1 + effect)": `exceeds` with the sides exchanged."""
    return _above(msgspec.structs.replace(shift, mean=-shift.mean), math.log1p(effect))


def equivalent(shift: Shift, effect: float) -> float:
    """p of "the ratio lies outside 1 / (1 + effect) to 1 + effect"; a small p shows that the ratio lies inside. Two
    one-sided tests (Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15 (1987) 657-680).
    """
    bound = math.log1p(effect)
    mirrored = msgspec.structs.replace(shift, mean=-shift.mean)
    return max(_above(shift, -bound), _above(mirrored, -bound))


def _above(shift: Shift, bound: float) -> float:
    if not shift.error:
        return 0.0 if shift.mean > bound else 1.0
    return float(stats.t.sf((shift.mean - bound) / shift.error, shift.freedom))


def _variance(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _enough(values: Sequence[float]) -> int:
    if len(values) < 2:
        raise ValueError(f"{len(values)} values tell no spread")
    return len(values)


def _exp(value: float) -> float:
    return math.exp(value) if value < 709 else math.inf
