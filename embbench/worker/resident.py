"""Memory that grows with every step, as where what a step made is kept: seen between the blocks of the timed window."""

import statistics
from collections.abc import Callable
from itertools import combinations, pairwise

from embbench.host.memory import resident_bytes
from embbench.spec.contender import Trial
from embbench.spec.units import format_quantity
from embbench.worker.clock import time_block
from embbench.worker.recorder import Recorder

GRAINS = 4 * 2**20  # bytes: two huge pages; the least that resident memory is believed to have grown by
LONGEST = 2.0  # seconds of steps that are made to see whether it goes on
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
    def growing(self) -> bool:
        """Whether there is more of it behind each third of the steps than before it. What an allocator takes once, for
        good, grows in one of them; what comes and goes shrinks in some.
        """
        ends = [round(part * (len(self._bytes) - 1) / 3) for part in range(4)]
        heights = [self._bytes[end] for end in ends]
        return len(self._bytes) >= FEWEST and all(after > before for before, after in pairwise(heights))

    @property
    def undecided(self) -> bool:
        """Whether it has grown and there are too few looks to say whether it goes on."""
        return len(self._bytes) < FEWEST and self._bytes[-1] > self._bytes[0]

    @property
    def rate(self) -> float:
        """Bytes a step by which it grows in the later two thirds, by the median of the slopes between all looks (Theil
        1950, Sen 1968); 0 where growth is not shown.
        """
        start = len(self._bytes) // 3
        if not self.growing or self._bytes[-1] - self._bytes[0] < GRAINS:
            return 0.0
        points = list(zip(self._steps, self._bytes, strict=True))[start:]
        slopes = [(high - low) / (late - early) for (early, low), (late, high) in combinations(points, 2)]
        return max(0.0, statistics.median(slopes))


def put_growth(recorder: Recorder, trial: Trial, block: int, resident: Resident) -> int:
    """Puts host_growth, of the steps between the looks; returns steps that were made to be sure. Rows that a batch
    touches for the first time may take memory too, so that growth is believed where it goes on while all batches come
    by, as far as time allows.
    """
    made, spent = 0, 0.0
    while (resident.growing or resident.undecided) and spent < LONGEST and made < recorder.request.protocol.batches:
        spent += time_block(trial, block, recorder.clock)
        resident.look(block)
        made += block
    rate = resident.rate
    recorder.put("host_growth", rate)
    if rate:
        told = f"its memory grew by {format_quantity(rate, 'B')} with each step"
        recorder.warn("memory-grows", f"{told}: its peaks are those of so many steps, and more steps need more")
    return made
