"""Levels and ratios that share a scatter: closed forms, what visits do, and what the intervals promise."""

import math

import numpy as np
import pytest
from scipy import optimize, special, stats

from embbench.stats.scatter import Scatter, moderated, spread_of_samples

FIVE = (0.9, 1.1, 1.0, 1.3, 0.8)


def apart(*cases):
    """Cases no two of which share a visit."""
    return [{(place, number): value for number, value in enumerate(case)} for place, case in enumerate(cases)]


def together(*cases):
    """Cases that were measured in the same visits."""
    return [dict(enumerate(case)) for case in cases]


def width(bounds):
    """Half the interval, of logarithms."""
    return math.log(bounds[1] / bounds[0]) / 2


def test_one_case_alone_has_the_interval_of_student():
    scatter = Scatter([dict(enumerate(FIVE))])
    logs = np.log(FIVE)
    expected = stats.t.interval(0.95, len(FIVE) - 1, logs.mean(), stats.sem(logs))
    assert np.log(scatter.level(0)) == pytest.approx(expected)
    assert not scatter.tells


def test_equal_variances_have_the_interval_of_student_with_the_freedom_of_all():
    rng = np.random.default_rng(1)
    logs = rng.normal(0, 0.1, 60)
    logs = (logs - logs.mean()) / logs.std(ddof=1) * 0.1
    cases = [np.exp(logs + level) for level in (0.0, 1.0, 3.0)]
    scatter = Scatter(apart(*cases))
    half = stats.t.ppf(0.975, 3 * 59) * 0.1 / math.sqrt(60)
    for place, level in enumerate((0.0, 1.0, 3.0)):
        low, high = np.log(scatter.level(place))
        assert (low + high) / 2 == pytest.approx(level)
        assert (high - low) / 2 == pytest.approx(half, rel=0.02)  # what is usual is found from logarithms
    low, high = np.log(scatter.ratio(2, 1))
    assert (low + high) / 2 == pytest.approx(2.0)
    assert (high - low) / 2 == pytest.approx(half * math.sqrt(2), rel=0.02)
    assert scatter.tells


def test_variances_are_drawn_as_smyth_says():
    variances, freedom = np.array([1.0, 4.0, 0.3, 9.0, 0.05]), np.array([2.0, 3.0, 2.0, 4.0, 5.0])
    logs = np.log(variances) - special.digamma(freedom / 2) + np.log(freedom / 2)
    beyond = logs.var(ddof=1) - special.polygamma(1, freedom / 2).mean()
    prior = 2 * optimize.brentq(lambda x: special.polygamma(1, x) - beyond, 1e-3, 1e3)
    usual = math.exp(logs.mean() + special.digamma(prior / 2) - math.log(prior / 2))
    drawn, known = moderated(variances, freedom)
    assert drawn == pytest.approx((prior * usual + freedom * variances) / (prior + freedom), rel=1e-6)
    assert known == pytest.approx(np.minimum(prior + freedom, freedom.sum()), rel=1e-6)
    assert 0 < prior < 10


def test_variances_that_agree_know_together_what_all_know():
    drawn, known = moderated(np.array([1.0, 1.1, 0.9]), np.array([2.0, 2.0, 2.0]))
    assert drawn.max() / drawn.min() < 1.06
    assert list(known) == [6.0, 6.0, 6.0]


def test_what_was_seen_once_scatters_as_is_usual():
    given, freedom = np.array([1.0, 4.0, 0.3, 9.0, 0.05]), np.array([2.0, 3.0, 2.0, 4.0, 5.0])
    drawn, known = moderated(given, freedom)
    prior = known[0] - freedom[0]
    assert prior > 0
    usual = (drawn[0] * known[0] - freedom[0] * given[0]) / prior
    more, with_one = moderated(np.append(given, 0.0), np.append(freedom, 0.0))
    assert (more[-1], with_one[-1]) == (pytest.approx(usual), pytest.approx(min(prior, 5)))
    assert list(more[:-1]) == list(drawn)
    assert list(with_one[:-1]) == list(known)


def test_what_does_not_scatter_or_was_seen_once_tells_nothing_of_the_usual():
    drawn, known = moderated(np.array([0.0, 2.0, 5.0]), np.array([2.0, 3.0, 0.0]))
    assert list(drawn) == [0.0, 2.0, 5.0]
    assert list(known) == [2.0, 3.0, 1.0]


