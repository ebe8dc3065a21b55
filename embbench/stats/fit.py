"""A linear fit of a few features to measured points, with its uncertainty.

Least squares weighted by 1/y², because times and sizes scatter in proportion to themselves (Seber and Lee, Linear
Regression Analysis, 2nd ed. 2003, section 3.10). Repeated measurements of the same features are a single
point, their median: repeats do not test the model, and would narrow the intervals of a wrong fit. Repeats that scatter
more than the points do count.
"""

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from scipy import special

from embbench.stats.summary import CONFIDENCE, Summary, median

REWEIGHED = 5  # times that the weights are taken from the fit itself; the sixth changes nothing in seven digits
EXTREME = 1e100  # no time or size is above it, or below 1/EXTREME; squares of such numbers still are numbers
SEPARABLE = 1e-9  # of the largest singular value: below it, features cannot be told apart

Features = tuple[float, ...]
Points = Mapping[Features, Sequence[float]]  # features -> values > 0


class Fit(msgspec.Struct, frozen=True):
    """n: points. scatters: of a new point, as a share of it, with their degrees of freedom: that of the points around
    the fit, that of their repeats; () where nothing is known of either. covariance: of the coefficients, at a scatter
    of 1. least: what the constant is not below. free: the coefficients without that bound, from which intervals go out.
    worst: the most that a point lies off the fit, as a share of the point.
    """

    coefficients: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    n: int
    scatters: tuple[tuple[float, int], ...]
    free: tuple[float, ...]
    least: float
    worst: float

    @property
    def bound_holds(self) -> bool:
        """Whether the sum with its constant held at the bound goes through its points, as far as they scatter: each
        with its share of the confidence (Bonferroni). Without a scatter nobody knows.
        """
        if self.coefficients == self.free or not self.scatters:
            return True
        return self.worst <= self._widest(1 - (1 - CONFIDENCE) / max(1, self.n - 1))

    def at(self, features: Features, confidence: float = CONFIDENCE) -> Summary:
        """What a new point would be, with its prediction interval (Seber and Lee, section 5.3), which does not reach
        below 0: neither do the values.
        """
        center, free = (
            math.fsum(map(math.prod, zip(each, features, strict=True))) for each in (self.coefficients, self.free)
        )
        given = np.array(features)
        variance = float(given @ np.array(self.covariance) @ given) + max(center, free) ** 2
        return self._around(center, free, variance, confidence, 0.0)

    def coefficient(self, index: int, confidence: float = CONFIDENCE) -> Summary:
        """One coefficient with its interval, which for the constant does not reach below `least`."""
        lowest = self.least if index == 0 else -math.inf
        center, free = self.coefficients[index], self.free[index]
        return self._around(center, free, self.covariance[index][index], confidence, lowest)

    def _around(self, center: float, free: float, variance: float, confidence: float, lowest: float) -> Summary:
        """center: with the bound, free: without. The interval of the free sum is what its data allow; it is stretched
        to the bounded one, and what is below the bound is cut off.
        """
        if not self.scatters:
            return Summary(center, None, None, self.n)
        half = self._widest(confidence) * math.sqrt(max(0.0, variance))
        return Summary(center, min(center, max(lowest, free - half)), max(center, free + half), self.n)

    def _widest(self, confidence: float) -> float:
        """Each scatter allows an interval of its own, and the wider one counts. Were the larger scatter taken by
        itself, repeats that scatter slightly more than the points would narrow the interval, having more freedom.
        """
        return max(
            scatter * float(special.stdtrit(freedom, (1 + confidence) / 2)) for scatter, freedom in self.scatters
        )


class LeftOut(msgspec.Struct, frozen=True):
    """A point that was left out of the fit: its measured value, and the prediction of the fit of the others."""

    features: Features
    measured: float
    predicted: Summary


def line(x: float) -> Features:
    """The features of y = a + b·x."""
    return (1.0, x)


