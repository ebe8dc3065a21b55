"""A resident worker's samples, one for each line of the parent."""

import io
import os

import msgspec
import pytest

from embbench.store.exchange import Ready, Turn
from embbench.worker.launch_turns import LONG, Turns
from tests.fakes.clock import VirtualClock


class Scripted:
    def __init__(self, clock, seconds):
        self.clock, self.seconds, self.steps = clock, seconds, 0

    def step(self):
        self.steps += 1
        self.clock.advance(self.seconds)

    def sync(self):
        pass


def taken(lines, steps, seconds=0.01, asked=None):
    """asked: steps of a block that the parent asks for."""
    clock, answers = VirtualClock(reading=0), []
    trial, turn = Scripted(clock, seconds), msgspec.json.encode(Turn(asked or steps)) + b"\n"
    samples = Turns(answers.append, io.BytesIO(turn * lines)).take(trial, steps, seconds, clock)
    return samples, answers, trial


def test_every_turn_is_a_sample_and_an_answer():
    samples, answers, _ = taken(4, steps=5)
    assert samples.seconds == pytest.approx((0.01,) * 4)
    assert samples.steps == (5, 10, 5, 5)  # one of twice the steps, for the proof of the fence
    assert answers == [Ready(5, 0.01)] * 5  # before the first turn, and after each


def test_as_long_as_the_fence_is_not_proven_every_other_block_is_one_of_twice_the_steps():
    clock, answers = VirtualClock(reading=0), []
    trial, turn = Scripted(clock, 0.01), msgspec.json.encode(Turn(1)) + b"\n"
    costs = iter([0.01, 0.01, 0.01, 0.09, 0.09, *[0.01] * 30])  # the first block of two steps is disturbed
    trial.step = lambda: clock.advance(next(costs))
    samples = Turns(answers.append, io.BytesIO(turn * 8)).take(trial, 1, 0.01, clock)
    assert samples.steps == (1, 2, 1, 2, 1, 1, 1, 1)


@pytest.mark.parametrize(
    ("told", "waits"),
    [([1.0, 1.3, 2.0, 2.6], [0.1, 0.1]), ([1.0, 0.2, 0.2, 0.2], [0.0, 0.0]), ([None] * 4, [None, None])],
)  # of threads: what one waited is forgotten when it ends
def test_how_long_threads_waited_for_a_cpu_is_told_by_turn(monkeypatch, told, waits):
    monkeypatch.setattr("embbench.worker.launch_turns.queue_wait", iter(told).__next__)
    clock, turn = VirtualClock(reading=0), msgspec.json.encode(Turn(3)) + b"\n"
    turns = Turns(lambda answer: None, io.BytesIO(turn * 2))
    turns.take(Scripted(clock, 0.01), 3, 0.01, clock)
    assert turns.waits == pytest.approx(waits) if None not in waits else turns.waits == waits


@pytest.mark.parametrize(
    ("told", "others"),
    [([1.0, 1.02, 5.0, 5.01], 0.5), ([1.0, 0.99, 2.0, 2.0], 0.0), ([None] * 4, None)],
)  # between turns the other side runs; the system counts in ticks
def test_what_other_programs_used_is_told_of_the_turns_alone(monkeypatch, told, others):
    monkeypatch.setattr("embbench.worker.launch_turns.time_of_others", iter(told).__next__)
    clock, turn = VirtualClock(reading=0), msgspec.json.encode(Turn(2)) + b"\n"
    turns = Turns(lambda answer: None, io.BytesIO(turn * 2))
    turns.take(Scripted(clock, 0.01), 2, 0.01, clock)
    assert turns.others == (None if others is None else pytest.approx(others))


def test_the_parent_says_how_long_the_blocks_are():
    samples, answers, trial = taken(3, steps=1, asked=4)
    assert samples.steps == (4, 8, 4)
    assert trial.steps == samples.total_steps == 16 + 3
    assert answers == [Ready(1, 0.01), *[Ready(4, 0.01)] * 3]


def test_steps_that_warm_the_caches_count_as_steps_and_not_as_time():
    samples, _, trial = taken(4, steps=5)
    assert samples.total_steps == trial.steps == 5 + 10 + 5 + 5 + 4


def test_each_block_is_warmed_by_a_step_that_does_not_count():
    samples, _, trial = taken(4, steps=1)
    assert (sum(samples.steps), samples.warm) == (5, 4)
    assert trial.steps == samples.total_steps == 9


def test_a_long_step_needs_no_warming():
    samples, _, trial = taken(4, steps=1, seconds=LONG)
    assert trial.steps == samples.total_steps == 5


@pytest.mark.parametrize("lines", [0, 1])
def test_a_worker_left_alone_takes_what_the_proof_of_its_fence_needs(lines):
    assert len(taken(lines, steps=2)[0].seconds) == 2


def test_both_sides_make_a_cycle_on_the_same_cpu_and_the_next_one_on_the_next(monkeypatch):
    asked = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3}, raising=False)
    monkeypatch.setattr(os, "sched_setaffinity", lambda _, cpus: asked.append(cpus), raising=False)
    taken(6, steps=1)
    assert asked == [cpus for cpu in (0, 0, 3, 3, 0, 0) for cpus in ({cpu}, {0, 3})]
