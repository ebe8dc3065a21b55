"""Sweeps, their lines, and what of them is passes over the table."""

import numpy as np
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.growth import OWN, Growth, bends, grow, held_out
from embbench.analysis.cost.lacks import Drop
from embbench.analysis.cost.sweep import oddities, sweep_of
from embbench.report.lack_text import doubt_text
from embbench.stats.fit import fit, line
from tests.made_up import case, failed, measured, values

SIZES = (200_000, 500_000, 1_000_000, 2_000_000)


def swept(seconds, memory=lambda vocab: 4e8 + 3072 * vocab, **axes):
    """The sweep of a path whose step takes seconds(vocab), its largest vocabulary and its measures."""
    rounds = []
    for vocab in SIZES:
        rounds += measured(case(vocab=vocab, **axes), [seconds(vocab)], memory(vocab))
    results = collapse(rounds)
    measures = Measures(results)
    return sweep_of(results[-1], results, measures), measures


def test_a_line_and_what_it_says_of_a_step():
    sweep, measures = swept(lambda vocab: 0.01 + 1e-6 * vocab)
    growth = grow(sweep, measures)
    assert growth.time.coefficients == pytest.approx((0.01, 1e-6))
    assert growth.memory.coefficients == pytest.approx((4e8, 3072))
    assert growth.grows
    assert growth.share(2_000_000).center == pytest.approx(2 / 2.01)
    assert growth.break_even() == pytest.approx(10_000)


def test_a_flat_path_is_not_shown_to_grow():
    sweep, measures = swept(lambda vocab: 0.014 * (1 + 0.01 * (vocab % 300_000 > 100_000)), table="frozen")
    growth = grow(sweep, measures)
    assert growth.grows is False
    assert growth.break_even() is None


@pytest.mark.parametrize("kernel", [0.0, 0.3])
def test_a_step_that_does_not_grow_is_called_growing_no_more_often_than_one_bound_allows(kernel):
    """Lower ends of 95 % intervals: 2.5 % of false alarms, whether one line may show that a step grows or two may."""
    rng, tried, alarms = np.random.default_rng(3), 3000, 0
    sizes = (200.0, 500.0, 1000.0, 1500.0, 2000.0)
    for _ in range(tried):
        own = 1 + 0.05 * rng.standard_normal(len(sizes))
        faults = kernel * (1 + 0.3 * rng.standard_normal(len(sizes)))
        time = fit({line(size): (value,) for size, value in zip(sizes, own + faults, strict=True)})
        apart = fit({line(size): (value,) for size, value in zip(sizes, own, strict=True)}) if kernel else None
        alarms += Growth(None, time, None, "", apart, None, None).grows
    assert alarms / tried < 0.025 + 3 * (0.025 / tried) ** 0.5


def test_what_does_not_grow_takes_no_less_than_a_step_without_training():
    rounds = []
    for vocab in SIZES:
        rounds += measured(case(vocab=vocab), [1e-9 * vocab**1.5] * 2)
        rounds += measured(case("frozen", vocab=vocab), [0.020, 0.021])
    results = collapse(rounds)
    measures = Measures(results)
    trained = next(each for each in results if each.case == case(vocab=SIZES[-1]))
    growth = grow(sweep_of(trained, results, measures), measures)
    bound = growth.time.least
    assert 0 < bound <= 0.0205
    assert growth.time.coefficients[0] == bound
    assert growth.time.coefficients[1] > 0
    share = growth.share(2_000_000)
    assert 0 <= share.low <= share.center <= share.high <= 1 - bound / growth.time.at(line(2e6)).center
    alone = grow(
        sweep_of(trained, [trained, *(each for each in results if each.case.table != "frozen")], measures), measures
    )
    assert alone.time.coefficients[0] >= 0


def test_no_line_of_a_sweep_begins_below_nothing():
    sweep, measures = swept(lambda vocab: 1e-9 * vocab**1.5, memory=lambda vocab: 1e-3 * vocab**1.8)
    growth = grow(sweep, measures)
    assert growth.time.coefficients[0] == growth.memory.coefficients[0] == 0
    assert growth.share(2_000_000).center == 1


def test_two_sizes_measured_once_tell_no_growth():
    results = collapse([*measured(case(), [0.1]), *measured(case(vocab=2_000_000), [1.0])])
    measures = Measures(results)
    growth = grow(sweep_of(results[0], results, measures), measures)
    assert growth.grows is None
    assert growth.break_even() is None


