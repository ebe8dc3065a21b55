"""Proof of the fence, on scripted step times and beside made-up pauses."""

import itertools
import random
import statistics

import numpy as np
import pytest

from embbench.cases.protocol import Protocol
from embbench.worker.fence import FEW_PAIRS, PAIRS, leak_after_fence, not_linear
from embbench.worker.sampling import Samples, block_steps, take_samples, warm_up
from tests.fakes.clock import VirtualClock
from tests.fakes.scripted import Scripted


def linear(double, *further, block=0.3):
    """not_linear's answer where the double block took `double` times as long as a block of one step, which takes
    `block` seconds, and steps made after take `further`, the last of these for ever.
    """
    clock = VirtualClock(reading=0)
    samples = Samples((block, double * block, 1.01 * block, 0.99 * block), (1, 2, 1, 1), "budget")
    return not_linear(Scripted(clock, *(further or [block])), samples, np.zeros(1, dtype=int), clock)


TRIED = 4 * PAIRS  # steps of the least tries: each a block of twice the steps, and two of as many


@pytest.mark.parametrize("double", [1, 0.65, 1.6])
def test_twice_the_steps_take_about_twice_the_time(double):
    assert linear(double, block=0.5) == (0, None)


def test_a_disturbed_block_is_tried_again():
    assert linear(3) == (TRIED, None)
    assert linear(3, 0.3, 2.7, 0.3, 0.3, 0.3) == (TRIED, None)


def test_short_blocks_are_tried_again_even_where_they_look_right():
    """A pause of a busy machine can be as long as the work that was dropped."""
    assert linear(1, block=0.02) == (TRIED, None)
    assert linear(1, *[0.02, 0.0, 0.02, 0.02] * 110, block=0.02)[1] is not None


def test_blocks_that_are_long_and_look_right_are_tried_twice_and_must_come_close():
    assert linear(1, block=0.15) == (4 * FEW_PAIRS, None)
    paused, dropped = [0.30, 0.0, 0.15, 0.15], [0.15, 0.0, 0.15, 0.15]
    assert linear(1, *paused, *paused, *dropped * 110, block=0.15) == (4 * FEW_PAIRS, None)
    assert linear(1, *paused, *dropped * 110, block=0.15)[1] is not None
    assert linear(1, *[0.25, 0.0, 0.15, 0.15] * 4, 0.15, block=0.15) == (TRIED, None)  # near, and not close
    assert linear(3, block=0.15) == (TRIED, None)  # the samples did not look right


def test_a_fence_that_drops_work_stays_broken():
    made, reason = linear(0.5, *[0.1, 0.0, 0.1, 0.1] * 110)
    assert made == 4 * 100  # however often it is tried
    assert "twice the steps took 1 times" in reason


def test_a_long_block_is_tried_a_few_times_and_no_more():
    assert linear(0.1, *[10.0, 0.0, 10.0, 10.0] * PAIRS)[0] == TRIED


def test_a_machine_busy_for_most_of_the_tries_does_not_condemn_a_fence():
    disturbed = [0.1, 0.1, 0.5, 0.5]  # as a fence that drops work would look
    assert linear(0.1, *disturbed * 7, 0.1) == (4 * 8, None)


def test_a_block_that_no_pause_leaves_alone_is_held_against_two_that_meet_as_many():
    """Twice 22 ms fit between no two pauses, 22 ms between some: the fastest single block would condemn the fence."""
    assert linear(3.5, *[0.1, 0.02, 0.02, 0.1] * 30, block=0.02) == (TRIED, None)


def test_chance_does_not_clear_a_fence_that_drops_work():
    """Two pauses of three are as long as the work that was dropped."""
    tries = [0.1, 0.0, 0.1, 0.1], [0.2, 0.0, 0.1, 0.1], [0.2, 0.0, 0.1, 0.1]
    assert linear(0.5, *itertools.chain(*tries * 40))[1] is not None


def test_a_moment_of_rest_on_a_busy_machine_does_not_condemn_a_fence():
    busy = [0.5, 0.5, 0.5, 0.5]
    assert linear(0.5, *busy * 3, 0.25, 0.25, 0.5, 0.5, *busy * 110) == (4 * 16, None)


class Reads(Scripted):
    """Reading results costs `reading`, the first time `owed` more; each try in turn."""

    def __init__(self, clock, owed):
        super().__init__(clock, 0.01)
        self.owed = iter(owed)
        self.fresh = False

    def sync(self):
        self.fresh = True

    def loss(self):
        self.clock.advance(1e-4 + (next(self.owed) if self.fresh else 0))
        self.fresh = False

    def read_rows(self, ids):
        pass


def test_disturbed_reads_do_not_condemn_a_fence():
    clock = VirtualClock(reading=0)
    trial = Reads(clock, [*[0.5] * 20, 0.0])
    trial.sync()
    assert leak_after_fence(trial, 0.01, None, clock) == (20, None)


