"""Growth of resident memory: by the step where it goes on, not where an allocator takes something once."""

import random

import pytest

from embbench.worker.resident import GRAINS, Resident

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


def test_what_is_taken_once_is_not_growth():
    assert rate([0, 5 * MB, *[9 * MB] * 23]) == 0
    assert rate([*[0] * 20, *[50 * MB] * 5]) == 0
    assert rate([MB * min(step, 12) for step in range(25)]) == 0


def test_what_comes_and_goes_is_not_growth():
    rng = random.Random(0)
    assert not any(rate([rng.uniform(0, 100 * MB) for _ in range(25)]) for _ in range(3))


def test_less_than_some_steps_of_a_heap_is_not_told():
    assert rate(GRAINS / 250 * step for step in range(0, 250, 10)) == 0


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
    assert (resident.few and resident.risen) == undecided
