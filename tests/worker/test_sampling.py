"""Blocks, warm-up and stopping, on scripted step times."""

import itertools
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embbench.cases.disturbance import calm
from embbench.cases.protocol import Protocol
from embbench.worker.clock import clock_cost, time_block
from embbench.worker.sampling import CALM, PATIENT, block_steps, noise_is_stable, take_samples, warm_up
from tests.fakes.clock import VirtualClock
from tests.fakes.scripted import Scripted


def test_a_block_is_timed_as_a_whole():
    clock = VirtualClock(reading=0)
    assert time_block(Scripted(clock, 0.1, 0.2, 0.3), 3, clock) == pytest.approx(0.6)


def test_clock_cost_is_its_reading():
    assert clock_cost(VirtualClock(reading=50)) == pytest.approx(50e-9, rel=1e-2)


@pytest.mark.parametrize(("step", "steps"), [(1.0, 1), (0.02, 1), (0.019, 2), (1e-3, 20), (1e-6, 20_000)])
def test_blocks_outlast_20_ms(step, steps):
    assert block_steps(step, Protocol(), VirtualClock()) == steps


@pytest.mark.parametrize(("step", "steps"), [(1.0, 1), (0.06, 5), (1e-3, 50), (1e-6, 20_000)])
def test_blocks_on_a_device_have_50_steps_or_outlast_300_ms(step, steps):
    assert block_steps(step, Protocol(), VirtualClock(), "cuda") == steps


def test_a_fence_that_drains_a_device_hardly_counts():
    """The host needs 2.5 ms to start a step, the device 6.5 ms to make it: a step with its fence takes 9 ms."""
    steps = block_steps(9e-3, Protocol(), VirtualClock(), "cuda")
    assert (2.5e-3 + steps * 6.5e-3) / steps == pytest.approx(6.5e-3, rel=0.015)
    assert (2.5e-3 + 3 * 6.5e-3) / 3 > 1.1 * 6.5e-3  # as in blocks of 20 ms


def test_a_slow_clock_makes_longer_blocks():
    slow = VirtualClock(reading=100_000)
    assert block_steps(1e-3, Protocol(), slow) == pytest.approx(2 * 1e-4 / 1e-3 / 1e-3, rel=0.01)


def test_warm_up_ends_when_settled_and_keeps_its_times():
    clock = VirtualClock(reading=0)
    warmed = warm_up(Scripted(clock, 0.05, 0.04, 0.03, 0.01), Protocol(warmup=10), clock)
    assert warmed.converged
    assert warmed.seconds[:4] == pytest.approx((0.05, 0.04, 0.03, 0.01))


def test_warm_up_ends_with_its_budget():
    clock = VirtualClock(reading=0)
    trial = Scripted(clock, *(2.0**n for n in range(20)))
    warmed = warm_up(trial, Protocol(warmup=5), clock)
    assert not warmed.converged
    assert sum(warmed.seconds) == pytest.approx(1 + 2 + 4)


def test_sampling_stops_early_when_noise_is_stable_and_else_with_the_budget():
    clock = VirtualClock(reading=0)
    steady = take_samples(Scripted(clock, 0.02), 1, Protocol(budget=1e3), clock)
    assert steady.stopped == "stable"
    growing = take_samples(Scripted(clock, *(0.02 * 1.1**n for n in range(200))), 1, Protocol(budget=5), clock)
    assert growing.stopped == "budget"


def test_one_block_is_double_and_is_counted():
    clock = VirtualClock(reading=0)
    trial = Scripted(clock, 0.1)
    samples = take_samples(trial, 3, Protocol(budget=1.0), clock)
    assert samples.steps[:3] == (3, 6, 3)
    assert samples.total_steps == trial.steps


def test_a_warm_up_step_counts_where_the_block_behind_it_takes_as_long():
    clock = VirtualClock(reading=0)
    samples = take_samples(Scripted(clock, 1.1), 1, Protocol(), clock, (1.0,))
    assert (samples.seconds, samples.steps, samples.before) == (pytest.approx((1.0, 1.1)), (1, 2), 1)


