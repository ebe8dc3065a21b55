"""Growth of resident memory: by the step where it goes on, not where an allocator takes something once."""

import random

import pytest

from embbench.worker.resident import GRAINS, Resident, resident_growth
from tests.fakes.clock import VirtualClock

MB = 2**20


def rate(heights, block=10):
    heights = iter(heights)
    resident = Resident(lambda: 1000 * MB + int(next(heights)))
    for _ in range(24):
        resident.look(block)
    return resident.rate


def test_a_graph_a_step_is_seen():
    assert rate(30_000 * step for step in range(0, 250, 10)) == pytest.approx(30_000)


def test_pages_that_come_two_megabytes_at_a_time_are_seen():
    assert rate(100_000 * step // (2 * MB) * 2 * MB for step in range(0, 250, 10)) == pytest.approx(100_000, rel=0.2)


def test_pages_that_come_now_and_then_are_seen():
    read = iter(2 * MB * (at // 10) for at in range(101))
    resident = Resident(lambda: next(read))
    for _ in range(100):
        resident.look(10)
    assert resident.rate == pytest.approx(2 * MB / 100, rel=0.2)


def test_what_is_taken_once_is_not_growth():
    assert rate([0, 5 * MB, *[9 * MB] * 23]) == 0
    assert rate([*[0] * 20, *[50 * MB] * 5]) == 0
    assert rate([MB * min(step, 12) for step in range(25)]) == 0


@pytest.mark.parametrize("last", [[2604, 2604], [5104, 5104]], ids=["once", "twice"])
def test_an_array_that_finds_another_place_for_good_is_not_growth(last):
    """As seen of README's contender at 20k rows: a gradient of 2.5 MB, beside some pages."""
    heights = iter([0, 8, 8, 12, 12, 12, 12, 16, 16, 16, 2596, 2604, 2604, 2604, *last])
    resident = Resident(lambda: 1024 * next(heights))
    for steps in (*[14] * 9, 84, *[14] * 5):
        resident.look(steps)
    assert resident.rate == 0


def test_what_comes_and_goes_is_not_growth():
    rng = random.Random(0)
    assert not any(rate([rng.uniform(0, 100 * MB) for _ in range(25)]) for _ in range(3))


def test_less_than_some_steps_of_a_heap_is_not_told():
    assert rate(GRAINS / 250 * step for step in range(0, 250, 10)) == 0


def test_what_came_in_the_beginning_makes_a_little_more_no_growth():
    assert rate(min(40_000 * step, 2 * MB) + 1170 * step for step in range(0, 250, 10)) == 0


def test_a_few_looks_tell_nothing():
    heights = iter([0, 50 * MB, 100 * MB])
    resident = Resident(lambda: next(heights))
    resident.look(1)
    resident.look(1)
    assert resident.rate == 0


@pytest.mark.parametrize(
    ("heights", "undecided"),
    [
        ([0, MB], True),
        ([0, MB, 2 * MB], True),
        ([0, 0, 0], False),
        ([0, MB, 0], False),
        ([0, MB, 2 * MB, 2 * MB], False),
    ],
)
def test_what_has_grown_in_few_looks_is_looked_at_again(heights, undecided):
    answers = iter(heights)
    resident = Resident(lambda: next(answers))
    for _ in heights[1:]:
        resident.look(10)
    assert resident.undecided == undecided


class Counted:
    """A trial that counts its steps, of so many seconds each."""

    def __init__(self, clock, seconds):
        self.clock, self.seconds, self.steps = clock, seconds, 0

    def step(self):
        self.steps += 1
        self.clock.advance(self.seconds)

    def sync(self):
        pass


@pytest.mark.parametrize("adds", [True, False, None])
def test_steps_too_slow_to_see_all_batches_grow_where_the_heap_does(monkeypatch, adds):
    clock = VirtualClock()
    trial = Counted(clock, 2.0)
    resident = Resident(lambda: 100 * MB * trial.steps)
    monkeypatch.setattr("embbench.worker.resident.heap_adds", lambda *told: (3, adds))
    for _ in range(2):
        trial.step()
        resident.look(1)
    made, grown = resident_growth(resident, trial, 1, 2.0, 64, clock)
    assert (trial.steps, made) == (3, 1 + 3)
    assert grown == (0 if adds is False else pytest.approx(100 * MB))


def test_what_grows_slowly_is_looked_at_until_it_is_more_than_steps_of_a_heap():
    clock = VirtualClock(reading=0)
    trial = Counted(clock, 1e-3)
    resident = Resident(lambda: 5_000 * trial.steps // 4096 * 4096)
    for _ in range(5):
        trial.step()
        resident.look(1)
    made, grown = resident_growth(resident, trial, 5, 1e-3, 64, clock)
    assert GRAINS <= made * 5_000 <= 1.2 * GRAINS
    assert grown == pytest.approx(5_000, rel=0.1)


def test_what_grows_by_less_a_step_than_is_told_is_not_waited_for():
    clock = VirtualClock(reading=0)
    trial = Counted(clock, 1e-3)
    assert resident_growth(Resident(lambda: 50 * trial.steps), trial, 5, 1e-3, 64, clock) == (0, 0.0)
