"""Page faults that differ by chance are taken off both sides of a launch, and those that a side causes are not."""

import math

import msgspec
import numpy as np
import pytest

from embbench.ab.decision import consult
from embbench.analysis.compare.chance import at_equal_chance
from embbench.analysis.compare.evidence import CompareOptions
from embbench.stats.effects import alternating_ratio
from tests.made_up import case, measured, values

COST = 1.5e-6  # seconds of a page fault
TURNS = 16
OPTIONS = CompareOptions({"step_time": 0.02}, frozenset({"class"}))


def line(step, faults, index=0, side="base", noise=0.0, rng=None):
    """A round whose turns take `step` seconds and what their page faults cost."""
    (made,) = measured(case(update="default" if side == "base" else "sparse"), [step], run=side)
    jitter = rng.normal(0, noise, len(faults)) if rng is not None else np.zeros(len(faults))
    told = [step * math.exp(more) + COST * each for more, each in zip(jitter, faults, strict=True)]
    return msgspec.structs.replace(
        made,
        round=index,
        launch=f"r/{index}",
        metrics={**made.metrics, "step_time": values("step_time", *told)},
        conditions={**made.conditions, "stopped": "turns", "turn_faults": list(map(float, faults))},
    )


def launches(ratio=1.0, more=0, count=6, seed=0, noise=0.002):
    """Of processes whose heaps differ: some fault 2,000 times a step, some never, most now and then."""
    rng = np.random.default_rng(seed)
    sides = []
    for side, factor, own in (("base", 1.0, 0), ("head", ratio, more)):
        kinds = rng.choice([0.0, 0.3, 1.0], count)
        sides.append([
            line(0.012 * factor, own + 2000 * rng.binomial(1, kind, TURNS), at, side, noise, rng)
            for at, kind in enumerate(kinds)
        ])  # fmt: skip
    return sides


SHARE = 1.15  # seconds of a step by each second waited


def waiting(lines, more=0.0, seed=1):
    """The same where threads share a CPU in one turn of ten, for up to a fifth of a step; head for `more` seconds."""
    rng = np.random.default_rng(seed)
    found = []
    for side, own in zip(lines, (0.0, more), strict=True):
        found.append([])
        for each in side:
            waits = own + rng.uniform(0, 2.4e-3, TURNS) * (rng.random(TURNS) < 0.1)
            found[-1].append(with_waits(each, waits, SHARE))
    return found


def with_waits(made, waits, cost=1.0):
    told = [of + cost * wait for of, wait in zip(made.metrics["step_time"].values, waits, strict=True)]
    metrics = {**made.metrics, "step_time": values("step_time", *told)}
    conditions = {**made.conditions, "turn_waits": list(map(float, waits))}
    return msgspec.structs.replace(made, metrics=metrics, conditions=conditions)


def beside(made, others=0.5):
    """The round beside other programs that keep so much of one CPU busy."""
    return msgspec.structs.replace(made, conditions={**made.conditions, "others": others})


def ratios(lines):
    return [
        alternating_ratio(*(side.metrics["step_time"].values for side in both)) for both in zip(*lines, strict=True)
    ]


@pytest.mark.parametrize("ratio", [1.0, 1.05, 0.9])
def test_launches_scatter_by_what_is_left(ratio):
    lines = launches(ratio)
    equal = at_equal_chance(lines)
    assert equal.costs["faults"] == pytest.approx(COST, rel=0.02)
    assert np.std(np.log(ratios(lines))) > 0.02
    assert np.log(ratios(equal.lines)) == pytest.approx(math.log(ratio), abs=0.012)


def test_waits_for_a_cpu_are_taken_off_beside_page_faults():
    lines = waiting(launches(1.05))
    equal = at_equal_chance(lines)
    assert equal.costs["faults"] == pytest.approx(COST, rel=0.1)
    assert equal.costs["waits"] == pytest.approx(SHARE, rel=0.1)
    assert np.log(ratios(equal.lines)) == pytest.approx(math.log(1.05), abs=0.012)
    (told,) = consult("case", list(zip(*lines, strict=True)), OPTIONS, 1, last=True).comparisons
    assert (told.verdict, told.evidence.wait_cost) == ("regression", pytest.approx(SHARE, rel=0.1))


def test_waits_that_a_side_causes_stay():
    """A head with more threads than CPUs is slower by them, whatever its page faults do."""
    assert set(at_equal_chance(waiting(launches(), more=2e-3)).costs) == {"faults"}


def test_what_waits_as_long_beside_longer_steps_is_slower_by_all_of_it():
    """Where CPUs are shared a step waits for a share of itself: that of a slower program must not be taken off it."""
    rng = np.random.default_rng(4)
    sides = []
    for name, work in (("base", 0.012), ("head", 0.0126)):
        shares = rng.normal(0.5, 0.1, (6, 1)) + rng.normal(0, 0.1, (6, TURNS))
        sides.append([
            beside(with_waits(line(work, [0] * TURNS, at, name), work * np.clip(each, 0, None)))
            for at, each in enumerate(shares)
        ])  # fmt: skip
    equal = at_equal_chance(sides)
    assert np.mean(np.log(ratios(equal.lines))) == pytest.approx(math.log(1.05), abs=0.01)


def test_one_turn_that_waited_for_seconds_changes_nothing_for_the_others():
    base, head = waiting(launches(1.05))
    stopped = [0.05, *head[0].conditions["turn_waits"][1:]]  # two threads, for as long
    seconds = [0.037, *head[0].metrics["step_time"].values[1:]]
    head[0] = msgspec.structs.replace(
        head[0],
        conditions={**head[0].conditions, "turn_waits": stopped},
        metrics={**head[0].metrics, "step_time": values("step_time", *seconds)},
    )
    equal = at_equal_chance([base, head])
    assert equal.costs["waits"] == pytest.approx(SHARE, rel=0.15)
    assert np.log(ratios(equal.lines)) == pytest.approx(math.log(1.05), abs=0.015)