def test_values_that_are_all_the_same_leave_no_interval_to_speak_of():
    scatter = Scatter(together([2.0, 2.0, 2.0], [5.0, 5.0, 5.0]))
    assert scatter.level(0) == pytest.approx((2.0, 2.0))
    assert scatter.ratio(1, 0) == pytest.approx((2.5, 2.5))


def test_a_case_of_one_value_scatters_as_the_others_do_and_leaves_them_alone():
    rng = np.random.default_rng(2)
    logs = rng.normal(0, 0.1, (3, 20))
    logs = (logs - logs.mean(axis=1, keepdims=True)) / logs.std(axis=1, ddof=1, keepdims=True) * 0.1
    scatter, without = Scatter(apart(*np.exp(logs), [7.0])), Scatter(apart(*np.exp(logs)))
    low, high = np.log(scatter.level(3))
    assert (low + high) / 2 == pytest.approx(math.log(7.0))
    assert (high - low) / 2 == pytest.approx(stats.t.ppf(0.975, 3) * 0.1, rel=0.02)  # three cases tell what is usual
    low, high = np.log(scatter.ratio(3, 0))
    error = 1 / math.sqrt(3) + 1 / 20 / math.sqrt(3 * 19)
    factor = stats.t.ppf(0.975, (1 + 1 / 20) ** 2 / error**2)
    assert (high - low) / 2 == pytest.approx(factor * 0.1 * math.sqrt(1 + 1 / 20), rel=0.02)
    assert width(scatter.level(3, {3: 3})) == pytest.approx(width(scatter.level(3)) / 2)
    assert scatter.level(0) == pytest.approx(without.level(0))


def test_a_case_of_one_value_has_no_interval_where_the_others_know_too_little():
    one, other = (1.0, 1.2, 1.1), (3.0, 3.1, 2.7)
    alone = Scatter(together(one, [1.0]))
    assert (alone.level(1), alone.tells) == (None, False)
    few = Scatter(apart(one, other, [7.0]))
    assert (few.level(2), few.ratio(0, 2), few.level(2, {2: 5})) == (None, None, None)
    assert few.tells
    assert Scatter(apart(one, other, one[:2], [7.0])).level(3) is not None
    assert not Scatter([]).tells


def test_a_round_is_known_no_better_than_its_samples_let_it_be():
    two, many = [1.0, math.e], np.exp([0.0, 0.1, 0.2, 0.3, 0.4, 9.0])
    assert spread_of_samples([two]) == pytest.approx((0.5 / 2, 1))
    assert spread_of_samples([many]) == pytest.approx(((1.4826 * 0.15) ** 2 / 6, 0.37 * 5))  # whatever one of six took
    assert spread_of_samples([two, [1.0, 1.0], [5.0]]) == pytest.approx((0.5 / 2 / 2, 2))
    assert spread_of_samples([[1.0], []]) == (0.0, 0.0)


def test_values_that_agree_by_luck_have_the_interval_of_their_samples():
    cases = apart((1.0, 1.01), (2.0, 2.02, 2.01), (3.0, 2.98))
    calm = Scatter(cases)
    wild = Scatter(cases, [(0.04, 3.0), (1e-9, 9.0), (0.0, 0.0)])
    assert width(wild.level(0)) == pytest.approx(stats.t.ppf(0.975, 3) * 0.2 / math.sqrt(2))
    assert wild.level(1) == calm.level(1)
    assert wild.level(2) == calm.level(2)
    assert width(wild.ratio(1, 0)) > width(wild.level(0))


def test_many_samples_that_spread_a_little_more_narrow_no_interval():
    """How well their spread is known says nothing of how well that between rounds is."""
    cases = apart((1.0, 1.2), (2.0, 2.3), (3.0, 3.3))
    calm = Scatter(cases)
    variance = (width(calm.level(0)) * math.sqrt(2) / stats.t.ppf(0.975, 3)) ** 2
    wild = Scatter(cases, [(1.01 * variance, 87.0)] * 3)
    assert [width(wild.level(at)) >= width(calm.level(at)) for at in range(3)] == [True] * 3


def test_cases_whose_rounds_agree_to_the_last_digit_lend_nothing():
    assert Scatter(apart((1.0, 1.0), (2.0, 2.0), (3.0, 3.0), [7.0])).level(3) is None


def test_visits_that_shift_all_cases_widen_levels_and_leave_ratios_as_they_are():
    rng = np.random.default_rng(3)
    logs = rng.normal(0, 0.02, (8, 6))
    shift = np.array([0.0, 0.5, -0.4, 0.9, -0.2, 0.3])
    calm, moved = Scatter(together(*np.exp(logs))), Scatter(together(*np.exp(logs + shift)))
    for case in range(1, 8):
        assert width(moved.ratio(case, 0)) == pytest.approx(width(calm.ratio(case, 0)), rel=0.25)
        assert width(moved.level(case)) > 5 * width(calm.level(case))


