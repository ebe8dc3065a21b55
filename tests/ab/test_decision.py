"""What launches say and what to do next, from made-up launches."""

import itertools

import msgspec
import numpy as np
import pytest

from embbench.ab.decision import LOOKS, MOST, consult, last_share
from embbench.analysis.compare.evidence import CompareOptions
from tests.made_up import case, failed, measured, values

TIME = CompareOptions({"step_time": 0.02})
BOTH = CompareOptions({"step_time": 0.02, "host_peak": 0.005})


def launch(index, ratio, level=0.1, memory=(1e9, 1e9)):
    """One launch of two cycles; the machine's level is its own, as it is of a real one."""
    rounds = []
    for factor, name, peak in ((1.0, "base", memory[0]), (ratio, "head", memory[1])):
        (made,) = measured(case(), [level * factor], peak, run=name)
        samples = values("step_time", *(level * factor * jitter for jitter in (1.0, 1.001, 0.999, 1.0)))
        metrics = {**made.metrics, "step_time": samples}
        rounds.append(msgspec.structs.replace(made, round=index, launch=f"r/{index}", metrics=metrics))
    return tuple(rounds)


def played(draw, options=TIME, family=1, most=100):
    """Launches as `draw(index)` gives them, until the decision is final."""
    made = []
    for index in itertools.count():
        step = consult("case", made, options, family, last=index == most)
        if not step.go_on:
            return step.comparisons, made
        made.append(draw(index))


def drawing(ratio, spread, seed=0):
    rng = np.random.default_rng(seed)

    def draw(index):
        return launch(index, ratio * float(np.exp(rng.normal(0, spread))), float(rng.uniform(0.1, 0.2)))

    return draw


def test_the_shares_of_the_looks_are_alpha():
    assert sum(LOOKS.values()) + sum(map(last_share, range(50))) == pytest.approx(1.0)
    assert last_share() > 0.5
    assert list(LOOKS) == sorted(LOOKS)
    assert max(LOOKS) < MOST


def test_no_difference_ends_early_where_launches_agree():
    (found,), made = played(drawing(1.0, 0.002))
    assert found.verdict == "same"
    assert len(made) <= 5


def test_a_slowdown_rests_on_every_launch():
    (found,), made = played(drawing(1.10, 0.001))
    assert (found.verdict, found.reason) == ("regression", "shown")
    assert len(found.base.values) == len(made) in LOOKS


def test_between_looks_nothing_is_decided():
    """Whatever the launches say: each look more would need a share of alpha of its own."""
    draw = drawing(1.5, 0.001)
    made = [draw(index) for index in range(8)]
    assert [consult("case", made[:count], TIME, 1).go_on for count in (1, 2, 6, 8)] == [True] * 4
    assert not consult("case", made[:7], TIME, 1).go_on


def test_the_last_look_sees_what_one_between_does_not():
    """It has most of alpha; another session's last look has a part of that."""
    seen = enumerate((1.03, 1.06, 1.04, 1.055, 1.05))
    made = [launch(index, ratio, 0.1 + 0.01 * index) for index, ratio in seen]
    assert consult("case", made, TIME, 1).go_on
    assert consult("case", made, TIME, 1, last=True).comparisons[0].verdict == "regression"
    assert consult("case", made, TIME, 1, last=True, resumed=1).comparisons[0].verdict == "inconclusive"


def test_noise_that_the_last_look_may_part_ends_undecided_after_it():
    (found,), made = played(drawing(1.02, 0.02, seed=0))
    assert (found.verdict, found.reason) == ("inconclusive", "noise")
    assert len(made) == MOST


@pytest.mark.parametrize("seed", range(5))
def test_noise_that_no_look_could_part_takes_no_more_launches(seed):
    (found,), made = played(drawing(1.02, 0.2, seed=seed))
    assert (found.verdict, found.reason) == ("inconclusive", "noise")
    assert len(made) < MOST
    assert found.needed is None or found.needed > MOST


def test_a_change_as_large_as_its_noise_is_looked_for_to_the_end():
    (found,), made = played(drawing(1.5, 0.2, seed=1))
    assert found.verdict == "regression"
    assert len(made) > min(LOOKS)


def test_memory_that_scatters_takes_no_launches_when_the_step_is_decided():
    rng = np.random.default_rng(0)

    def draw(index):
        peaks = tuple(1e9 * np.exp(rng.normal(0, 0.02, 2)))
        return launch(index, 1 + 0.001 * (index % 3), 0.1 + 0.01 * index, memory=peaks)

    found, made = played(draw, BOTH)
    assert [(each.metric, each.verdict) for each in found] == [("step_time", "same"), ("host_peak", "inconclusive")]
    assert len(made) < MOST


def test_more_memory_is_believed_where_the_launches_agree():
    def draw(index):
        return launch(index, 1 + 0.001 * (index % 3), 0.1 + 0.01 * index, memory=(1e9, 1.01e9))

    found, made = played(draw, BOTH)
    assert [(each.metric, each.verdict) for each in found] == [("step_time", "same"), ("host_peak", "regression")]
    assert len(made) < MOST


def test_a_head_that_always_crashes_is_tried_twice():
    def draw(index):
        base, _ = launch(index, 1.0)
        return base, failed(case(), "crash", "signal 11", index, launch=base.launch)

    (found,), made = played(draw)
    assert (found.verdict, len(made)) == ("broke", 2)


def test_without_a_launch_nothing_is_decided():
    assert consult("case", [], TIME, 1).go_on


@pytest.mark.parametrize("family", [1, 20])
def test_false_alarms_are_rare_at_the_threshold_itself(family):
    """A true ratio of just the threshold is the worst that is no regression."""
    alarms = sum(played(drawing(1.02, 0.01, seed), family=family)[0][0].verdict == "regression" for seed in range(150))
    assert alarms <= 5  # at most 1 % each: more than five have a chance of 1 in 500


def test_the_same_launches_give_the_same_answer():
    draw = drawing(1.03, 0.01)
    made = [draw(index) for index in range(min(LOOKS))]
    assert consult("case", made, TIME, 1) == consult("case", made, TIME, 1)
