"""Power against the test it is the power of."""

import math

import numpy as np
import pytest

from embbench.stats.hypotheses import exceeds, paired
from embbench.stats.power import launches_needed, power, smallest_effect


def test_power_is_how_often_the_test_calls():
    draws = np.random.default_rng(1).normal(math.log(1.05), 0.02, (4000, 6))
    called = sum(exceeds(paired(list(np.exp(row))), 0.02) < 0.01 for row in draws) / 4000
    told = power(0.05, 0.02, 0.02, 6, 0.01)
    assert abs(called - told) < 4 * math.sqrt(told * (1 - told) / 4000)


def test_at_the_threshold_itself_power_is_alpha():
    assert power(0.02, 0.02, 0.03, 7, 0.01) == pytest.approx(0.01)


@pytest.mark.parametrize(("true", "deviation"), [(0.05, 0.01), (0.05, 0.03), (0.1, 0.08), (1.0, 0.02)])
def test_fewest_launches_reach_it_and_one_less_does_not(true, deviation):
    n = launches_needed(true, 0.02, deviation, 0.01)
    assert power(true, 0.02, deviation, n, 0.01) >= 0.9
    assert n == 2 or power(true, 0.02, deviation, n - 1, 0.01) < 0.9


def test_what_no_number_of_launches_shows():
    assert launches_needed(0.02, 0.02, 0.01, 0.01) is None
    assert launches_needed(0.0201, 0.02, 0.5, 0.01) is None


def test_without_scatter_two_launches_show_everything():
    assert launches_needed(0.021, 0.02, 0.0, 0.01) == 2
    assert smallest_effect(0.02, 0.0, 2, 0.01) == 0.02


@pytest.mark.parametrize("n", [2, 3, 6, 20])
def test_the_smallest_effect_is_seen_with_the_power_asked_for(n):
    found = smallest_effect(0.02, 0.03, n, 0.01)
    assert power(found, 0.02, 0.03, n, 0.01) == pytest.approx(0.9, abs=1e-6)
