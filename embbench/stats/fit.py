"""A linear fit of a few features to measured points, with its uncertainty.

Least squares weighted by 1/y², because times and sizes scatter in proportion to themselves (Seber and Lee, Linear
Regression Analysis, 2nd ed. 2003, section 3.10). Repeated measurements of the same features count as a single point,
their median: repeats do not test the model, and would narrow the intervals of a wrong fit. Where repeats scatter more
than the points do, their scatter widens the intervals.
"""

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from scipy import special

from embbench.stats.summary import CONFIDENCE, Summary, median

REWEIGHED = 5  # repetitions with weights from the fit itself; a sixth changes nothing in seven digits
EXTREME = 1e100  # times and sizes lie between 1/EXTREME and EXTREME; squares of such numbers do not overflow
SEPARABLE = 1e-9  # of the largest singular value: features with a smaller singular value are not separable

Features = tuple[float, ...]
Points = Mapping[Features, Sequence[float]]  # features -> values > 0


class Fit(msgspec.Struct, frozen=True):
    """A fitted sum. n: number of points. scatters: (relative scatter of a new point, degrees of freedom), from the
    points around the fit and from the repeats; () where both are unknown. covariance: of the coefficients, at a scatter
    of 1. least: lower bound of the constant. free: coefficients without that bound; intervals start from them. worst:
    largest deviation of a point from the fit, as a share of the point.
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
        """Whether the fit with its constant held at the bound agrees with all points, within their scatter. The
        confidence is divided among the points (Bonferroni). True where the scatter is unknown.
        """
        if self.coefficients == self.free or not self.scatters:
            return True
        return self.worst <= self._widest(1 - (1 - CONFIDENCE) / max(1, self.n - 1))

    def at(self, features: Features, confidence: float = CONFIDENCE) -> Summary:
        """A new point with its prediction interval (Seber and Lee, section 5.3). The interval does not reach below 0,
        because no value does.
        """
        center, free = (
            math.fsum(map(math.prod, zip(each, features, strict=True))) for each in (self.coefficients, self.free)
        )
        given = np.array(features)
        variance = float(given @ np.array(self.covariance) @ given) + max(center, free) ** 2
        return self._around(center, free, variance, confidence, 0.0)

    def coefficient(self, index: int, confidence: float = CONFIDENCE) -> Summary:
        """A coefficient with its interval. The interval of the constant does not reach below `least`."""
        lowest = self.least if index == 0 else -math.inf
        center, free = self.coefficients[index], self.free[index]
        return self._around(center, free, self.covariance[index][index], confidence, lowest)

    def _around(self, center: float, free: float, variance: float, confidence: float, lowest: float) -> Summary:
        """center: with the bound. free: without the bound. The data allow the interval of the free sum; it is extended
        to include the bounded sum, and cut off at `lowest`.
        """
        if not self.scatters:
            return Summary(center, None, None, self.n)
        half = self._widest(confidence) * math.sqrt(max(0.0, variance))
        return Summary(center, min(center, max(lowest, free - half)), max(center, free + half), self.n)

    def _widest(self, confidence: float) -> float:
        """Half the width of the interval at a variance of 1: the widest over all scatters. Taking only the larger
        scatter was rejected: repeats that scatter slightly more than the points have more degrees of freedom and would
        narrow the interval.
        """
        return max(
            scatter * float(special.stdtrit(freedom, (1 + confidence) / 2)) for scatter, freedom in self.scatters
        )


class LeftOut(msgspec.Struct, frozen=True):
    """A point that the fit left out: its measured value, and the prediction from the other points."""

    features: Features
    measured: float
    predicted: Summary


def line(x: float) -> Features:
    """The features of y = a + b·x."""
    return (1.0, x)


def fit(points: Points, least: float = 0.0) -> Fit:
    """The sum of features through the medians of the points.

    least: lower bound of the first coefficient, if its feature is 1 for all points (the constant: time or memory cannot
    be negative). Where the least-squares fit has a constant below `least`, the constant is `least`, and the other
    coefficients are fitted again. Scatter and covariance stay those of the free fit: the true constant need not be the
    bound, so the bound must not narrow an interval.

    Raises ValueError for fewer points than features, for features that are not separable, where a value or its fit is
    not above 0, and for numbers that are too large or too small to compute with.
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
    """covariance: at a scatter of 1. squares: sum of the squared relative residuals."""

    coefficients: np.ndarray
    covariance: np.ndarray
    squares: float


def _reweighed(given: np.ndarray, values: np.ndarray, constant: float | None) -> _Solved:
    """Least squares with weights from the fit itself. constant: value of the first coefficient; None to fit it."""
    fitted, solved = values, None
    for _ in range(REWEIGHED + 1):
        solved = _solve(given, values, fitted, constant)
        fitted = given @ solved.coefficients
        if fitted.min() <= 0:
            raise ValueError("no such sum describes the values: it is not above 0 where they are")
    assert solved is not None
    return solved


def _solve(given: np.ndarray, values: np.ndarray, fitted: np.ndarray, constant: float | None) -> _Solved:
    """given: (points, features). Features are divided by their largest value, so that millions of rows lose no digit.
    Raises ValueError also where a product overflows: LAPACK writes to stdout for non-finite input, and may never
    return.
    """
    with np.errstate(all="ignore"):  # `_solved` checks the results
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
    """(relative scatter of the points' medians, degrees of freedom), from repeats around their median; (0, 0) without
    repeats. The median of n values scatters up to sqrt(pi/2) times as much as their mean. Raises ValueError for values
    that are too far apart to be squared.
    """
    freedom = sum(len(values) - 1 for values in points.values())
    if not freedom:
        return 0.0, 0
    fewest = min(map(len, points.values()))
    of_median = math.pi / 2 if fewest > 2 else 1.0
    centers = [(median(values), values) for values in points.values()]
    try:
        squares = math.fsum((value / center - 1) ** 2 for center, values in centers for value in values)
    except OverflowError:
        raise ValueError("the values are too far apart") from None
    return math.sqrt(squares / freedom * of_median / fewest), freedom