def test_visits_that_two_cases_do_not_share_widen_their_ratio():
    rng = np.random.default_rng(4)
    logs = rng.normal(0, 0.02, (6, 6)) + rng.normal(0, 0.3, 6)
    values = together(*np.exp(logs))
    values[0] = {visit: value for visit, value in values[0].items() if visit < 3}
    values[1] = {visit: value for visit, value in values[1].items() if visit >= 3}
    values[2] = {visit: value for visit, value in values[2].items() if visit >= 3}
    scatter = Scatter(values)
    assert width(scatter.ratio(0, 1)) > 5 * width(scatter.ratio(1, 2))


def test_more_rounds_narrow():
    rng = np.random.default_rng(5)
    scatter = Scatter(together(*np.exp(rng.normal(0, 0.1, (5, 3)) + rng.normal(0, 0.1, 3))))
    levels = [width(scatter.level(0, {0: more})) for more in (0, 1, 3, 9)]
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] < 0.6 * levels[0]
    assert width(scatter.level(0, {1: 9})) == levels[0]
    assert width(scatter.ratio(0, 1, {0: 9, 1: 9})) < width(scatter.ratio(0, 1))


def test_thousands_of_cases_that_share_few_visits_take_no_square_of_memory():
    rng = np.random.default_rng(6)
    scatter = Scatter(together(*np.exp(rng.normal(0, 0.1, (5000, 2)))))
    assert width(scatter.ratio(4999, 0)) == pytest.approx(1.96 * 0.1, rel=0.05)


def _covered(draws, shared, heavy, counts):
    """(shares of intervals that hold the truth: of levels, of ratios), of cases of different scatter, so many rounds of
    each, from the first visit on.
    """
    rng, cases = np.random.default_rng(max(counts)), len(counts)
    levels = ratios = 0
    for _ in range(draws):
        shape = cases, max(counts)
        noise = rng.standard_t(3, shape) / math.sqrt(3) if heavy else rng.standard_normal(shape)
        sigma = 0.12 * np.exp(0.5 * rng.standard_normal((cases, 1)))
        values = together(*np.exp(sigma * noise + shared * rng.standard_normal(max(counts))))
        scatter = Scatter([dict(list(each.items())[:count]) for each, count in zip(values, counts, strict=True)])
        levels += sum(low <= 1 <= high for low, high in map(scatter.level, range(cases)))
        ratios += sum(low <= 1 <= high for low, high in (scatter.ratio(case, 0) for case in range(1, cases)))
    return levels / draws / cases, ratios / draws / (cases - 1)


@pytest.mark.parametrize("heavy", [False, True])
@pytest.mark.parametrize("counts", [(1,) * 5 + (2, 2, 2), (1,) * 5 + (3,) * 9])
def test_so_do_those_of_single_rounds(heavy, counts):
    rng, held = np.random.default_rng(len(counts)), []
    for _ in range(300):
        shape = len(counts), max(counts)
        noise = rng.standard_t(3, shape) / math.sqrt(3) if heavy else rng.standard_normal(shape)
        values = np.exp(0.12 * np.exp(0.5 * rng.standard_normal((len(counts), 1))) * noise)
        scatter = Scatter(apart(*(each[:count] for each, count in zip(values, counts, strict=True))))
        held += [low <= 1 <= high for low, high in map(scatter.level, range(5))]
    assert 0.91 < np.mean(held) < 0.985


@pytest.mark.parametrize("shared", [0.0, 0.2])
@pytest.mark.parametrize("heavy", [False, True])
@pytest.mark.parametrize("counts", [(3,) * 10, (5,) * 10, (1,) * 5 + (2, 2, 2), (1,) + (3,) * 9])
def test_intervals_hold_what_they_promise(shared, heavy, counts):
    for share in _covered(300, shared, heavy, counts):
        assert 0.91 < share < 0.985


def test_intervals_are_narrower_than_those_of_each_case_alone():
    rng = np.random.default_rng(8)
    own, common = [], []
    for _ in range(100):
        logs = 0.12 * rng.standard_normal((10, 3))
        scatter = Scatter(together(*np.exp(logs)))
        common += [width(scatter.level(case)) for case in range(10)]
        own += [stats.t.ppf(0.975, 2) * stats.sem(case) for case in logs]
    assert np.median(common) < 0.75 * np.median(own)
