"""The slope of a line through a known point, against closed forms, SciPy and simulation."""

import numpy as np
import pytest
from scipy import optimize, stats

from embbench.stats.slope import slope


def test_one_place_is_a_mean_with_student_interval():
    found = slope([1.0] * 3, [0.1, 0.2, 0.3], [1.0] * 3)
    half = stats.t.ppf(0.975, 2) * 0.1 / 3**0.5
    assert (found.center, found.low, found.high, found.n) == pytest.approx((0.2, 0.2 - half, 0.2 + half, 3))


def test_values_on_a_line_are_known_exactly():
    found = slope([0.5, -3.0], [0.25, -1.5], [1.0, 0.1])
    assert (found.center, found.low, found.high) == pytest.approx((0.5, 0.5, 0.5))


def test_it_is_that_of_scipy_with_weights():
    generator = np.random.default_rng(1)
    places = np.array([0.875, 0.5, 0.875, 0.5, -3.0])
    spread = np.array([0.1, 0.2, 0.1, 0.3, 0.5])
    values = 0.4 * places + generator.normal(0, spread)
    (center,), covariance = optimize.curve_fit(lambda place, s: s * place, places, values, sigma=spread)
    half = stats.t.ppf(0.975, 4) * covariance[0, 0] ** 0.5
    found = slope(places, values, spread**-2)
    assert (found.center, found.low, found.high) == pytest.approx((center, center - half, center + half))


def test_a_single_value_has_no_interval_and_no_place_no_slope():
    found = slope([0.5], [0.1], [1.0])
    assert (found.center, found.low, found.high, found.n) == (0.2, None, None, 1)
    assert slope([0.0, 0.0], [0.1, 0.2], [1.0, 1.0]) is None
    assert slope([], [], []) is None


@pytest.mark.parametrize("share", [0.05, 0.9])
def test_intervals_cover_the_share_of_ratios_that_scatter_in_proportion(share):
    """Ratios to the step at 8 rows, of two rounds each at 1 and 4 rows, weighted by 1 / ratio²."""
    generator = np.random.default_rng(2)
    places = 1 - np.array([1, 4, 1, 4]) / 8
    ratios = (1 - share * places) * np.exp(generator.normal(0, 0.04, (4000, 4)))
    found = [slope(places, 1 - each, each**-2) for each in ratios]
    assert np.mean([each.low <= share <= each.high for each in found]) == pytest.approx(0.95, abs=0.015)
