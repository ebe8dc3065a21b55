"""Memory that grows with every step, for example because results of steps are kept. Read between the timed blocks."""

import statistics
from collections.abc import Callable
from itertools import combinations, pairwise

from embbench.cases.contender import Trial
from embbench.cases.units import format_quantity
from embbench.host.memory import resident_bytes
from embbench.worker.clock import Clock, time_block
from embbench.worker.heap import LEAST, heap_adds, heap_growth
from embbench.worker.note import Note, measured, warned

# Least bytes of growth: with a small case, the contender keras_tf takes 0.8 MB in its first ten thousand steps, most of
# it in the first thousand, and then no more.
GRAINS = 2**21
# This many of the largest rises do not count, and one of few rises: an array as large as the table may move to another
# place, sometimes for good (2.5 MB in one of twelve runs of README's contender at 20k rows).
JUMPS, FEW_RISES = 2, 8
PLENTY = 2**30  # bytes of growth after which no further steps are made
LONGEST = 4.0  # seconds of further steps that show whether growth goes on
MOST_CYCLES = 16  # cycles over all batches in these further steps
FEWEST = 4  # least number of readings that show growth


class Resident:
    """Resident bytes by number of steps. read: reads the resident bytes."""

    def __init__(self, read: Callable[[], int] = resident_bytes) -> None:
        self._read = read
        self._steps = [0]
        self._bytes = [read()]

    def look(self, steps: int) -> None:
        """Reads the memory. steps: made since the last reading. Call it while no step is timed."""
        self._steps.append(self._steps[-1] + steps)
        self._bytes.append(self._read())

    @property
    def few(self) -> bool:
        """Whether there are too few readings for a result."""
        return len(self._bytes) < FEWEST

    @property
    def growing(self) -> bool:
        """Whether memory is larger at the end of each third of the steps than at its start, and never smaller in a
        third than in the third before. Memory that an allocator takes once grows in one third only; memory that comes
        and goes shrinks in some third.
        """
        last = len(self._bytes) - 1
        ends = [round(part * last / 3) for part in range(4)]
        heights = [self._bytes[end] for end in ends]
        thirds = [self._bytes[start : end + 1] for start, end in pairwise(ends)]
        return (
            not self.few
            and all(after > before for before, after in pairwise(heights))
            and all(min(after) >= max(before) for before, after in pairwise(thirds))
        )

    @property
    def worth_telling(self) -> bool:
        """Whether memory grew by more than an honest heap does, and by two thirds of that in the later two thirds of
        the readings: earlier growth may have come once. The largest rises may have come once too, and do not count.
        """
        later = self._bytes[(len(self._bytes) - 1) // 3 :]
        return _without_jumps(self._bytes) >= GRAINS and _without_jumps(later) >= GRAINS * 2 / 3

    @property
    def plenty(self) -> bool:
        """Whether memory grew so much that further steps might not fit."""
        return self._bytes[-1] - self._bytes[0] >= PLENTY

    @property
    def rate(self) -> float:
        """Growth in bytes per step in the later two thirds, as the median of the slopes between all readings (Theil
        1950, Sen 1968); 0 if growth does not show.
        """
        start = len(self._bytes) // 3
        if not self.growing or not self.worth_telling:
            return 0.0
        points = list(zip(self._steps, self._bytes, strict=True))[start:]
        slopes = [(high - low) / (late - early) for (early, low), (late, high) in combinations(points, 2)]
        rate = statistics.median(slopes)
        return rate if rate >= LEAST else 0.0

    @property
    def undecided(self) -> bool:
        """Whether further readings may show growth or its absence."""
        risen = self._bytes[-1] - self._bytes[0]
        return (self.growing or self.few) and risen > 0 and risen >= LEAST * self._steps[-1]


def _without_jumps(heights: list[int]) -> int:
    """Growth in bytes from the first to the last reading, without the largest rises."""
    rises = sorted(after - before for before, after in pairwise(heights))
    return sum(rises[: -JUMPS if len(rises) >= FEW_RISES else -1])


def find_growth(
    trial: Trial, block: int, step: float, batches: int, resident: Resident, clock: Clock
) -> tuple[int, Note]:
    """(further steps made, host_growth). If the heap does not grow, resident memory may: it also contains memory that
    did not come from `malloc`. block: steps per block. step: seconds per step. batches: number of batches in a cycle.
    """
    made, rate = heap_growth(trial, block, step, batches, clock)
    if not rate:
        if made:
            resident.look(made)
        more, rate = resident_growth(resident, trial, block, step, batches, clock)
        made += more
    note = measured("host_growth", rate)
    if rate:
        growth = f"memory grew by {format_quantity(rate, 'B')} per step"
        note += warned("memory-grows", f"{growth}: the peaks hold for this many steps; more steps need more memory")
    return made, note


def resident_growth(
    resident: Resident, trial: Trial, block: int, step: float, batches: int, clock: Clock
) -> tuple[int, float]:
    """(steps made, bytes per step). Rows that a batch touches for the first time take pages. So growth counts only if
    it goes on over a whole cycle of batches, or if the heap grows too, which first touches do not change.
    """
    made, spent = 0, 0.0
    while resident.undecided and made < MOST_CYCLES * batches and spent + block * step <= LONGEST:
        if resident.worth_telling and (made >= batches or resident.plenty):
            break
        spent += time_block(trial, block, clock)
        resident.look(block)
        made += block
    rate = resident.rate
    if rate and made < batches:
        more, adds = heap_adds(trial, block, clock)
        return made + more, 0.0 if adds is False else rate
    return made, rate
