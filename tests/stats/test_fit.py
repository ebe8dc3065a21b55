"""Fits of few points: closed forms, invariances, and what scipy says."""

import contextlib
import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import optimize

from embbench.stats.fit import fit, leave_one_out, line

EXACT = {line(x): (1 + 2 * x,) for x in (1.0, 2.0, 4.0, 8.0)}
NOISY = {line(x): (y,) for x, y in ((1.0, 3.1), (2.0, 4.9), (4.0, 9.2), (8.0, 16.5), (16.0, 33.6))}


def test_points_on_a_line_give_it():
    found = fit(EXACT)
    assert found.coefficients == pytest.approx((1.0, 2.0))
    assert found.scatters == ((pytest.approx(0.0, abs=1e-12), 2),)
    assert found.at(line(100.0)).center == pytest.approx(201.0)


def test_three_features_are_told_apart():
    points = {(1.0, d, v * d): (5 + 0.1 * d + 1e-3 * v * d,) for d in (64.0, 128.0) for v in (2e5, 1e6, 2e6)}
    assert fit(points).coefficients == pytest.approx((5, 0.1, 1e-3))


def test_it_has_the_least_relative_squares():
    xs, ys = np.array([x for _, x in NOISY]), np.array([value for (value,) in NOISY.values()])
    found = fit(NOISY)
    fitted = found.coefficients[0] + found.coefficients[1] * xs
    theirs, covariance = optimize.curve_fit(lambda x, a, b: a + b * x, xs, ys, p0=(1, 2), sigma=fitted)
    assert found.coefficients == pytest.approx(tuple(theirs), rel=1e-6)
    assert np.array(found.covariance) * found.scatters[0][0] ** 2 == pytest.approx(covariance, rel=1e-4)


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_units_do_not_matter(unit_x, unit_y):
    scaled = fit({line(x * unit_x): [y * unit_y for y in ys] for (_, x), ys in NOISY.items()})
    found = fit(NOISY)
    assert scaled.coefficients[0] == pytest.approx(found.coefficients[0] * unit_y, rel=1e-6)
    assert scaled.coefficients[1] == pytest.approx(found.coefficients[1] * unit_y / unit_x, rel=1e-6)
    assert scaled.scatters[0][0] == pytest.approx(found.scatters[0][0], rel=1e-6)


def test_a_new_point_is_known_the_less_the_further_away_it_is():
    near, far, further = (fit(NOISY).at(line(x)).relative for x in (8.0, 100.0, 10_000.0))
    assert near < far <= further * 1.0001


def test_prediction_intervals_hold_what_they_promise():
    rng = np.random.default_rng(7)
    xs = np.array([200.0, 400.0, 800.0, 1400.0, 2000.0])
    inside = 0
    for _ in range(2000):
        noise = rng.normal(1, 0.04, len(xs) + 1)
        ys = (50 + xs) * noise[:-1]
        told = fit({line(x): (y,) for x, y in zip(xs, ys, strict=True)}).at(line(4000.0))
        inside += told.low <= (50 + 4000) * noise[-1] <= told.high
    assert 0.93 < inside / 2000 < 0.97


def test_two_points_tell_no_scatter_unless_they_were_repeated():
    alone = fit({line(1.0): (3.0,), line(2.0): (5.0,)})
    assert alone.scatters == ()
    assert alone.at(line(4.0)).low is None
    assert alone.coefficient(1).low is None
    repeated = fit({line(1.0): (2.9, 3.0, 3.1), line(2.0): (4.9, 5.0, 5.1)})
    assert [freedom for _, freedom in repeated.scatters] == [4]
    assert repeated.at(line(4.0)).low < 9.0 < repeated.at(line(4.0)).high


def test_repeats_do_not_narrow_a_curve():
    curve = {line(x): (x**1.5,) for x in (1.0, 2.0, 4.0, 8.0)}
    often = {x: values * 50 for x, values in curve.items()}
    assert fit(often).at(line(16.0)) == fit(curve).at(line(16.0))
    assert fit(often).coefficient(1) == fit(curve).coefficient(1)


def test_repeats_that_scatter_more_than_the_points_widen():
    found = fit({x: (y * 0.8, y, y * 1.2) for x, (y,) in EXACT.items()})
    assert found.scatters[1] == (pytest.approx(math.sqrt(0.08 / 2 * math.pi / 2 / 3)), 8)
    assert found.at(line(16.0)).high > fit(EXACT).at(line(16.0)).high + 1


def repeated(by):
    """NOISY, each point measured three times with the same median and a scatter of `by`."""
    return {x: (y * (1 - by), y, y * (1 + by)) for x, (y,) in NOISY.items()}


@given(st.floats(0, 0.9), st.floats(0, 0.9), st.floats(0.5, 0.999))
def test_an_interval_never_shrinks_as_repeats_scatter_more(one, other, confidence):
    less, more = (fit(repeated(by)) for by in sorted((one, other)))
    for index in (0, 1):
        narrow, wide = less.coefficient(index, confidence), more.coefficient(index, confidence)
        assert wide.low <= narrow.low + 1e-12
        assert wide.high >= narrow.high - 1e-12
    narrow, wide = (found.at(line(40.0), confidence) for found in (less, more))
    assert wide.low <= narrow.low + 1e-12
    assert wide.high >= narrow.high - 1e-12


def test_repeats_that_scatter_slightly_more_than_the_points_do_not_narrow():
    """The points by themselves tell an interval from 3 degrees of freedom, 10 of the repeats must not replace it."""
    alone = fit(NOISY)
    scatter = alone.scatters[0][0]
    found = fit(repeated(1.05 * scatter / math.sqrt(math.pi / 2 / 3)))
    assert found.scatters[1] == (pytest.approx(1.05 * scatter, rel=0.01), 10)
    assert found.coefficient(1) == alone.coefficient(1)


