"""Sweeps, their lines, and what of them is passes over the table."""

import pytest

from embbench.model.growth import grow, held_out, passes
from embbench.model.sweep import oddities, sweep_of
from embbench.results.collapse import collapse
from embbench.results.measures import Measures
from embbench.stats.summary import Summary
from tests.made_up import case, failed, measured, values

SIZES = (200_000, 500_000, 1_000_000, 2_000_000)


def swept(seconds, memory=lambda vocab: 4e8 + 3072 * vocab, kernel=None, **axes):
    """The sweep of a path whose step takes seconds(vocab), its largest vocabulary and its measures."""
    rounds = []
    for vocab in SIZES:
        one = measured(case(vocab=vocab, **axes), [seconds(vocab)], memory(vocab))
        for each in one:
            if kernel is not None:
                each.metrics["kernel_share"] = values("kernel_share", kernel)
        rounds += one
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


def test_two_sizes_measured_once_tell_no_growth():
    results = collapse([*measured(case(), [0.1]), *measured(case(vocab=2_000_000), [1.0])])
    measures = Measures(results)
    growth = grow(sweep_of(results[0], results, measures), measures)
    assert growth.grows is None
    assert growth.break_even() is None


def test_passes_are_the_slope_at_the_rate_of_a_pass():
    row = 128 * 4
    sweep, measures = swept(lambda vocab: 0.01 + 19 * row * vocab / 10e9)
    found, kernel = passes(grow(sweep, measures), Summary(10e9, 9.9e9, 10.1e9, 7))
    assert found.center == pytest.approx(19)
    assert found.low < 19 < found.high
    assert found.relative == pytest.approx(0.01, rel=0.1)
    assert kernel is None


def test_what_the_kernel_takes_is_told_in_passes():
    row = 128 * 4
    sweep, measures = swept(lambda vocab: 0.01 + 19 * row * vocab / 10e9, kernel=0.25)
    _, kernel = passes(grow(sweep, measures), Summary(10e9, 10e9, 10e9, 7))
    assert kernel.center == pytest.approx(19 / 4)


def test_of_a_table_that_trains_in_part_no_passes_are_told():
    sweep, measures = swept(lambda vocab: 0.01 + 1e-6 * vocab, table="hybrid")
    assert passes(grow(sweep, measures), Summary(10e9, 10e9, 10e9, 7)) == (None, None)


def test_each_size_is_held_against_the_others():
    sweep, measures = swept(lambda vocab: 0.01 + 1e-6 * vocab)
    held = held_out(sweep, "step_time", measures)
    assert [each.predicted.center for each in held] == pytest.approx([each.measured for each in held])
    assert held_out(sweep, "device_step_peak", measures) == []


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
    told = " ".join(oddities(sweep, measures))
    assert "vocab 2M has no number: killed" in told
    assert "takes less time with vocab 500k than with 200k" in told


def test_other_paths_and_machines_are_no_part_of_a_sweep():
    other = {"fingerprint": "ffffffff"}
    rounds = [
        *measured(case(), [0.1]),
        *measured(case(vocab=2_000_000, update="fused"), [0.2]),
        *measured(case(vocab=1_000_000), [0.5], machine=other),
    ]
    results = collapse(rounds)
    assert sweep_of(results[0], results, Measures(results)).values == (200_000,)