def test_page_faults_that_a_side_causes_stay():
    """A head that asks for a table's bytes anew in each step is slower by their page faults."""
    assert at_equal_chance(launches(more=4000)) is None


def test_chance_seldom_looks_like_a_cause():
    kept = sum(at_equal_chance(launches(seed=seed)) is not None for seed in range(100))
    assert 94 <= kept <= 100


@pytest.mark.parametrize("told", [None, [1.0], ["1"] * TURNS, [True] * TURNS, [-1.0] * TURNS])
def test_what_does_not_tell_its_page_faults_is_left_as_it_is(told):
    base, head = launches()
    head[2] = msgspec.structs.replace(head[2], conditions={**head[2].conditions, "turn_faults": told})
    assert at_equal_chance([base, head]) is None


def test_without_page_faults_there_is_nothing_to_take_off():
    lines = [[line(0.012, [0] * TURNS, at, side) for at in range(4)] for side in ("base", "head")]
    assert at_equal_chance(lines) is None


def test_a_single_launch_cannot_tell_chance_from_cause():
    assert at_equal_chance(launches(count=1)) is None


def test_a_verdict_is_of_launches_at_equal_page_faults():
    (slow,), (same,) = (
        consult("case", list(zip(*launches(ratio, count=9, seed=3), strict=True)), OPTIONS, 1, last=True).comparisons
        for ratio in (1.05, 1.0)
    )
    assert (slow.verdict, same.verdict) == ("regression", "same")
    assert slow.evidence.fault_cost == pytest.approx(COST, rel=0.02)
    assert slow.evidence.deviation < 0.01
    (caused,) = consult("case", list(zip(*launches(more=4000), strict=True)), OPTIONS, 1, last=True).comparisons
    assert (caused.verdict, caused.evidence.fault_cost) == ("regression", 0.0)


def test_sides_that_seem_to_differ_by_their_page_faults_are_not_the_same():
    """Three launches do not show that head causes 1,600 more, a fifth of a step; nor may they be called equal."""
    wave = 400 * (np.arange(TURNS) % 4 > 1)
    sides = [[line(0.012, 500 + own * at + wave, at, side) for at in range(3)]
             for side, own in (("base", 0), ("head", 1600))]  # fmt: skip
    equal = at_equal_chance(sides)
    assert equal.shares["faults"] == pytest.approx(COST * 1600 / 0.0135, rel=0.1)
    rng = np.random.default_rng(0)
    sides = [[msgspec.structs.replace(each, metrics={**each.metrics, "step_time": values("step_time", *(
        value * math.exp(rng.normal(0, 1e-5)) for value in each.metrics["step_time"].values))}) for each in side]
        for side in sides]  # fmt: skip
    (found,) = consult("case", list(zip(*sides, strict=True)), OPTIONS, 1, last=True).comparisons
    assert (found.verdict, found.reason) == ("inconclusive", "faults")


@pytest.mark.parametrize(("others", "verdict"), [(None, "inconclusive"), (0.02, "inconclusive"), (0.5, "regression")])
def test_waits_beside_other_programs_are_no_sides_doing(others, verdict):
    """Head is 5 % slower, and by chance its threads waited less: as they are, its steps take less."""
    rng = np.random.default_rng(0)
    levels = {"base": (6e-3, 5e-3, 4e-3, 0.0, 1e-3, 6e-3), "head": (0.0, 1e-3, 2e-3, 5e-3, 4e-3, 0.0)}
    sides = []
    for (side, waits), step in zip(levels.items(), (0.012, 0.0126), strict=True):
        made = [line(step, [0] * TURNS, at, side, 1e-3, rng) for at in range(6)]
        made = [with_waits(each, level * rng.uniform(0, 2, TURNS)) for each, level in zip(made, waits, strict=True)]
        sides.append(made if others is None else [beside(each, others) for each in made])
    assert np.median(ratios(sides)) < 0.95
    (found,) = consult("case", list(zip(*sides, strict=True)), OPTIONS, 1, last=True).comparisons
    assert found.verdict == verdict
    assert found.ratio.center == pytest.approx(1.05 if verdict == "regression" else np.mean(ratios(sides)), rel=0.02)


def test_threads_that_wait_for_each_other_are_the_programs_own():
    rng = np.random.default_rng(0)
    sides = [[with_waits(each, 3e-3 * rng.uniform(0.5, 1.5, TURNS)) for each in side] for side in launches()]
    assert set(at_equal_chance(sides).costs) == {"faults"}
    assert set(at_equal_chance([list(map(beside, side)) for side in sides]).costs) == {"faults", "waits"}


def test_a_seldom_wait_that_two_threads_share_a_cpu_is_chance():
    """In one turn of ten: the other nine say that they need not."""
    assert set(at_equal_chance(waiting(launches())).costs) == {"faults", "waits"}


def test_a_gain_that_hangs_on_what_was_taken_off_is_none():
    """Head causes page faults that three launches do not show: without them it is faster, with them slower."""
    wave = 400 * (np.arange(TURNS) % 4 > 1)
    rng = np.random.default_rng(0)
    sides = [[line(step, 500 + own * at + wave, at, side, 1e-4, rng) for at in range(3)]
             for side, step, own in (("base", 0.012, 0), ("head", 0.0114, 1600))]  # fmt: skip
    (found,) = consult("case", list(zip(*sides, strict=True)), OPTIONS, 1, last=True).comparisons
    assert (found.verdict, found.reason) == ("inconclusive", "faults")
