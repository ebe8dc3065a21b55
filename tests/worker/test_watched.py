"""Steps that are watched against those of the window, on a virtual clock."""

import pytest

from embbench.worker.watched import MOST_TRIES, STEPS, TRIES, cheaper_unwatched
from tests.fakes.clock import VirtualClock


class Scripted:
    """Each step takes the next of `seconds`, the last one again and again; each fence takes `fence`."""

    def __init__(self, clock, *seconds, fence=0.0):
        self.clock, self.seconds, self.fence = clock, list(seconds), fence

    def step(self):
        self.clock.advance(self.seconds.pop(0) if len(self.seconds) > 1 else self.seconds[0])

    def sync(self):
        self.clock.advance(self.fence)

    def loss(self):
        return 0.0

    def read_rows(self, ids):
        pass


def watch(usual, *seconds, fence=0.0):
    clock = VirtualClock(reading=0)
    return cheaper_unwatched(Scripted(clock, *seconds, fence=fence), usual, None, clock)


def test_steps_that_cost_the_same_are_tried_once():
    assert watch(0.01, 0.01) == (3 * STEPS, None)


def test_a_slow_fence_is_no_work_that_was_left_out():
    assert watch(0.001, 0.001, fence=0.05) == (3 * STEPS, None)


def test_every_second_step_left_out_in_the_window_is_found():
    made, dearer = watch(0.005, 0.01)
    assert dearer == pytest.approx(2.0)
    assert made > 3 * STEPS * TRIES


def test_a_disturbed_try_condemns_nobody():
    assert watch(0.01, *[0.01] * STEPS, *[0.1] * 2 * STEPS, 0.01) == (6 * STEPS, None)


def test_a_long_step_is_made_once():
    assert watch(2.0, 2.2) == (1, None)


def test_long_steps_are_not_tried_for_ever():
    assert watch(2.0, 4.0) == (TRIES, pytest.approx(2.0))


def test_short_steps_are_not_tried_for_ever():
    made, dearer = watch(1e-6, 1e-5)
    assert made == 3 * STEPS * MOST_TRIES
    assert dearer == pytest.approx(10, rel=0.01)
