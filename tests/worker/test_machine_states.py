"""When the machine is looked at between samples, and what a Round says of it."""

import pytest

from embbench.cases.protocol import Protocol
from embbench.store.exchange import MachineState
from embbench.worker.machine_states import EVERY, MachineStates
from embbench.worker.sampling import take_samples
from tests.fakes.clock import VirtualClock


@pytest.fixture
def seen():
    """Of samples of so many seconds each, with an answer for each look; a look takes a tenth of a second."""

    def go(sample, answers, count):
        clock, told = VirtualClock(reading=0), iter(answers)

        def ask():
            clock.advance(0.1)
            return MachineState(next(told))

        states = MachineStates(ask, clock)
        states.look(0)
        for made in range(1, count + 1):
            clock.advance(sample)
            states.sampled(made)
        return states

    return go


def test_long_samples_are_looked_behind_each_and_short_ones_behind_some(seen):
    long = seen(2 * EVERY, [(270,), (280,), (470,)], 2)
    assert long.told == {"core_latency": {"samples": [0, 1, 2], "ns": [[270], [280], [470]]}}
    assert long.spent == pytest.approx(0.2)
    short = seen(EVERY / 4, [(270,), (280,), (470,)], 8)
    assert short.told["core_latency"]["samples"] == [0, 4, 8]


def test_a_look_that_tells_nothing_is_left_out(seen):
    states = seen(2 * EVERY, [(None, 300), (None, None), (None, 310)], 2)
    assert states.told == {"core_latency": {"samples": [0, 2], "ns": [[None, 300], [None, 310]]}}
    assert seen(2 * EVERY, [(), ()], 1).told == {}


class Steps:
    """A trial of steps of one second."""

    def __init__(self, clock):
        self.clock = clock

    def step(self):
        self.clock.advance(1.0)

    def sync(self):
        pass


def test_whoever_looks_between_samples_is_told_how_many_there_are():
    clock, told = VirtualClock(reading=0), []
    taken = take_samples(Steps(clock), 1, Protocol(budget=5.0), clock, (1.0,), lambda *made: told.append(made))
    assert [count for _, count in told] == list(range(2, len(taken.seconds) + 1))
    assert sum(steps for steps, _ in told) == sum(taken.steps[1:])
    told.clear()
    taken = take_samples(Steps(clock), 1, Protocol(budget=5.0), clock, (9.0,), lambda *made: told.append(made))
    assert taken.before == 0  # the warm-up's step was unlike
    assert told[-1][1] == len(taken.seconds)
