"""Summaries against closed forms, against SciPy, and under change of unit."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from embbench.stats.effects import difference, ratio, scaled, separates
from embbench.stats.summary import Summary, median, order_interval, span, summarize, summarize_differences

times = st.floats(1e-9, 1e6)
rounds = st.lists(times, min_size=1, max_size=25)


def test_median_closed_forms():
    assert median([3.0]) == 3.0
    assert median([1.0, 9.0, 2.0]) == 2.0
    assert median([4.0, 1.0, 2.0, 3.0]) == 2.5
    with pytest.raises(ValueError, match="no values"):
        median([])


def test_one_round_has_no_interval():
    assert summarize([2.0]) == Summary(2.0, None, None, 1)
    assert span([2.0]) == Summary(2.0, None, None, 1)


@pytest.mark.parametrize("n", [2, 5, 6, 11])
def test_equal_values_give_zero_width(n):
    assert summarize([0.1] * n) == Summary(0.1, 0.1, 0.1, n)


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_few_rounds_use_t_on_logarithms(n):
    values = [1.0, 1.3, 0.9, 1.1, 1.05][:n]
    logs = [math.log(value) for value in values]
    expected = stats.t.interval(0.95, n - 1, loc=sum(logs) / n, scale=stats.sem(logs))
    got = summarize(values)
    assert (math.log(got.low), math.log(got.high)) == pytest.approx(expected, rel=1e-12)


def test_two_rounds_by_hand():
    # Logs 0 and 1: mean 1/2, standard error 1/2, t with one degree of freedom tan(0.95·pi/2).
    half = math.tan(0.95 * math.pi / 2) / 2
    got = summarize([1.0, math.e])
    assert (got.low, got.high) == pytest.approx((math.exp(0.5 - half), math.exp(0.5 + half)))


def test_values_that_are_not_positive_use_t_on_the_values():
    values = [0.0, 2.0, -1.0]
    expected = stats.t.interval(0.95, 2, loc=1 / 3, scale=stats.sem(values))
    got = summarize(values)
    assert got.center == 0.0
    assert (got.low, got.high) == pytest.approx(expected)


@pytest.mark.parametrize("values", [[1.0, 3.0], [1e-9, 2e-3, 1e-3], [-1.0, -2.0, 5.0, 1.0], [1.0, 2.0, 3.0, 4.0, 5.0]])
def test_few_differences_use_t_on_the_values_whatever_their_sign(values):
    expected = stats.t.interval(0.95, len(values) - 1, loc=sum(values) / len(values), scale=stats.sem(values))
    got = summarize_differences(values)
    assert got.center == median(values)
    assert (got.low, got.high) == pytest.approx(expected)


def test_differences_that_happen_to_be_positive_may_be_zero():
    assert separates(summarize([1e-6, 9e-6, 3e-6]), 0.0) is True
    assert separates(summarize_differences([1e-6, 9e-6, 3e-6]), 0.0) is False


def test_many_differences_use_order_statistics():
    values = [-1.0, 2.0, 3.0, 4.0, 5.0, 9.0]
    assert summarize_differences(values) == summarize(values)
    assert summarize_differences([2.0]) == Summary(2.0, None, None, 1)
    with pytest.raises(ValueError, match="no values"):
        summarize_differences([])


@pytest.mark.parametrize(("n", "k"), [(6, 1), (8, 1), (9, 2), (10, 2), (20, 6), (30, 10)])
def test_order_interval_lies_between_the_two_nearest_pairs(n, k):
    low, high = order_interval([float(value) for value in range(1, n + 1)])
    assert 1 - 2 * stats.binom.cdf(k, n, 0.5) < 0.95 <= 1 - 2 * stats.binom.cdf(k - 1, n, 0.5)
    assert k <= low < k + 1
    assert low + high == pytest.approx(n + 1)


def test_order_interval_closed_form():
    """n = 6: pairs 1 and 2 cover 31/32 and 25/32, so a tenth of the way, which weighs the inner pair by 5/14."""
    low, high = order_interval([0.0, 14.0, 15.0, 16.0, 17.0, 31.0])
    assert (low, high) == pytest.approx((5.0, 26.0))


@pytest.mark.parametrize("n", [6, 7, 9, 15])
@pytest.mark.parametrize("draw", ["normal", "exponential", "standard_cauchy", "uniform"])
def test_order_interval_covers_the_median_as_often_as_it_says(n, draw):
    sampled = getattr(np.random.default_rng(0), draw)(size=(20_000, n))
    true = {"normal": 0.0, "exponential": math.log(2), "standard_cauchy": 0.0, "uniform": 0.5}[draw]
    inside = sum(low <= true <= high for low, high in map(order_interval, np.sort(sampled).tolist()))
    assert 0.943 <= inside / len(sampled) <= 0.965


def test_order_interval_needs_six_values():
    with pytest.raises(ValueError, match="5 values"):
        order_interval([1.0] * 5)


def test_one_outlier_does_not_stretch_many_rounds():
    calm = summarize([1.0, 1.01, 1.02, 1.03, 1.04, 1.05, 1.06])
    hit = summarize([1.0, 1.01, 1.02, 1.03, 1.04, 1.05, 10.0])
    assert hit.center == calm.center
    assert hit.high - hit.center < 0.3 * (10.0 - 1.05)


def test_many_rounds_use_order_statistics():
    got = summarize([float(value) for value in range(20)])
    assert got.center == 9.5
    assert 5.0 < got.low < 6.0


def test_span_is_smallest_to_largest():
    assert span([0.0, 7.0, 3.0]) == Summary(3.0, 0.0, 7.0, 3)


@example([6.7] * 6 + [7.7])  # where interpolating rounds past the median
@given(rounds)
def test_the_interval_contains_the_median(values):
    got = summarize(values)
    assert min(values) <= got.center <= max(values)
    if len(values) > 1:
        assert got.low <= got.center <= got.high


@example([1e-09, 1.0000000000000003e-09])
@given(st.lists(times, min_size=2, max_size=5).filter(lambda values: min(values) < max(values)))
def test_the_t_interval_contains_the_median_by_itself(values):
    logs = [math.log(value) for value in values]
    half = stats.t.ppf(0.975, len(logs) - 1) * stats.sem(logs)  # t.interval refuses logarithms that round to one
    assert abs(math.log(median(values)) - sum(logs) / len(logs)) <= half + 1e-9


@given(rounds, st.integers(-30, 30))
def test_the_unit_does_not_matter(values, power):
    factor = 2.0**power  # a power of two, so that scaling rounds nothing
    got, expected = summarize([value * factor for value in values]), scaled(summarize(values), factor)
    assert got.center == expected.center
    if expected.low is None:
        assert got.low is None
    else:
        assert (got.low, got.high) == pytest.approx((expected.low, expected.high), rel=1e-9)


@given(rounds, st.randoms())
def test_the_order_of_rounds_does_not_matter(values, random):
    shuffled = list(values)
    random.shuffle(shuffled)
    got, expected = summarize(shuffled), summarize(values)
    assert got.center == expected.center
    assert got.relative == (None if expected.relative is None else pytest.approx(expected.relative))


def test_relative_is_the_wider_half():
    assert Summary(2.0, 1.0, 6.0, 3).relative == 2.0
    assert Summary(-2.0, -6.0, -1.0, 3).relative == 2.0
    assert Summary(0.0, 0.0, 1.0, 3).relative is None
    assert Summary(2.0, None, None, 1).relative is None


def test_ratio_adds_squares_of_log_half_widths():
    got = ratio(Summary(8.0, 8.0 / 1.3, 8.0 * 1.2, 5), Summary(2.0, 2.0 / 1.1, 2.0 * 1.4, 3))
    assert got.center == 4.0
    assert got.low == pytest.approx(4 * math.exp(-math.hypot(math.log(1.3), math.log(1.4))))
    assert got.high == pytest.approx(4 * math.exp(math.hypot(math.log(1.2), math.log(1.1))))
    assert got.n == 3


def test_ratio_without_intervals_or_without_sense():
    known, single = Summary(2.0, 1.0, 3.0, 3), Summary(1.0, None, None, 1)
    assert ratio(known, single) == Summary(2.0, None, None, 1)
    assert ratio(known, Summary(0.0, 0.0, 0.0, 3)) is None
    assert ratio(Summary(-1.0, -2.0, 1.0, 3), known) is None
    assert ratio(Summary(1.0, -1.0, 2.0, 3), known) == Summary(0.5, None, None, 3)
    assert ratio(Summary(1.0, 0.5, math.inf, 2), known) == Summary(0.5, None, None, 2)


def test_difference_keeps_the_sides_apart():
    got = difference(Summary(10.0, 7.0, 11.0, 4), Summary(6.0, 5.0, 10.0, 9))
    assert got == Summary(4.0, 4.0 - 5.0, 4.0 + math.hypot(1, 1), 4)
    assert difference(Summary(1.0, None, None, 1), got) == Summary(-3.0, None, None, 1)


@given(times, times)
def test_exact_sides_give_an_exact_ratio(top, bottom):
    got = ratio(Summary(top, top, top, 2), Summary(bottom, bottom, bottom, 2))
    assert got.low == got.center == got.high == top / bottom


def test_separates():
    assert separates(Summary(2.0, 1.5, 3.0, 3), 1.0) is True
    assert separates(Summary(2.0, 0.5, 3.0, 3), 1.0) is False
    assert separates(Summary(2.0, None, None, 1), 1.0) is None