NOISES = {
    "normal": lambda rng, shape, by: rng.normal(1, by, shape),
    "lognormal": lambda rng, shape, by: np.exp(rng.normal(0, by, shape)),
    "heavy": lambda rng, shape, by: np.exp(by * np.clip(rng.standard_t(2, shape), -20, 20)),
}


@pytest.mark.parametrize("repeats", [1, 3, 5])
@pytest.mark.parametrize(("kind", "by"), [("normal", 0.01), ("normal", 0.1), ("lognormal", 0.2), ("heavy", 0.05)])
@pytest.mark.parametrize("constant", [0.0, 20.0, 2000.0])
def test_intervals_of_slopes_and_of_new_points_hold_what_they_promise(constant, kind, by, repeats):
    rng = np.random.default_rng(11)
    xs, tried = np.array([200.0, 400.0, 800.0, 1400.0, 2000.0]), 200
    inside, slopes = 0, 0
    for _ in range(tried):
        ys = (constant + xs)[:, None] * NOISES[kind](rng, (len(xs), repeats), by)
        found = fit({line(x): tuple(row) for x, row in zip(xs, ys, strict=True)})
        told, slope = found.at(line(4000.0)), found.coefficient(1)
        new = (constant + 4000.0) * float(np.median(NOISES[kind](rng, repeats, by)))
        inside += told.low <= new <= told.high
        slopes += slope.low <= 1.0 <= slope.high
    assert inside / tried > 0.95 - 2.6 * math.sqrt(0.95 * 0.05 / tried)
    assert slopes / tried > 0.95 - 2.6 * math.sqrt(0.95 * 0.05 / tried)


def test_a_constant_is_not_below_its_bound():
    curve = {line(x): (x**1.5,) for x in (1.0, 2.0, 4.0, 8.0)}
    free, bound = fit(curve, -math.inf), fit(curve)
    assert free.coefficients[0] < 0
    assert bound.coefficients[0] == 0
    assert bound.coefficient(0).low == 0
    xs, ys = np.array([x for _, x in curve]), np.array([y for (y,) in curve.values()])
    slope = bound.coefficients[1]
    theirs = optimize.minimize_scalar(lambda b: np.sum(((ys - b * xs) / (slope * xs)) ** 2), (0.1, 5.0))
    assert slope == pytest.approx(theirs.x, rel=1e-6)
    assert bound.worst == pytest.approx(np.abs(slope * xs / ys - 1).max())
    assert bound.coefficient(1).high - bound.coefficient(1).low >= free.coefficient(1).high - free.coefficient(1).low
    assert fit(curve, 0.25).coefficients[0] == 0.25
    assert fit(EXACT, 0.5).coefficients == pytest.approx((1.0, 2.0))
    assert fit(curve, 100.0).coefficients[0] == 1.0  # nothing costs more than what was measured


def test_a_prediction_does_not_reach_below_nothing():
    wild = {line(x): (y,) for x, y in ((1.0, 3.0), (2.0, 1.0), (4.0, 9.0))}
    assert fit(wild).at(line(3.0)).low == 0.0


def test_left_out_points_are_held_against_the_fit_of_the_others():
    held = leave_one_out(EXACT)
    assert [each.features for each in held] == list(EXACT)
    assert [each.predicted.center for each in held] == pytest.approx([each.measured for each in held])
    bent = leave_one_out({**EXACT, line(16.0): (66.0,)})
    assert bent[-1].predicted.center == pytest.approx(33.0)
    assert bent[-1].measured == 66.0


@pytest.mark.parametrize(
    ("points", "told"),
    [
        ({line(1.0): (1.0, 2.0)}, "too few"),
        ({line(1.0): (0.0,), line(2.0): (1.0,)}, "above"),
        ({(1.0, x, 2 * x): (x,) for x in (1.0, 2.0, 3.0)}, "apart"),
        ({}, "too few"),
    ],
)
def test_what_makes_no_fit_says_so(points, told):
    with pytest.raises(ValueError, match=told):
        fit(points)


EXTREMES = (5e-324, 1e-300, 1e-150, 1e-99, 1e-30, 1.0, 1e30, 1e99, 1e150, 1e300, 1.7e308)


@pytest.mark.filterwarnings("error")
@example([[1e-99], [1e-99, 1e-99, 1e99]])
@given(st.lists(st.lists(st.sampled_from(EXTREMES), min_size=1, max_size=3), min_size=2, max_size=6))
def test_extreme_values_have_a_line_of_numbers_or_none(values):
    points = {line(2.0**x): each for x, each in enumerate(values)}
    try:
        found = fit(points)
    except ValueError:
        found = None
    if found is not None:
        assert all(map(math.isfinite, (*found.coefficients, found.worst, found.at(line(1e12)).center)))


@pytest.mark.parametrize("values", [(1e300, 1e301, 1e302), (1e-300, 1e-299, 1e-298), (1e-300, 1.0, 1e300)])
def test_what_cannot_be_computed_with_is_refused(values):
    with pytest.raises(ValueError, match="too large or too small"):
        fit({line(x): (value,) for x, value in zip((1.0, 2.0, 3.0), values, strict=True)})


def test_nothing_is_written_of_values_that_are_too_far_apart(capfd):
    for values in itertools.product(EXTREMES, repeat=3):
        with contextlib.suppress(ValueError):
            fit({line(x): (value,) for x, value in zip((1.0, 2.0, 3.0), values, strict=True)})
    assert capfd.readouterr() == ("", "")
