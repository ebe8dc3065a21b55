"""Memory that grows with every step, as where what a step made is kept: seen between the blocks of the timed window."""

import statistics
from collections.abc import Callable
from itertools import combinations, pairwise

from embbench.cases.contender import Trial
from embbench.cases.units import format_quantity
from embbench.host.memory import resident_bytes
from embbench.worker.clock import Clock, time_block
from embbench.worker.heap import LEAST, heap_adds, heap_growth
from embbench.worker.note import Note, measured, warned

# Bytes, the least that is believed to be growth: in small, the contender keras_tf takes 0.8 MB in its first ten
# thousand steps, most of them in the first thousand, and then no more.
GRAINS = 2**21
# So many of the largest rises between two looks are not counted, and one of a few: an array as large as the table may
# find another place, now and then for good (2.5 MB in one of twelve runs of README's contender at 20k rows).
JUMPS, FEW_RISES = 2, 8
PLENTY = 2**30  # bytes of growth behind which no further steps are made to see more
LONGEST = 4.0  # seconds of steps that are made to see whether it goes on
MOST_CYCLES = 16  # times that all batches come by then
FEWEST = 4  # looks from which on growth is told


class Resident:
    """Resident bytes by the number of steps made. read: tells them."""

    def __init__(self, read: Callable[[], int] = resident_bytes) -> None:
        self._read = read
        self._steps = [0]
        self._bytes = [read()]

    def look(self, steps: int) -> None:
        """steps: made since the last look. To be called where no step is being timed."""
        self._steps.append(self._steps[-1] + steps)
        self._bytes.append(self._read())

    @property
    def few(self) -> bool:
        """Whether there were too few looks to tell."""
        return len(self._bytes) < FEWEST

    @property
    def growing(self) -> bool:
        """Whether there is more of it behind each third of the steps than before it, and never less in a third than in
        the one before. What an allocator takes once, for good, grows in one of them; what comes and goes shrinks in
        some.
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
        """Whether more has come than some steps of a heap take, and two thirds of so much in the later two thirds of
        the looks: what came before may have come once. So may the largest rises, which are not counted.
        """
        later = self._bytes[(len(self._bytes) - 1) // 3 :]
        return _without_jumps(self._bytes) >= GRAINS and _without_jumps(later) >= GRAINS * 2 / 3

    @property
    def plenty(self) -> bool:
        """Whether so much has come that more may not be there."""
        return self._bytes[-1] - self._bytes[0] >= PLENTY

    @property
    def rate(self) -> float:
        """Bytes a step by which it grows in the later two thirds, by the median of the slopes between all looks (Theil
        1950, Sen 1968); 0 where growth is not shown.
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
        """Whether further looks may show growth, or that there is none."""
        risen = self._bytes[-1] - self._bytes[0]
        return (self.growing or self.few) and risen > 0 and risen >= LEAST * self._steps[-1]


def _without_jumps(heights: list[int]) -> int:
    """Bytes from the first to the last without the largest rises."""
    rises = sorted(after - before for before, after in pairwise(heights))
    return sum(rises[: -JUMPS if len(rises) >= FEW_RISES else -1])


def find_growth(
    trial: Trial, block: int, step: float, batches: int, resident: Resident, clock: Clock
) -> tuple[int, Note]:
    """Steps that were made to be sure, and host_growth. Where the heap does not show growth, resident memory may: it
    holds what did not come from `malloc` too. block: steps. step: seconds. batches: that the steps cycle through.
    """
    made, rate = heap_growth(trial, block, step, batches, clock)
    if not rate:
        if made:
            resident.look(made)
        more, rate = resident_growth(resident, trial, block, step, batches, clock)
        made += more
    note = measured("host_growth", rate)
    if rate:
        told = f"its memory grew by {format_quantity(rate, 'B')} with each step"
        note += warned("memory-grows", f"{told}: its peaks are those of so many steps, and more steps need more")
    return made, note


def resident_growth(
    resident: Resident, trial: Trial, block: int, step: float, batches: int, clock: Clock
) -> tuple[int, float]:
    """(steps made, bytes a step). Rows that a batch touches for the first time take pages, so that growth is believed
    where it goes on while all batches come by, or where the heap grows too; touching does not add to that.
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
