"""Growth of the memory that a program has from `malloc`. It is known to the byte, resident memory only to some pages.

A loss that is summed without detaching leaves a graph of 5 kB per step behind. Resident memory hides that growth for a
hundred steps, since the allocator takes and returns more. The bytes in use show it with every step.
"""

import gc
import statistics
from collections.abc import Callable, Iterator
from itertools import islice

from embbench.cases.contender import Trial
from embbench.host.memory import available_bytes, heap_bytes
from embbench.worker.clock import Clock, time_block

LEAST = 1024.0  # bytes per step from which on growth is reported: a million steps then take a gigabyte
GLANCES = 6  # blocks of the first inspection
UNLIKE = 1  # number of these blocks that may add less than LEAST per step: another thread may have freed memory
FEW = 3  # blocks of the first inspection if steps are slow
ALIKE = 2.0  # allowed ratio between the growth of FEW blocks: a graph per step takes the same memory each time
BRIEF = 12.0  # seconds that FEW blocks may take; the first block ends them if the heap does not grow
CYCLES = 3  # cycles over all batches before growth is reported
PATIENCE = 60.0  # seconds that these cycles may take; only a program that seems to grow needs them
ROOM = 0.25  # share of the available memory that these cycles may take


def heap_growth(
    trial: Trial, block: int, step: float, batches: int, clock: Clock, read: Callable[[], int | None] = heap_bytes
) -> tuple[int, float]:
    """(steps made, bytes per step by which the heap grows, 0 if growth does not show). block: steps of a timed block.
    step: seconds per step. batches: number of batches in a cycle.

    The memory that a step holds until the next step differs from batch to batch by more than a graph. So only readings
    behind the same batch are compared. The first cycle over all batches does not count, since it may touch rows for the
    first time. Reference cycles wait for Python's collector (PyTorch's Adam leaves 1.7 kB per step), so the collector
    runs before each reading, unless the program switched it off and so never frees them. A few blocks decide if steps
    are too slow for cycles.
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
        return made, 0.0  # resident memory shows this growth sooner
    gains = []
    for gain in islice(_gains(trial, batches, clock, read, collect=gc.isenabled()), CYCLES):
        made += batches
        gains.append(gain)
        if gain < LEAST * batches:
            return made, 0.0
    return made, min(gains[1:]) / batches


def _few_alike(trial: Trial, block: int, count: int, clock: Clock, read: Callable[[], int | None]) -> tuple[int, float]:
    """As `heap_growth`, by a few blocks: the heap grows if all of them add about the same."""
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
    """(steps made, whether most of a few blocks add to the heap, None if unknown)."""
    if read() is None:
        return 0, None
    gains = list(islice(_gains(trial, block, clock, read, collect=gc.isenabled()), FEW))
    return FEW * block, statistics.median(gains) >= LEAST * block


def _gains(trial: Trial, steps: int, clock: Clock, read: Callable[[], int | None], *, collect: bool) -> Iterator[int]:
    """Bytes that each block of steps added."""
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
