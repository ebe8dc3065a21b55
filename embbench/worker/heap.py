"""Growth of what a program has from `malloc`, which is known to the byte where resident memory is known to some pages.

A graph of 5 kB a step, as a loss summed without detaching leaves behind, hides in resident memory for a hundred steps
beside what an allocator takes and gives back. The bytes in use show it with each step.
"""

import gc
import statistics
from collections.abc import Callable, Iterator
from itertools import islice

from embbench.cases.contender import Trial
from embbench.host.memory import available_bytes, heap_bytes
from embbench.worker.clock import Clock, time_block

LEAST = 1024.0  # bytes a step from which on growth is told: a million steps then take a gigabyte
GLANCES = 6  # blocks behind which it is looked at first
UNLIKE = 1  # of these that may have added less than LEAST a step: another thread may have freed what it had kept
FEW = 3  # likewise, where a step takes long
ALIKE = 2.0  # times as much as another that one of a few blocks may add: a graph a step takes as much each time
BRIEF = 12.0  # seconds that a few blocks may take; a program whose heap stays as it is ends them at the first
CYCLES = 3  # times that all batches come by before growth is believed
PATIENCE = 60.0  # seconds that these may take; only a program that seems to grow takes them
ROOM = 0.25  # of the memory that is available, which they may take


def heap_growth(
    trial: Trial, block: int, step: float, batches: int, clock: Clock, read: Callable[[], int | None] = heap_bytes
) -> tuple[int, float]:
    """(steps made, bytes a step by which the heap grows, 0 where growth is not shown). block: steps of a timed block.
    step: seconds of a step. batches: after how many steps the same batch comes again.

    What a step leaves until the next one may differ from batch to batch by more than a graph has, so that only looks
    behind the same batch are compared. The first time that all batches come by is not counted: rows may be touched for
    the first time. Cycles of objects wait for Python's collector (PyTorch's Adam leaves 1.7 kB a step to it), which is
    therefore asked before each look, unless the program switched it off and so never frees them. Steps too slow for
    that are judged by a few blocks.
    """
    if read() is None:
        return 0, 0.0
    if (CYCLES * batches + GLANCES * block) * step > PATIENCE:
        return _few_alike(trial, block, min(GLANCES, int(BRIEF / (block * step))), clock, read)
    made, glances = 0, []
    for glance in islice(_gains(trial, block, clock, read, collect=gc.isenabled()), GLANCES):
        made += block
        glances.append(glance)
        if sum(each < LEAST * block for each in glances) > UNLIKE:
            return made, 0.0
    if max(glances) / block * CYCLES * batches > ROOM * available_bytes():
        return made, 0.0  # resident memory shows it sooner
    gains = []
    for gain in islice(_gains(trial, batches, clock, read, collect=gc.isenabled()), CYCLES):
        made += batches
        gains.append(gain)
        if gain < LEAST * batches:
            return made, 0.0
    return made, min(gains[1:]) / batches


def _few_alike(trial: Trial, block: int, count: int, clock: Clock, read: Callable[[], int | None]) -> tuple[int, float]:
    """As `heap_growth`, by so many blocks: growth is shown where all of them add about as much."""
    gains: list[int] = []
    if count < FEW:
        return 0, 0.0
    for gain in islice(_gains(trial, block, clock, read, collect=gc.isenabled()), count):
        gains.append(gain)
        if min(gains) < LEAST * block or max(gains) > ALIKE * min(gains):
            return len(gains) * block, 0.0
    return count * block, min(gains) / block


def heap_adds(
    trial: Trial, block: int, clock: Clock, read: Callable[[], int | None] = heap_bytes
) -> tuple[int, bool | None]:
    """(steps made, whether most of a few blocks add to the heap, None where it does not tell)."""
    if read() is None:
        return 0, None
    gains = list(islice(_gains(trial, block, clock, read, collect=gc.isenabled()), FEW))
    return FEW * block, statistics.median(gains) >= LEAST * block


def _gains(trial: Trial, steps: int, clock: Clock, read: Callable[[], int | None], *, collect: bool) -> Iterator[int]:
    """Bytes more than before, after so many steps each."""
    before = _settled(read, collect)
    while True:
        time_block(trial, steps, clock)
        now = _settled(read, collect)
        yield now - before
        before = now


def _settled(read: Callable[[], int | None], collect: bool) -> int:
    if collect:
        gc.collect()
    return read() or 0
