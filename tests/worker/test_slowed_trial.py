"""An injected slowdown on the virtual clock."""

import pytest

from embbench.worker.clock import time_block
from embbench.worker.slowed_trial import Slowed
from tests.fakes.clock import VirtualClock


class Scripted:
    def __init__(self, clock):
        self.clock, self.synced, self.told = clock, 0, "mine"

    def step(self):
        self.clock.advance(0.1)

    def sync(self):
        self.synced += 1


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5])
def test_a_step_takes_that_much_longer(share):
    clock = VirtualClock(reading=100)
    trial = Scripted(clock)
    assert time_block(Slowed(trial, share, clock), 10, clock) == pytest.approx(1.0 * (1 + share), rel=1e-4)
    assert trial.synced == 11


def test_all_else_is_the_trials_own():
    clock = VirtualClock()
    assert Slowed(Scripted(clock), 0.1, clock).told == "mine"


def test_idle_work_waits_for_the_fence():
    """Behind each step it would send the framework's other threads to sleep."""
    clock = VirtualClock(reading=100)
    trial = Slowed(Scripted(clock), 0.5, clock)
    begin = clock()
    trial.step()
    assert (clock() - begin) / 1e9 == pytest.approx(0.1, rel=1e-4)
    trial.sync()
    assert (clock() - begin) / 1e9 == pytest.approx(0.15, rel=1e-4)
    trial.sync()
    assert (clock() - begin) / 1e9 == pytest.approx(0.15, rel=1e-4)
