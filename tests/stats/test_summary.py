"""Summaries against closed forms, against SciPy, and under change of unit."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from embbench.stats.effects import difference, ratio, scaled, separates
from embbench.stats.summary import Summary, median, order_interval, span, summarize

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


@pytest.mark.parametrize(("n", "k"), [(1, 0), (5, 0), (6, 1), (8, 1), (9, 2), (10, 2), (20, 6), (30, 10)])
def test_order_interval_agrees_with_the_binomial(n, k):
    assert order_interval(n) == k
    assert 1 - 2 * stats.binom.cdf(k, n, 0.5) < 0.95
    if k:
        assert 1 - 2 * stats.binom.cdf(k - 1, n, 0.5) >= 0.95


def test_many_rounds_use_order_statistics():
    assert summarize([float(value) for value in range(20)]) == Summary(9.5, 5.0, 14.0, 20)


def test_span_is_smallest_to_largest():
    assert span([0.0, 7.0, 3.0]) == Summary(3.0, 0.0, 7.0, 3)


@given(rounds)
def test_the_interval_contains_the_median(values):
    got = summarize(values)
    assert min(values) <= got.center <= max(values)
    if len(values) > 1:
        assert got.low <= got.center <= got.high


@given(st.lists(times, min_size=2, max_size=5).filter(lambda values: min(values) < max(values)))
def test_the_t_interval_contains_the_median_by_itself(values):
    logs = [math.log(value) for value in values]
    low, high = stats.t.interval(0.95, len(logs) - 1, loc=sum(logs) / len(logs), scale=stats.sem(logs))
    assert low - 1e-9 <= math.log(median(values)) <= high + 1e-9


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