def test_a_later_block_that_is_slow_drops_nothing():
    clock = VirtualClock(reading=0)
    trial = Scripted(clock, 1.0, 1.0, 1.0, 1.6, 1.0)
    samples = take_samples(trial, 1, Protocol(budget=7), clock, (1.0,))
    assert samples.seconds == pytest.approx((1.0, 1.0, 1.0, 1.6, 1.0, 1.0))
    assert samples.total_steps - samples.before == trial.steps


@pytest.mark.parametrize("warm", [4.0, 0.5])
def test_a_warm_up_step_that_was_not_steady_counts_for_nothing(warm):
    clock = VirtualClock(reading=0)
    trial = Scripted(clock, 1.0)
    samples = take_samples(trial, 1, Protocol(), clock, (warm,))
    assert (samples.seconds, samples.steps, samples.before) == (pytest.approx((1.0, 1.0)), (1, 2), 0)
    assert samples.total_steps == trial.steps == 3


@pytest.mark.parametrize(("second", "samples"), [(1.6, (1.0, 1.3, 1.0)), (1.2, (1.0, 1.1)), (19.0, (1.0, 10.0))])
def test_two_samples_that_are_not_alike_get_a_third(second, samples):
    clock = VirtualClock(reading=0)
    taken = take_samples(Scripted(clock, 1.0, 1.0, second, 1.0), 1, Protocol(), clock)
    assert taken.seconds == pytest.approx(samples)


@given(st.lists(st.floats(0.01, 1), min_size=16, max_size=64), st.floats(1e-3, 1e3))
def test_noise_is_scale_invariant(seconds, scale):
    assert noise_is_stable(seconds, 0.1) == noise_is_stable([value * scale for value in seconds], 0.1)


class Neighbour(Scripted):
    """A trial whose step takes 10 ms, and beside a neighbour 40 ms more, of which it waits 30. neighbour: whether there
    is one, by step, again and again.
    """

    def __init__(self, clock, neighbour):
        super().__init__(clock, 0.01)
        self.neighbour, self.waited = itertools.cycle(neighbour), 0.0

    def step(self):
        super().step()
        if next(self.neighbour):
            self.clock.advance(0.04)
            self.waited += 0.03


def beside(neighbour, others=True, budget=0.2):
    clock = VirtualClock(reading=0)
    trial = Neighbour(clock, neighbour)
    return take_samples(
        trial, 1, Protocol(budget=budget), clock, (), lambda *_: None, lambda: trial.waited, lambda: others
    )


def test_samples_tell_what_their_threads_waited():
    samples = beside([False, True, False], others=False, budget=0.1)
    assert samples.steps == (1, 2, 1, 1)
    assert samples.seconds == pytest.approx((0.01, 0.03, 0.01, 0.05))
    assert samples.waits == pytest.approx((0.0, 0.015, 0.0, 0.03))
    assert set(take_samples(Scripted(VirtualClock(reading=0), 0.01), 1, Protocol(), VirtualClock()).waits) == {None}


def test_beside_others_samples_are_made_until_enough_are_calm_or_patience_ends():
    often = beside([True, True, False], budget=0.4)
    assert len(calm(often.seconds, often.waits, 1)) == CALM
    assert sum(often.seconds) > 0.5
    always = beside([True])
    assert sum(map(operator.mul, always.seconds, always.steps)) == pytest.approx(PATIENT * 0.2, abs=0.1)
    assert calm(always.seconds, always.waits, 1) == []


def test_where_no_wait_is_known_no_more_samples_are_made():
    clock = VirtualClock(reading=0)
    trial = Neighbour(clock, [True])
    samples = take_samples(trial, 1, Protocol(budget=0.2), clock, others=lambda: True)
    assert sum(map(operator.mul, samples.seconds, samples.steps)) < 0.3


def test_waits_that_no_other_program_causes_take_no_more_samples():
    assert sum(beside([True], others=False).seconds) < 0.3
    assert sum(beside([False], others=True, budget=0.05).seconds) < 0.1
