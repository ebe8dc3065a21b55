"""What other programs used during a window, on a virtual clock."""

import pytest

from embbench.worker.bystanders import Bystanders
from tests.fakes.clock import VirtualClock


class Machine:
    """On which other programs have used `used` seconds of CPU."""

    def __init__(self):
        self.clock, self.used = VirtualClock(reading=0), 100.0

    def runs(self, seconds, others):
        self.clock.advance(seconds)
        self.used += others * seconds

    def bystanders(self, cpus=2, threads=2):
        return Bystanders(self.clock, cpus, threads, lambda: self.used)


def test_what_others_used_is_told_of_one_cpu():
    machine = Machine()
    seen = machine.bystanders()
    machine.runs(2.0, others=0.5)
    assert seen.crowding == pytest.approx(0.5)


def test_what_is_done_aside_counts_for_nothing():
    """A probe of the machine is a process of its own."""
    machine = Machine()
    seen = machine.bystanders()
    machine.runs(1.0, others=0.2)
    seen.aside(lambda: machine.runs(1.0, others=1.8))
    machine.runs(1.0, others=0.0)
    assert seen.crowding == pytest.approx(0.1)


def test_cpus_that_are_free_are_in_nobodys_way():
    machine = Machine()
    seen = machine.bystanders(cpus=4)
    machine.runs(1.0, others=1.5)
    assert seen.crowding == 0.0


def test_ticks_may_count_less_than_nothing():
    machine = Machine()
    seen = machine.bystanders()
    machine.runs(1.0, others=-0.01)
    assert seen.crowding == 0.0


def test_where_the_system_does_not_tell_nobody_knows():
    clock = VirtualClock(reading=0)
    seen = Bystanders(clock, 2, 2, lambda: None)
    seen.aside(lambda: clock.advance(1.0))
    clock.advance(1.0)
    assert seen.crowding is None
