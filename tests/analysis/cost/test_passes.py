"""Passes over the table, and what else takes as long, from sweeps whose parts are known."""

import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.growth import grow
from embbench.analysis.cost.passes import passes
from embbench.analysis.cost.sweep import sweep_of
from embbench.stats.summary import Summary
from tests.made_up import case, measured, values

PASS = 128 * 4 / 10e9  # seconds a row at EXACT
EXACT = Summary(10e9, 10e9, 10e9, 7)


def growth(every=19.0, parts=None, **axes):
    """Of a step that takes 10 ms and `every` passes. parts: metric -> passes that it takes."""
    rounds = []
    for vocab in (200_000, 500_000, 1_000_000, 2_000_000):
        (one,) = measured(case(vocab=vocab, **axes), [0.01 + every * PASS * vocab])
        for metric, times in (parts or {}).items():
            one.metrics[metric] = values(metric, times * PASS * vocab)
        rounds.append(one)
    results = collapse(rounds)
    measures = Measures(results)
    return grow(sweep_of(results[-1], results, measures), measures)


def test_passes_are_the_slope_at_the_rate_of_a_pass():
    told = passes(growth(), Summary(10e9, 9.9e9, 10.1e9, 7), 19)
    assert told.measured.center == pytest.approx(19)
    assert told.measured.low < 19 < told.measured.high
    assert told.measured.relative == pytest.approx(0.01, rel=0.1)
    assert (told.kernel, told.roots) == (None, None)
    assert told.unexplained == pytest.approx(0, abs=1e-6)


def test_what_else_takes_as_long_is_told_in_passes_and_explains_them():
    told = passes(growth(40, {"kernel_time": 10, "phase_square_root": 7}), EXACT, 19)
    assert told.kernel.center == pytest.approx(10)
    assert told.roots.center == pytest.approx(5)  # one reading and one writing are derived already
    assert told.explained == pytest.approx(34)
    assert told.unexplained == pytest.approx(6)


def test_a_root_as_fast_as_its_memory_and_no_page_fault_are_nothing_else():
    told = passes(growth(parts={"kernel_time": 0, "phase_square_root": 1.9}), EXACT, 19)
    assert (told.kernel, told.roots) == (None, None)


def test_what_may_be_nothing_is_told_from_0_on():
    rounds = []
    for vocab, faults in ((200_000, 0.2), (500_000, 0.1), (1_000_000, 0.9), (2_000_000, 0.8)):
        (one,) = measured(case(vocab=vocab), [0.01 + 19 * PASS * vocab])
        one.metrics["kernel_time"] = values("kernel_time", faults)
        rounds.append(one)
    results = collapse(rounds)
    measures = Measures(results)
    told = passes(grow(sweep_of(results[-1], results, measures), measures), EXACT, 19)
    assert told.kernel.low == 0 < told.kernel.center < told.kernel.high


def test_more_than_was_seen_is_less_than_nothing_unexplained():
    assert passes(growth(15), EXACT, 19).unexplained == pytest.approx(-4)


def test_a_step_that_does_not_grow_makes_no_pass():
    assert passes(growth(-0.01), EXACT, 19) is None


def test_of_a_table_that_trains_in_part_no_passes_are_told():
    assert passes(growth(table="hybrid"), EXACT, 19) is None
