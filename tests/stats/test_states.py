"""Two groups of values, or one."""

import math

import numpy as np
import pytest

from embbench.stats.states import boundary


def rng(seed=0):
    return np.random.default_rng(seed)


def split(seed, low, high, spread=0.04):
    """So many nanoseconds near and far, as two-CPU machines have them."""
    made = rng(seed)
    return [*270 * np.exp(made.normal(0, spread, low)), *470 * np.exp(made.normal(0, spread, high))]


@pytest.mark.parametrize(("low", "high"), [(50, 50), (95, 5), (5, 95), (10, 10), (300, 20), (4, 4)])
def test_two_groups_are_parted_between_them(low, high):
    for seed in range(20):
        found = boundary(split(seed, low, high))
        assert found is not None
        assert 300 < found < 430


@pytest.mark.parametrize(
    "draw",
    [
        lambda made, n: 350 * np.exp(made.normal(0, 0.05, n)),
        lambda made, n: 350 * np.exp(made.normal(0, 0.3, n)),
        lambda made, n: made.uniform(300, 600, n),
        lambda made, n: 350 * np.exp(np.minimum(5, 0.05 * np.abs(made.standard_cauchy(n)))),
        lambda made, n: 350 + made.exponential(60, n),
        lambda made, n: np.full(n, 350.0),
    ],
    ids=["normal", "wide", "uniform", "heavy tail", "skewed", "all the same"],
)
@pytest.mark.parametrize("n", [6, 10, 30, 100, 1000])
def test_one_group_is_not_parted(draw, n):
    """200 sets each: no more than 4 may be parted."""
    assert sum(boundary(draw(rng(seed), n)) is not None for seed in range(200)) <= 4


def test_a_few_outliers_are_no_group():
    values = [*split(0, 300, 0), 2000, 2100, 1900, 2050, 1950]
    assert boundary(values) is None


def test_too_few_values_tell_nothing():
    assert boundary([270, 270, 470, 470]) is None
    assert boundary([]) is None


def test_groups_that_hardly_differ_are_one():
    assert boundary([*[100.0] * 50, *[114.0] * 50]) is None
    assert boundary([*[100.0] * 50, *[130.0] * 50]) == pytest.approx(math.sqrt(13_000))
