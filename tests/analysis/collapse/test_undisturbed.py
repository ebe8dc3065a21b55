"""Samples beside other programs are left out where enough were calm."""

import json

import pytest
from msgspec import structs

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.collapse.undisturbed import is_cut, is_disturbed, undisturbed
from embbench.analysis.compare.evidence import CompareOptions
from embbench.analysis.compare.match import Pair
from embbench.analysis.compare.outcome import compare
from embbench.cases.suite import View
from embbench.report.assemble import build
from embbench.report.pytest_benchmark import render_pytest_benchmark
from tests.made_up import case, in_state, measured, values

CALM, BUSY = 0.010, 0.045  # seconds of a step that nobody disturbs, and of one beside another program


def beside(times, waits=None, others=0.5, number=0, of=None):
    """A round of such samples. waits: 0 of CALM ones and most of BUSY ones, where not given."""
    (line,) = measured(of or case(), [CALM])
    told = [0.0001 if seconds < 2 * CALM else 0.03 for seconds in times] if waits is None else waits
    conditions = {**line.conditions, "others": others, "sample_waits": told}
    metrics = {**line.metrics, "step_time": values("step_time", *times)}
    return structs.replace(line, round=number, metrics=metrics, conditions=conditions)


def kept(line):
    return undisturbed(line).metrics["step_time"].values


def test_samples_whose_threads_waited_beside_others_are_left_out():
    line = beside([CALM, BUSY, BUSY, 1.1 * CALM, BUSY])
    assert kept(line) == (CALM, 1.1 * CALM)
    assert is_cut(line)
    assert line.metrics["step_time"].values == (CALM, BUSY, BUSY, 1.1 * CALM, BUSY)


@pytest.mark.parametrize(
    "line",
    [
        beside([CALM, CALM, BUSY], others=0.08),  # what waits beside nobody waits for its own threads
        beside([CALM, BUSY, BUSY, BUSY]),  # one calm sample may be luck
        beside([CALM] * 2 + [BUSY] * 9),  # and two of eleven
        beside([CALM, CALM, BUSY, BUSY], waits=[0.03, 0.03, 0.1, 0.1]),  # far longer than others ran
        beside([CALM, CALM], waits=[None, 0.0]),  # of a step of the warm-up nobody knows
        beside([CALM, BUSY, BUSY], waits=[None] * 3),
        beside([CALM, CALM, BUSY], waits=[0.0, 0.0]),
        beside([CALM, CALM, BUSY], waits="none"),
        beside([CALM, CALM, BUSY], others="many"),
        beside([CALM, CALM, CALM]),
        measured(case(), [CALM])[0],
    ],
)
def test_else_a_round_stays_as_it_is(line):
    assert undisturbed(line) is line
    assert not is_cut(line)


def test_a_round_without_enough_calm_samples_is_disturbed():
    assert is_disturbed(beside([CALM, BUSY, BUSY, BUSY]))
    assert not is_disturbed(beside([CALM, CALM, BUSY]))
    assert not is_disturbed(beside([BUSY] * 3, others=0.08))
    assert not is_disturbed(beside([BUSY] * 3, waits=[None] * 3))
    assert not is_disturbed(beside([BUSY] * 2, waits=[None, 0.0]))
    assert not is_disturbed(measured(case(), [CALM])[0])


def test_reports_count_the_others_and_say_so():
    lines = [beside([CALM, CALM, CALM, BUSY, BUSY, BUSY, BUSY], number=number) for number in range(3)]
    assert Measures(collapse(lines)).summary(collapse(lines)[0], "step_time").center == CALM
    told = dict(build([*lines, *measured(case("frozen"), [CALM])], View()).caption)
    assert told["left out"] == (
        "samples whose threads waited for a CPU while other programs ran, in 3 of 4 rounds; step times use the other "
        "samples"
    )
    assert "left out" not in dict(build(measured(case(), [CALM]), View()).caption)


def test_reports_name_what_had_no_calm_samples():
    lines = [beside([BUSY] * 4, number=number) for number in range(2)]
    told = dict(build([*lines, *measured(case("frozen"), [CALM])], View()).caption)
    assert told["disturbed"] == "other programs ran during most samples of trainable default"
    assert "left out" not in told


def test_so_do_comparisons():
    levels = [CALM * (1 + number / 1000) for number in range(5)]
    busy = [beside([level] * 3 + [BUSY] * 4, number=number) for number, level in enumerate(levels)]
    calm = [beside([1.001 * level] * 7, number=number) for number, level in enumerate(levels)]
    pair = Pair("case", tuple(collapse(busy)), tuple(collapse(calm)))
    (found,) = compare([pair], CompareOptions({"step_time": 0.02}))
    assert found.ratio.center == pytest.approx(1.001)
    assert found.base.values == tuple(levels)


def test_states_of_the_machine_are_those_of_the_samples_that_are_left():
    """Ten samples, four of them near and six far; of the near ones half are left out."""
    lines = []
    for number in range(4):
        level = 1 + number / 1000
        times = [level * each for each in (CALM, BUSY, CALM, BUSY, *[2 * CALM] * 6)]
        waits = [0.0, 0.03, 0.0, 0.03, *[0.0] * 6]
        line = beside(times, waits, number=number)
        lines.append(in_state(line, 30, 30, 300, 300, samples=(0, 4, 4, 10)))
    pair = Pair("case", tuple(collapse(lines)), tuple(collapse([structs.replace(each, run="r2") for each in lines])))
    (found,) = compare([pair], CompareOptions({"step_time": 0.02}))
    summary = Measures(collapse(lines)).summary(collapse(lines)[0], "step_time")
    assert found.base.summary.center == summary.center
    assert summary.center == pytest.approx(min((CALM, 2 * CALM), key=lambda each: abs(each - summary.center)), rel=0.01)


def test_exports_have_what_reports_count():
    told = json.loads(render_pytest_benchmark([beside([CALM, CALM, BUSY])]))
    assert told["benchmarks"][0]["stats"]["max"] == CALM
