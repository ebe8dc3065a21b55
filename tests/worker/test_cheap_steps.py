"""Blocks that cost far less than the others, on the virtual clock: told of programs that leave work out, not of the
honest on a machine that is disturbed.
"""

import random
import statistics

import pytest

from embbench.cases.protocol import Protocol
from embbench.store.round import Warning_
from embbench.worker.cheap_steps import DISTURBED, cheap_steps
from embbench.worker.sampling import Samples, block_steps, take_samples, warm_up
from tests.fakes.clock import VirtualClock
from tests.worker.test_fence import Busy

STEP = 2e-3
SEEDS = range(100)


class Costs:
    """A trial whose steps take what `cost(steps, rng)` says, with a jitter of 3 %. `fenced`: as it says by the number
    of fences.
    """

    def __init__(self, clock, cost, seed=0, fenced=False):
        self.clock, self.cost, self.rng, self.fenced = clock, cost, random.Random(seed), fenced
        self.steps = self.fences = 0

    def step(self):
        self.clock.advance(self.cost(self.fences if self.fenced else self.steps, self.rng) * self.rng.gauss(1, 0.03))
        self.steps += 1

    def sync(self):
        self.fences += 1


def told(trial, clock):
    protocol = Protocol(budget=0.5)
    warmed = warm_up(trial, protocol, clock).seconds
    size = block_steps(statistics.median(warmed[-3:]), protocol, clock)
    return cheap_steps(take_samples(trial, size, protocol, clock), ())


def told_of_blocks(cost, seed, size, *, fenced, found=()):
    """Of a window in blocks of `size` steps, without a warm-up, which a lie could have made blocks too long by."""
    clock = VirtualClock()
    return cheap_steps(take_samples(Costs(clock, cost, seed, fenced), size, Protocol(budget=0.5), clock), found)


HONEST = {
    "jitter": lambda step, rng: STEP,
    "wide jitter": lambda step, rng: STEP * rng.lognormvariate(0, 0.4),
    "heavy tails": lambda step, rng: STEP * (1 + (rng.random() < 0.05) * min(100, 5 * rng.paretovariate(1.1))),
    "a slow first block": lambda step, rng: 3 * STEP if step < 17 else STEP,
    "a slow first step": lambda step, rng: 2.0 if step == 0 else STEP,
    "warm-up settles slowly": lambda step, rng: STEP * (1 + 3 * 0.97**step),
    "batches that cost differently": lambda step, rng: STEP * (1 + step % 64 / 64),
    "some long steps": lambda step, rng: STEP * (20 if step % 50 == 49 else 1),
    "slower for good": lambda step, rng: STEP * (1 + 0.01 * step),
    "a slow stretch": lambda step, rng: STEP * (rng.uniform(2, 3) if 80 <= step < 120 else 1),
    "few long steps": lambda step, rng: 0.2,
    "long steps and heavy tails": lambda step, rng: 0.03 * min(20, rng.paretovariate(1.5)),
}
LIES = {  # by the number of steps made, or of fences
    "long stretches cheap": (10, False, lambda step, rng: STEP * (0.1 if step // 40 % 2 else 1)),
    "every second long step left out": (1, False, lambda step, rng: 10 * STEP * (0.01 if step % 2 else 1)),
    "cheap from a step on": (10, False, lambda step, rng: STEP * (0.3 if step > 80 else 1)),
    "half from a step on": (10, False, lambda step, rng: STEP * (0.5 if step > 80 else 1)),
    "cheap soon": (10, False, lambda step, rng: STEP * (0.1 if step > 60 else 1)),
    "cheap late": (10, False, lambda step, rng: STEP * (0.1 if step > 130 else 1)),
    "every second block cheap": (10, True, lambda fences, rng: STEP * (0.1 if fences % 2 else 1)),
    "every second block half": (10, True, lambda fences, rng: STEP * (0.5 if fences % 2 else 1)),
    "one block of five cheap": (10, True, lambda fences, rng: STEP * (0.1 if fences % 5 == 4 else 1)),
    "half of the blocks, unevenly": (10, True, lambda fences, rng: STEP * (0.2 if fences * 0.618 % 1 < 0.5 else 1)),
}


@pytest.mark.parametrize("cost", HONEST.values(), ids=HONEST)
def test_the_honest_are_not_accused(cost):
    for seed in SEEDS:
        clock = VirtualClock()
        assert told(Costs(clock, cost, seed), clock) is None, seed


@pytest.mark.parametrize(("size", "fenced", "cost"), LIES.values(), ids=LIES)
def test_blocks_that_leave_work_out_are_told(size, fenced, cost):
    assert [seed for seed in SEEDS if told_of_blocks(cost, seed, size, fenced=fenced) is None] == []


def test_on_a_busy_machine_nobody_honest_is_accused():
    for seed in range(300):
        clock = VirtualClock()
        assert told(Busy(clock, random.Random(seed), "honest"), clock) is None, seed


def test_what_was_seen_is_told_with_what_to_do():
    window = Samples((2.0, 2.0, 1.99, 2.01, 0.5, 0.5, 0.5, 0.5), (10, 20, 10, 10, 10, 10, 10, 10), "budget")
    assert cheap_steps(window, ()).startswith("from step 51 of the timed window on, steps took 0.25 times as long")
    window = Samples((2.0, 0.5) * 6, (10,) * 12, "budget")
    text = cheap_steps(window, ())
    assert text.startswith("6 of 12 blocks of steps in the timed window took 0.25 times as long as the others")
    assert "measure again" in text


def test_few_blocks_tell_nothing():
    assert cheap_steps(Samples((2.0, 0.5) * 3, (1,) * 6, "budget"), ()) is None


@pytest.mark.parametrize("code", sorted(DISTURBED))
def test_a_machine_that_was_seen_to_disturb_is_told_instead(code):
    size, fenced, cost = LIES["half from a step on"]
    assert told_of_blocks(cost, 0, size, fenced=fenced, found=(Warning_(code, "measure again"),)) is None


def test_sides_that_take_turns_on_two_cpus_are_told_only_of_what_is_for_good():
    assert cheap_steps(Samples((2.0, 2.0, 1.0, 1.0) * 3, (10,) * 12, "turns"), ()) is None
    assert cheap_steps(Samples((2.0,) * 6 + (1.0,) * 6, (10,) * 12, "turns"), ()) is not None
