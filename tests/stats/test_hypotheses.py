"""Tests on ratios against SciPy, closed forms, and under exchange of sides and change of unit."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from embbench.stats.hypotheses import (
    equivalent,
    exceeds,
    falls_below,
    interval,
    paired,
    unpaired,
)

BASE, CANDIDATE = [1.0, 1.2, 0.9, 1.1], [1.3, 1.25, 1.5]
RATIOS = [1.02, 1.08, 1.01, 1.05, 1.06]

times = st.floats(1e-6, 1e3)
sides = st.lists(times, min_size=2, max_size=9)


def logs(values):
    return np.log(values)


def test_unpaired_is_welch_on_logarithms():
    shift = unpaired(BASE, CANDIDATE)
    theirs = stats.ttest_ind(logs(CANDIDATE), logs(BASE), equal_var=False, alternative="greater")
    assert exceeds(shift, 0.0) == pytest.approx(theirs.pvalue, rel=1e-9)
    assert shift.freedom == pytest.approx(theirs.df, rel=1e-9)
    low, high = theirs.confidence_interval(0.95)  # one-sided; the lower end of 90 %
    assert math.log(interval(shift, 0.90).low) == pytest.approx(low, rel=1e-9)
    assert high == math.inf


def test_paired_is_one_sample_t_on_logarithms():
    theirs = stats.ttest_1samp(logs(RATIOS), math.log(1.02), alternative="greater")
    shift = paired(RATIOS)
    assert exceeds(shift, 0.02) == pytest.approx(theirs.pvalue, rel=1e-9)
    whole = stats.t.interval(0.95, 4, loc=np.mean(logs(RATIOS)), scale=stats.sem(logs(RATIOS)))
    got = interval(shift)
    assert (math.log(got.low), math.log(got.high)) == pytest.approx(whole)
    assert got.center == pytest.approx(stats.gmean(RATIOS))


def test_two_ratios_by_hand():
    # Logarithms 0 and 1: mean 1/2, error 1/2; t with one degree of freedom is Cauchy's distribution.
    shift = paired([1.0, math.e])
    assert (shift.mean, shift.error, shift.freedom) == pytest.approx((0.5, 0.5, 1))
    assert exceeds(shift, 0.0) == pytest.approx(0.5 - math.atan(1.0) / math.pi)


def test_equivalence_is_two_one_sided_tests():
    shift, values, bound = paired(RATIOS), logs(RATIOS), math.log1p(0.1)
    upper = stats.ttest_1samp(values, bound, alternative="less").pvalue
    lower = stats.ttest_1samp(values, -bound, alternative="greater").pvalue
    assert equivalent(shift, 0.1) == pytest.approx(max(upper, lower), rel=1e-9)


def test_equal_values_are_certain():
    shift = paired([1.05, 1.05, 1.05])
    assert exceeds(shift, 0.02) == 0.0
    assert exceeds(shift, 0.06) == 1.0
    assert equivalent(shift, 0.06) == 0.0
    assert interval(shift).low == interval(shift).high == pytest.approx(1.05)


@pytest.mark.parametrize("make", [lambda: paired([1.0]), lambda: unpaired([1.0], [1.0, 2.0]), lambda: paired([])])
def test_one_value_tells_no_spread(make):
    with pytest.raises(ValueError, match="no spread"):
        make()


@given(sides, sides, st.floats(0.0, 0.5))
def test_exchanging_the_sides_exchanges_the_questions(base, candidate, effect):
    one, other = unpaired(base, candidate), unpaired(candidate, base)
    assert exceeds(one, effect) == pytest.approx(falls_below(other, effect), rel=1e-6, abs=1e-12)
    assert equivalent(one, effect) == pytest.approx(equivalent(other, effect), rel=1e-6, abs=1e-12)


@given(st.lists(st.floats(0.1, 10.0), min_size=2, max_size=9, unique=True), st.sampled_from([1e-3, 4.0, 1e6]))
def test_the_unit_does_not_matter(base, unit):
    candidate = [value * 1.07 for value in base]
    scaled = unpaired([value * unit for value in base], [value * unit for value in candidate])
    assert exceeds(scaled, 0.05) == pytest.approx(exceeds(unpaired(base, candidate), 0.05), rel=1e-6)


@given(sides, sides, st.floats(0.0, 0.2), st.floats(0.001, 0.2))
def test_a_larger_threshold_is_harder_to_exceed_and_easier_to_stay_within(base, candidate, effect, more):
    shift = unpaired(base, candidate)
    assert exceeds(shift, effect + more) >= exceeds(shift, effect)
    assert equivalent(shift, effect + more) <= equivalent(shift, effect)


def test_a_change_is_never_shown_and_excluded_at_once():
    for candidate in ([1.0, 1.01, 0.99], [1.2, 1.21, 1.19], [1.0, 2.0, 3.0]):
        shift = unpaired([1.0, 1.01, 0.99], candidate)
        assert exceeds(shift, 0.05) + equivalent(shift, 0.05) >= 1.0


def test_the_false_alarm_rate_is_the_one_asked_for():
    """At the threshold itself, where the test is least protected."""
    draws = np.random.default_rng(0).normal(math.log(1.02), 0.03, (4000, 6))
    called = sum(exceeds(paired(list(np.exp(row))), 0.02) < 0.05 for row in draws)
    assert abs(called / 4000 - 0.05) < 4 * math.sqrt(0.05 * 0.95 / 4000)