def test_each_size_is_held_against_the_others():
    sweep, measures = swept(lambda vocab: 0.01 + 1e-6 * vocab)
    held = held_out(sweep, "step_time", measures)
    assert [each.predicted.center for each in held] == pytest.approx([each.measured for each in held])
    assert held_out(sweep, "device_step_peak", measures) == []


def test_an_end_that_lies_on_no_line_with_the_rest_is_told():
    assert bends(*swept(lambda vocab: 0.01 + 1e-6 * vocab)) == []
    (told,) = bends(*swept(lambda vocab: (0.01 + 1e-6 * vocab) * (3 if vocab == SIZES[-1] else 1)))
    assert (told.axis, told.value) == ("vocab", 2_000_000)
    assert doubt_text(told).startswith("vocab 2M takes 6.03 s, but 2.01 s to 2.01 s by the line of the other sizes: no")
    (told,) = bends(*swept(lambda vocab: (0.01 + 1e-6 * vocab) * (3 if vocab == SIZES[0] else 1)))
    assert doubt_text(told).startswith("vocab 200k takes 630 ms")
    assert bends(*swept(lambda vocab: (0.01 + 1e-6 * vocab) * (1.09 if vocab == SIZES[-1] else 1))) == []


def test_the_program_itself_is_held_against_its_line_where_page_faults_follow_none():
    rounds = []
    for vocab in SIZES:
        (one,) = measured(case(vocab=vocab), [0.01 + 1e-6 * vocab + 1e-12 * vocab**1.9])
        one.metrics["kernel_time"] = values("kernel_time", 1e-12 * vocab**1.9)
        rounds.append(one)
    results = collapse(rounds)
    measures = Measures(results)
    sweep = sweep_of(results[-1], results, measures)
    own = held_out(sweep, OWN, measures)
    assert [each.predicted.center for each in own] == pytest.approx([each.measured for each in own])
    whole = held_out(sweep, "step_time", measures)[-1]
    assert whole.predicted.center < 0.95 * whole.measured
    assert held_out(swept(lambda vocab: 1e-6 * vocab)[0], OWN, measures) == []


@pytest.mark.parametrize("told", [True, False])
def test_what_is_a_step_s_own_shows_that_it_grows_where_page_faults_hide_it(told):
    rounds = []
    for vocab, kernel in zip(SIZES, (0.1, 0.1, 4.0, 9.0), strict=True):
        (one,) = measured(case(vocab=vocab), [0.01 + 1e-6 * vocab + kernel])
        if told:
            one.metrics["kernel_time"] = values("kernel_time", kernel)
        rounds.append(one)
    results = collapse(rounds)
    measures = Measures(results)
    growth = grow(sweep_of(results[-1], results, measures), measures)
    assert growth.time.coefficient(1).low < 0
    assert growth.grows is told
    share = growth.share(2_000_000)
    longest = growth.time.free[0] + growth.time.free[1] * 2e6
    assert share.low == pytest.approx(2 / longest if told else 0.0)


def test_a_kernel_that_is_busy_at_some_sizes_only_is_no_part_of_a_line():
    rounds = []
    for vocab in SIZES:
        (one,) = measured(case(vocab=vocab), [0.01 + 1e-6 * vocab])
        one.metrics["kernel_time"] = values("kernel_time", 0.5 if vocab == SIZES[-1] else 1e-4)
        rounds.append(one)
    results = collapse(rounds)
    measures = Measures(results)
    sweep = sweep_of(results[-1], results, measures)
    assert held_out(sweep, OWN, measures) == []
    assert grow(sweep, measures).own is None


def test_a_size_without_a_number_and_one_that_takes_less_are_told():
    rounds = [
        *measured(case(vocab=200_000), [0.2, 0.2, 0.2]),
        *measured(case(vocab=500_000), [0.1, 0.1, 0.1]),
        failed(case(vocab=2_000_000), "oom_host", "killed"),
    ]
    results = collapse(rounds)
    measures = Measures(results)
    sweep = sweep_of(results[0], results, measures)
    assert sweep.values == (200_000, 500_000)
    missing, drop = oddities(sweep, measures)
    assert doubt_text(missing) == "vocab 2M has no number: killed"
    assert drop == Drop("vocab", 200_000, 500_000)
    assert "takes less time with vocab 500k than with 200k" in doubt_text(drop)


def test_other_paths_and_machines_are_no_part_of_a_sweep():
    other = {"fingerprint": "ffffffff"}
    rounds = [
        *measured(case(), [0.1]),
        *measured(case(vocab=2_000_000, update="fused"), [0.2]),
        *measured(case(vocab=1_000_000), [0.5], machine=other),
    ]
    results = collapse(rounds)
    assert sweep_of(results[0], results, Measures(results)).values == (200_000,)
