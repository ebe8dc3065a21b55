"""Samples that move in time are told from samples that scatter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embbench.stats.drift import course

N = 40


def noise(seed=0, n=N, spread=0.01):
    return 1 + spread * np.random.default_rng(seed).standard_normal(n)


def told(values):
    return course([float(value) for value in values])


def test_too_few_to_tell():
    assert told([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]) is None


def test_equal_and_scattered_samples_are_steady():
    assert told([1.0] * N) == "steady"
    assert told(noise()) == "steady"


def test_one_outlier_is_no_movement():
    values = noise()
    values[17] = 30.0
    assert told(values) == "steady"


@pytest.mark.parametrize(("before", "expected"), [(6, "unsettled"), (12, "unsettled"), (20, "jump"), (30, "jump")])
def test_a_change_of_level(before, expected):
    assert told(noise() * np.where(np.arange(N) < before, 1.3, 1.0)) == expected


@pytest.mark.parametrize("slope", [-0.2, 0.2])
def test_a_trend(slope):
    assert told(noise() * (1 + slope * np.arange(N) / N)) == "trend"


def test_a_movement_that_does_not_matter():
    assert told(noise(spread=0.001) * (1 + 0.02 * np.arange(N) / N)) == "steady"
    assert told(noise(spread=0.001) * np.where(np.arange(N) < 20, 1.03, 1.0)) == "steady"


@given(st.sampled_from([1e-6, 3.0, 1e4]), st.integers(0, 20))
def test_the_unit_does_not_matter(unit, seed):
    values = noise(seed) * np.where(np.arange(N) < 20, 1.2, 1.0)
    assert told(values * unit) == told(values)


def test_scatter_is_seldom_called_movement():
    called = sum(told(noise(seed, n=30, spread=0.2)) != "steady" for seed in range(1000))
    assert called <= 8  # three tests at 0.1 %; chance exceeds it less than once in 200 times
