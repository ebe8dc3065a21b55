"""The scatter that groups share."""

import math

import numpy as np
import pytest
from scipy import stats

from embbench.stats.spread import pooled_deviation


def test_one_group_is_its_own_deviation_with_the_interval_of_chi_squared():
    found = pooled_deviation([(2.0, 11)])
    assert (found.center, found.n) == (2.0, 10)
    assert found.low == pytest.approx(2 * math.sqrt(10 / stats.chi2.ppf(0.975, 10)))
    assert found.high == pytest.approx(2 * math.sqrt(10 / stats.chi2.ppf(0.025, 10)))


def test_levels_of_groups_do_not_matter():
    values = np.random.default_rng(0).normal(size=(50, 4))
    told = [(float(np.std(group + level, ddof=1)), 4) for level, group in enumerate(values)]
    assert pooled_deviation(told).center == pytest.approx(math.sqrt(np.mean(np.var(values, axis=1, ddof=1))))


def test_single_values_tell_nothing():
    assert pooled_deviation([(0.0, 1), (0.0, 0)]) is None
    assert pooled_deviation([(0.0, 1), (1.0, 3)]).n == 2


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    draw = np.random.default_rng(1)
    found = [pooled_deviation([(float(np.std(draw.normal(size=5), ddof=1)), 5)] * 1) for _ in range(2000)]
    assert 0.935 < np.mean([each.low <= 1 <= each.high for each in found]) < 0.965