def test_a_fence_that_never_waits_is_found():
    clock = VirtualClock(reading=0)
    trial = Reads(clock, [0.5] * 100)
    trial.sync()
    made, reason = leak_after_fence(trial, 0.01, None, clock)
    assert made > 50
    assert "waited 0.5 s more" in reason


class Busy:
    """A trial on a machine that takes the CPU away: of each millisecond of work, a share of `busy` is followed by a
    pause, Pareto distributed from 1 ms to 1 s. kind: honest, or what it leaves behind its fence.
    """

    def __init__(self, clock, rng, kind):
        self.clock, self.rng, self.kind, self.owed = clock, rng, kind, 0.0
        self.seconds, self.busy = rng.choice([2e-4, 1e-3, 5e-3, 2e-2]), rng.choice([0, 0.01, 0.05, 0.1])

    def work(self, seconds):
        self.clock.advance(seconds)
        whole, part = divmod(seconds / 1e-3, 1)
        pauses = sum(self.rng.random() < self.busy for _ in range(int(whole))) + (self.rng.random() < self.busy * part)
        for _ in range(pauses):
            self.clock.advance(min(1.0, 1e-3 * self.rng.paretovariate(1.1)))

    def step(self):
        left = {"honest": 0.0, "nothing waited for": 1.0, "half waited for": 0.5, "only the last made": 1.0}[self.kind]
        self.owed = left * self.seconds + (0.0 if self.kind == "only the last made" else self.owed)
        self.work((1 - left) * self.seconds)

    def sync(self):
        if self.kind == "only the last made":
            self.loss()

    def loss(self):
        self.work(self.owed + 2e-5)
        self.owed = 0.0
        return 0.0

    def read_rows(self, ids):
        self.work(3e-5)


def refused(kind, seed):
    clock, protocol = VirtualClock(), Protocol(budget=0.1)
    trial = Busy(clock, random.Random(seed), kind)
    warmed = warm_up(trial, protocol, clock).seconds
    if leak_after_fence(trial, warmed[-1], None, clock)[1]:
        return True
    samples = take_samples(trial, block_steps(statistics.median(warmed[-3:]), protocol, clock), protocol, clock)
    return not_linear(trial, samples, np.zeros(1, dtype=int), clock)[1] is not None


def test_on_a_busy_machine_no_honest_fence_is_refused():
    assert [seed for seed in range(300) if refused("honest", seed)] == []


@pytest.mark.parametrize("kind", ["nothing waited for", "half waited for", "only the last made"])
def test_on_a_busy_machine_no_broken_fence_passes(kind):
    assert [seed for seed in range(40) if not refused(kind, seed)] == []


class SlowTwice:
    """Of which two steps take six times as long as one; the first reading behind them waits for `left` seconds more."""

    def __init__(self, clock, left):
        self.clock, self.left, self.owed, self.made = clock, left, 0.0, 0

    def step(self):
        self.made += 1

    def sync(self):
        self.clock.advance({1: 1.0, 2: 6.0}[self.made])
        self.owed = self.left if self.made == 2 else 0.0
        self.made = 0

    def loss(self):
        self.clock.advance(1e-3 + self.owed)
        self.owed = 0.0

    def read_rows(self, ids):
        """Takes no time."""


@pytest.mark.parametrize(("left", "broken"), [(0.0, False), (3.0, True)])
def test_twice_the_steps_may_be_slow_where_nothing_is_left_behind_the_fence(left, broken):
    clock = VirtualClock(reading=0)
    samples = Samples((1.0, 3.0, 1.0, 1.0), (1, 2, 1, 1), "turns")
    assert (not_linear(SlowTwice(clock, left), samples, np.zeros(1, dtype=int), clock)[1] is not None) == broken


class Patient:
    """Steps of 10 ms that a device makes later; the host takes 0.2 ms for each. The fence waits for `most` seconds."""

    def __init__(self, clock, most):
        self.clock, self.most, self.free = clock, most, 0

    def step(self):
        self.clock.advance(2e-4)
        self.free = max(self.free, self.clock.now) + 10_000_000

    def sync(self):
        self.clock.now = max(self.clock.now, min(self.free, self.clock.now + round(self.most * 1e9)))

    def loss(self):
        self.clock.now = max(self.clock.now, self.free)

    def read_rows(self, ids):
        """Takes no time."""


@pytest.mark.parametrize(("most", "broken"), [(0.03, True), (60.0, False)])
def test_a_fence_that_waits_for_a_while_and_no_longer_is_found(most, broken):
    """Of 100 steps it waits for three. Twice the steps take 0.72 times as long as two blocks."""
    clock = VirtualClock(reading=0)
    trial, ids = Patient(clock, most), np.zeros(1, dtype=int)
    assert leak_after_fence(trial, 0.01, ids, clock)[1] is None  # a single step is waited for
    trial.loss()
    protocol = Protocol(budget=0.3, block=1.0)
    samples = take_samples(trial, 100, protocol, clock)
    assert (not_linear(trial, samples, ids, clock)[1] is not None) == broken
