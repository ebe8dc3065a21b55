"""Steps that are watched against those of the window, on a virtual clock."""

import pytest

from embbench.worker.watched_steps import MOST_TRIES, STEPS, TRIES, cheaper_unwatched
from tests.fakes.clock import VirtualClock

UNREAD = 50  # steps of the window


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


class Slackens(Scripted):
    """Of which a step takes `unread` seconds once more than twice STEPS of them had no reading."""

    def __init__(self, clock, read, unread):
        super().__init__(clock, read)
        self.unread, self.since = unread, 0

    def step(self):
        self.since += 1
        self.clock.advance(self.seconds[0] if self.since <= 2 * STEPS else self.unread)

    def loss(self):
        self.since = 0
        return 0.0


def slackening(read, unread):
    clock = VirtualClock(reading=0)
    return cheaper_unwatched(Slackens(clock, read, unread), unread, None, UNREAD, clock)


def watch(usual, *seconds, fence=0.0):
    clock = VirtualClock(reading=0)
    return cheaper_unwatched(Scripted(clock, *seconds, fence=fence), usual, None, UNREAD, clock)


def test_steps_that_cost_the_same_are_tried_once():
    assert watch(0.01, 0.01) == (3 * STEPS, None)


def test_a_slow_fence_is_no_work_that_was_left_out():
    assert watch(0.001, 0.001, fence=0.05) == (3 * STEPS, None)


def test_every_second_step_left_out_where_nobody_reads_is_found():
    made, dearer = slackening(0.01, 0.005)
    assert dearer == pytest.approx(2.0)
    assert made > 3 * STEPS * TRIES + UNREAD


def test_a_window_in_a_moment_of_rest_condemns_nobody():
    made, dearer = watch(0.005, 0.01)
    assert dearer is None
    assert made > 3 * STEPS * TRIES + UNREAD


def test_a_disturbed_try_condemns_nobody():
    assert watch(0.01, *[0.01] * STEPS, *[0.1] * 2 * STEPS, 0.01) == (6 * STEPS, None)


def test_a_moment_of_rest_for_the_shorter_block_condemns_nobody():
    _, dearer = watch(0.01, *[0.01] * STEPS, 0.03)
    assert dearer is None


def test_one_moment_of_rest_where_nobody_reads_condemns_nobody():
    """Of blocks that a busy machine makes three times as long, one of those with no reading is not."""
    clock = VirtualClock(reading=0)
    trial = Scripted(clock, 0.03)
    unread = {"since": 0}

    def step():
        unread["since"] += 1
        rests = 0 < unread["since"] - UNREAD - 2 * STEPS <= 2 * STEPS
        clock.advance(0.01 if rests else 0.03)

    trial.step = step
    trial.loss = lambda: unread.update(since=0)
    assert cheaper_unwatched(trial, 0.01, None, UNREAD, clock)[1] is None


def test_a_long_step_is_made_once():
    assert watch(2.0, 2.2) == (1, None)
    assert watch(0.15, 0.16) == (1, None)


def test_long_steps_are_not_tried_for_ever():
    assert slackening(4.0, 2.0) == (TRIES + 2 + TRIES, pytest.approx(2.0))


def test_short_steps_are_not_tried_for_ever():
    made, dearer = slackening(1e-5, 1e-6)
    assert made == 3 * STEPS * MOST_TRIES + UNREAD + 2 * STEPS * TRIES
    assert dearer == pytest.approx(10, rel=0.01)
