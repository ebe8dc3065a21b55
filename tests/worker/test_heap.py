"""Growth of the heap: by the step where it goes on with every batch, not where something is taken once."""

import gc
import random

import pytest

from embbench.host.memory import heap_bytes
from embbench.worker.heap import CYCLES, GLANCES, LEAST, heap_adds, heap_growth
from tests.fakes.clock import VirtualClock

BATCHES, BLOCK = 64, 5


class Scripted:
    """In use behind so many steps: `heights(steps)` bytes."""

    def __init__(self, heights):
        self.heights, self.steps = heights, 0

    def step(self):
        self.steps += 1

    def sync(self):
        pass

    def read(self):
        return round(self.heights(self.steps))


def grown(heights, step=0.01):
    trial = Scripted(heights)
    made, rate = heap_growth(trial, BLOCK, step, BATCHES, VirtualClock(), trial.read)
    assert made == trial.steps
    return made, rate


def test_5_kb_a_step_are_seen():
    made, rate = grown(lambda steps: 10**9 + 5_000 * steps)
    assert rate == pytest.approx(5_000)
    assert made == GLANCES * BLOCK + CYCLES * BATCHES


def test_growth_is_seen_beside_what_differs_from_batch_to_batch():
    rng = random.Random(0)
    differs = [rng.uniform(0, 8_000) for _ in range(BATCHES)]
    assert grown(lambda steps: 5_000 * steps + differs[steps % BATCHES])[1] == pytest.approx(5_000, rel=0.01)


def test_a_collection_among_the_glances_hides_nothing():
    assert grown(lambda steps: 5_000 * steps - (100_000 if steps > 2 * BLOCK else 0))[1] == pytest.approx(5_000)


@pytest.mark.parametrize(
    "heights",
    [
        lambda steps: 10**9,
        lambda steps: (LEAST - 1) * steps,  # a number a step that is kept for a plot
        lambda steps: 10_000 * min(steps, 40),  # a warm-up
        lambda steps: 10_000 * min(steps, BATCHES),  # rows that a batch touches for the first time
        lambda steps: 10_000 * min(steps, BATCHES + 50),  # likewise, of batches that began before
        lambda steps: 10_000 * (steps % 150),  # what a collector frees in the end
        lambda steps: -10_000 * steps,
    ],
)
def test_what_does_not_go_on_is_not_growth(heights):
    assert grown(heights)[1] == 0


def test_what_differs_from_batch_to_batch_is_not_growth():
    for seed in range(50):
        rng = random.Random(seed)
        differs = [rng.uniform(0, 200_000) for _ in range(BATCHES)]
        assert grown(lambda steps, differs=differs: differs[steps % BATCHES])[1] == 0


def test_of_steps_too_slow_to_see_all_batches_again_a_few_must_add_as_much():
    assert grown(lambda steps: 5_000 * steps, step=0.5) == (4 * BLOCK, 5_000)


@pytest.mark.parametrize("heights", [lambda steps: 10**9, lambda steps: -5_000 * steps, lambda steps: 100 * steps])
def test_of_slow_steps_of_a_program_that_does_not_grow_a_block_is_made(heights):
    assert grown(heights, step=0.5) == (BLOCK, 0.0)


def test_of_slow_steps_what_differs_from_batch_to_batch_is_not_growth(monkeypatch):
    monkeypatch.setattr("embbench.worker.heap.gc.collect", lambda: 0)  # nothing is left to it, and it takes long
    shown = 0
    for seed in range(200):
        rng = random.Random(seed)
        differs = [rng.uniform(0, 200_000) for _ in range(BATCHES)]
        shown += grown(lambda steps, differs=differs: differs[steps % BATCHES], step=0.3)[1] > 0
    assert shown == 0


def test_steps_that_take_seconds_are_not_made():
    assert grown(lambda steps: 5_000 * steps, step=1.0) == (0, 0.0)


def test_a_heap_that_would_take_the_machine_is_left_to_resident_memory():
    assert grown(lambda steps: 2**40 * steps) == (GLANCES * BLOCK, 0.0)


def test_a_system_that_does_not_tell_shows_nothing():
    trial = Scripted(lambda steps: 0)
    assert heap_growth(trial, BLOCK, 0.01, BATCHES, VirtualClock(), lambda: None) == (0, 0.0)
    assert heap_adds(trial, BLOCK, VirtualClock(), lambda: None) == (0, None)


@pytest.mark.parametrize(("a_step", "adds"), [(5_000, True), (100, False)])
def test_whether_a_few_blocks_add_to_it(a_step, adds):
    trial = Scripted(lambda steps: a_step * steps)
    assert heap_adds(trial, 1, VirtualClock(), trial.read) == (3, adds)


class Cycles(Scripted):
    """Each step leaves a circle of objects that only the collector frees."""

    def __init__(self):
        super().__init__(None)

    def step(self):
        self.steps += 1
        circle = [bytearray(100_000)]
        circle.append(circle)


@pytest.mark.skipif(heap_bytes() is None, reason="the C library does not tell")
@pytest.mark.parametrize("collects", [True, False])
def test_circles_count_where_nothing_collects_them(collects):
    gc.collect()
    if not collects:
        gc.disable()
    try:
        made, rate = heap_growth(Cycles(), BLOCK, 0.01, BATCHES, VirtualClock())
    finally:
        gc.enable()
    assert (rate > 90_000) == (not collects)
    assert (made < GLANCES * BLOCK) == collects  # a collection clears the program before all batches come by


@pytest.mark.skipif(heap_bytes() is None, reason="the C library does not tell")
def test_the_heap_counts_what_is_held_and_not_what_was():
    before = heap_bytes()
    held = bytearray(10_000_000)
    assert heap_bytes() - before == pytest.approx(len(held), rel=0.01)
    del held
    assert abs(heap_bytes() - before) < 100_000