def fit(points: Points, least: float = 0.0) -> Fit:
    """The sum that goes through the medians. least: below which the first coefficient makes no sense, where its feature
    is 1 for all points: what does not grow takes some time or memory, or none. Raises ValueError where there are fewer
    points than features, where these cannot be told apart, where a value or what is fitted to it is not above 0, or
    where numbers are too large or too small to be computed with.

    Where the sum of the least squares has a constant below `least`, `least` is the constant, and the others are those
    of the least squares with it. Scatter and covariance stay those of the free sum: that the bound is just what is true
    is not known, so it must not narrow an interval.
    """
    given = np.array(list(points), dtype=float)
    values = np.array([median(found) for found in points.values()])
    if not len(values) or len(values) < given.shape[1]:
        raise ValueError(f"{len(values)} points are too few")
    if values.min() <= 0:
        raise ValueError("a value is not above 0")
    if not all(1 / EXTREME < value < EXTREME for each in points.values() for value in each) or given.max() > EXTREME:
        raise ValueError("a value is too large or too small")
    free = found = _reweighed(given, values, None)
    if free.coefficients[0] < least and (given[:, 0] == 1).all():
        found = _reweighed(given, values, min(least, float(values.min())))
    freedom = len(values) - given.shape[1]
    scatters = [(math.sqrt(free.squares / freedom), freedom)] if freedom else []
    again = repeats(points)
    scatters += [again] if again[1] else []
    coefficients = tuple(found.coefficients.tolist())
    return Fit(
        coefficients=coefficients,
        covariance=tuple(map(tuple, free.covariance.tolist())),
        n=len(values),
        scatters=tuple(scatters),
        free=tuple(free.coefficients.tolist()),
        least=min(least, coefficients[0]),
        worst=float(np.abs(given @ found.coefficients / values - 1).max()),
    )


def leave_one_out(points: Points) -> list[LeftOut]:
    """Every point against the fit of the others. Raises ValueError where the others do not suffice (see `fit`)."""
    others = ({other: kept for other, kept in points.items() if other != each} for each in points)
    return [
        LeftOut(each, median(found), fit(rest).at(each))
        for (each, found), rest in zip(points.items(), others, strict=True)
    ]


class _Solved(msgspec.Struct, frozen=True):
    """covariance: at a scatter of 1. squares: their sum, relative."""

    coefficients: np.ndarray
    covariance: np.ndarray
    squares: float


def _reweighed(given: np.ndarray, values: np.ndarray, constant: float | None) -> _Solved:
    """With weights that are those of the sum itself. constant: what the first coefficient is held at."""
    fitted, solved = values, None
    for _ in range(REWEIGHED + 1):
        solved = _solve(given, values, fitted, constant)
        fitted = given @ solved.coefficients
        if fitted.min() <= 0:
            raise ValueError("no such sum describes the values: it is not above 0 where they are")
    assert solved is not None
    return solved


def _solve(given: np.ndarray, values: np.ndarray, fitted: np.ndarray, constant: float | None) -> _Solved:
    """given: (points, features), divided by their largest, so that millions of rows lose no digit. Raises ValueError
    also where a product overflows: LAPACK, given what is not finite, writes to stdout and need not end.
    """
    with np.errstate(all="ignore"):  # what comes of it is checked
        return _solved(given, values, fitted, constant)


def _solved(given: np.ndarray, values: np.ndarray, fitted: np.ndarray, constant: float | None) -> _Solved:
    scale = np.abs(given).max(axis=0)
    weighted = given / scale / fitted[:, None]
    told = values / fitted
    products = weighted.T @ weighted
    if not (np.isfinite(products).all() and np.isfinite(told @ told)):
        raise ValueError("the values are too far apart")
    singular = np.linalg.svd(weighted, compute_uv=False)
    if singular[-1] < SEPARABLE * singular[0]:
        raise ValueError("the features cannot be told apart")
    if constant is None:
        found = np.linalg.lstsq(weighted, told)[0]
    else:
        rest = np.linalg.lstsq(weighted[:, 1:], told - weighted[:, 0] * constant)[0]
        found = np.concatenate([[constant], rest])
    left = told - weighted @ found
    covariance = np.linalg.inv(products) / np.outer(scale, scale)
    solved = _Solved(found / scale, covariance, float(left @ left))
    if not (np.isfinite(solved.coefficients).all() and np.isfinite(covariance).all() and math.isfinite(solved.squares)):
        raise ValueError("the values are too far apart")
    return solved


def repeats(points: Points) -> tuple[float, int]:
    """Scatter of medians, from the relative one of repeats around theirs, and its degrees of freedom; (0, 0) where
    nothing was repeated. The median of n values scatters up to sqrt(pi/2) times as much as their mean.
    """
    squares: list[float] = []
    freedom = 0
    for values in points.values():
        center = median(values)
        squares += [(value / center - 1) ** 2 for value in values]
        freedom += len(values) - 1
    if not freedom:
        return 0.0, 0
    fewest = min(map(len, points.values()))
    of_median = math.pi / 2 if fewest > 2 else 1.0
    return math.sqrt(math.fsum(squares) / freedom * of_median / fewest), freedom
