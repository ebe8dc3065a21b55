"""Samples that move in time are told from samples that scatter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from embbench.stats.drift import _rare_rank_sum, course

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


@pytest.mark.parametrize("n", [14, 20, 30, 64, 80])
def test_scatter_is_seldom_called_movement(n):
    called = sum(told(noise(seed, n=n, spread=0.2)) != "steady" for seed in range(1000))
    assert called <= 8  # three tests at 0.1 %; chance exceeds it less than once in 200 times


@pytest.mark.parametrize("n", [14, 16, 20, 25])
def test_as_many_samples_as_a_round_has_show_a_change_of_level_in_the_middle(n):
    assert told(noise(n=n) * np.where(np.arange(n) < n // 2, 1.0, 1.5)) in ("jump", "trend")


@pytest.mark.parametrize("n", [20, 30])
def test_few_samples_show_that_the_first_ones_had_not_settled(n):
    assert told(noise(n=n) * np.where(np.arange(n) < 4, 1.5, 1.0)) in ("unsettled", "trend")


@pytest.mark.parametrize(("first", "n"), [(4, 17), (4, 30), (5, 40), (8, 64)])
def test_the_rare_rank_sum_is_that_of_scipys_exact_test(first, n):
    rare = _rare_rank_sum(first, n)
    for total, shown in ((rare, True), (rare + 1, False)):
        wins = total - first * (first + 1) / 2
        below = stats.mannwhitneyu(*_ranks_with(first, n, total), method="exact")
        assert below.statistic == wins
        assert (below.pvalue <= 0.001) == shown


def _ranks_with(first, n, total):
    """The ranks 1 to n in two groups, the first of `first` of them with this sum."""
    chosen = list(range(1, first + 1))
    for index in range(first - 1, -1, -1):
        chosen[index] += min(total - sum(chosen), n - (first - 1 - index) - chosen[index])
    return chosen, sorted(set(range(1, n + 1)) - set(chosen))
