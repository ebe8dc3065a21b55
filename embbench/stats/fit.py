"""A sum of a few features, each times a coefficient, through measured points; how well it is known.

Least squares weighted by 1/y², since times and sizes scatter in proportion to themselves (Seber and Lee, Linear
Regression Analysis, 2nd ed. 2003, section 3.10). Where the features are the same, that is one point, its median,
however often it was measured: repeats tell nothing of whether the features describe what happens, and would make the
intervals of a wrong sum narrow.
"""

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from scipy import special

from embbench.stats.summary import CONFIDENCE, Summary, median

REWEIGHED = 5  # times that the weights are taken from the fit itself; the sixth changes nothing in seven digits
SEPARABLE = 1e-9  # of the largest singular value: below it, features cannot be told apart

Features = tuple[float, ...]
Points = Mapping[Features, Sequence[float]]  # features -> values > 0


class Fit(msgspec.Struct, frozen=True):
    """n: points. scatter: standard deviation of a new point, as a share of it, with its degrees of `freedom`; where
    that is 0, nothing is known of it. covariance: of the coefficients, at a scatter of 1.
    """

    coefficients: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    n: int
    scatter: float
    freedom: int

    def at(self, features: Features) -> Summary:
        """What a new point would be, with its 95 % prediction interval (Seber and Lee, section 5.3)."""
        center = math.fsum(map(math.prod, zip(self.coefficients, features, strict=True)))
        given = np.array(features)
        return self._around(center, float(given @ np.array(self.covariance) @ given) + center * center)

    def coefficient(self, index: int) -> Summary:
        """One coefficient with its 95 % interval."""
        return self._around(self.coefficients[index], self.covariance[index][index])

    def _around(self, center: float, variance: float) -> Summary:
        if not self.freedom:
            return Summary(center, None, None, self.n)
        quantile = float(special.stdtrit(self.freedom, (1 + CONFIDENCE) / 2))
        half = quantile * self.scatter * math.sqrt(max(0.0, variance))
        return Summary(center, center - half, center + half, self.n)


class Held(msgspec.Struct, frozen=True):
    """A point that was left out: what was measured there, and what the fit of the others says."""

    features: Features
    measured: float
    predicted: Summary


def line(x: float) -> Features:
    """Of y = a + b·x."""
    return (1.0, x)


def fit(points: Points) -> Fit:
    """The sum that goes through the medians. Raises ValueError where there are fewer points than features, where these
    cannot be told apart, or where a value or what is fitted to it is not above 0.

    The scatter is that of the points around the fit, or that of repeats where it is larger; with as many points as
    features there are only repeats to tell it.
    """
    given = np.array(list(points), dtype=float)
    values = np.array([median(found) for found in points.values()])
    if not len(values) or len(values) < given.shape[1]:
        raise ValueError(f"{len(values)} points are too few")
    if values.min() <= 0:
        raise ValueError("a value is not above 0")
    fitted = values
    for _ in range(REWEIGHED + 1):
        coefficients, covariance, squares = _solve(given, values, fitted)
        fitted = given @ coefficients
        if fitted.min() <= 0:
            raise ValueError("no such sum describes the values: it is not above 0 where they are")
    freedom = len(values) - given.shape[1]
    scatter = math.sqrt(squares / freedom) if freedom else 0.0
    repeats, more = _repeats(points)
    if more and (not freedom or repeats > scatter):
        scatter, freedom = repeats, more
    return Fit(tuple(coefficients.tolist()), tuple(map(tuple, covariance.tolist())), len(values), scatter, freedom)


def leave_one_out(points: Points) -> list[Held]:
    """Each point against the fit of the others. Raises ValueError where those do not suffice (see `fit`)."""
    return [
        Held(each, median(found), fit({other: kept for other, kept in points.items() if other != each}).at(each))
        for each, found in points.items()
    ]


def _solve(given: np.ndarray, values: np.ndarray, fitted: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients, their covariance at a scatter of 1, and the sum of squares. given: (points, features), divided by
    their largest, so that millions of rows lose no digit.
    """
    scale = np.abs(given).max(axis=0)
    weighted = given / scale / fitted[:, None]
    found, _, _, singular = np.linalg.lstsq(weighted, values / fitted)
    if singular[-1] < SEPARABLE * singular[0]:
        raise ValueError("the features cannot be told apart")
    rest = values / fitted - weighted @ found
    covariance = np.linalg.inv(weighted.T @ weighted) / np.outer(scale, scale)
    return found / scale, covariance, float(rest @ rest)


def _repeats(points: Points) -> tuple[float, int]:
    """Scatter of medians, from the relative one of repeats around theirs, and its degrees of freedom; (0, 0) where
    nothing was repeated. The median of n values scatters up to sqrt(pi/2) times as much as their mean.
    """
    squares, freedom = [], 0
    for values in points.values():
        center = median(values)
        squares += [(value / center - 1) ** 2 for value in values]
        freedom += len(values) - 1
    if not freedom:
        return 0.0, 0
    fewest = min(map(len, points.values()))
    of_median = math.pi / 2 if fewest > 2 else 1.0
    return math.sqrt(math.fsum(squares) / freedom * of_median / fewest), freedom
