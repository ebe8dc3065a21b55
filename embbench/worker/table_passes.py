"""Passes of a table's programs, and the operations within them, timed."""

import statistics
from collections.abc import Callable

import numpy as np

from embbench.cases.capabilities import OPERATIONS, TablePrograms
from embbench.cases.contender import Trial
from embbench.worker.clock import Clock

WARM, LEAST_WARM = 0.15, 3  # seconds and passes before the first that is timed: programs compile, and state is made
LONG = 1.0  # seconds of a pass from which on LEAST of them are made, and none for the counters
BUDGET = 0.4  # seconds of steady passes
BLOCK = 5e-3  # seconds that a sample of them lasts at least
LEAST, MOST = 2, 60  # samples
DISPLACED, MOST_DISPLACED = 0.6, 20  # seconds with displacing, samples
BRIEF = 0.05  # seconds of what only explains: one-token passes and operations
FEW = 3  # displaced samples of one-token passes

Displace = Callable[[], None]


class TablePasses:
    """ids: (batches, B, S), what the programs look up. flow: (B, S, D), the gradient by the rows. warm: seconds of
    passes before any is timed. made: passes so far. usual: seconds of the last one of these.
    """

    def __init__(
        self,
        programs: TablePrograms,
        trial: Trial,
        ids: np.ndarray,
        flow: np.ndarray,
        clock: Clock,
        warm: float = WARM,
    ) -> None:
        self.programs, self.ids, self.flow, self.made = programs, ids, flow, 0
        self._trial, self._clock = trial, clock
        begin, usual = clock(), 0.0
        while self.made < LEAST_WARM or (clock() - begin) / 1e9 < warm:
            usual = sum(self.take().values())
            if usual > LONG:
                break
        self.usual = usual

    @property
    def batch(self) -> int:
        """Of the next pass."""
        return self.made % len(self.ids)

    def take(self, displace: Displace | None = None) -> dict[str, float]:
        """Seconds of each part of one pass."""
        programs, clock, sync = self.programs, self._clock, self._trial.sync
        batch = self.batch
        self._displace(displace)
        begin = clock()
        programs.lookup(batch)
        sync()
        found = {"lookup": clock() - begin}
        if programs.gradient is not None:
            self._displace(displace)
            begin = clock()
            programs.gradient()
            sync()
            middle = clock()
            found["gradient"] = middle - begin
            if programs.update is not None:
                programs.update()
                sync()
                found["update"] = clock() - middle
        self.made += 1
        return {name: nanoseconds / 1e9 for name, nanoseconds in found.items()}

    def _displace(self, displace: Displace | None) -> None:
        if displace is not None:
            displace()
            self.programs.wake()
            self._trial.sync()

    def steady(self, budget: float = BUDGET) -> list[dict[str, float]]:
        """Samples: means over so many passes that they last BLOCK."""
        return self._blocks(self.take, self.usual, budget)

    def displaced(self, displace: Displace, most: int | None = None) -> list[dict[str, float]]:
        """Samples of one pass each, MOST_DISPLACED at most or so many."""
        most = MOST_DISPLACED if most is None else most
        samples: list[dict[str, float]] = []
        begin = self._clock()
        while len(samples) < LEAST or (len(samples) < most and self._clock() - begin < DISPLACED * 1e9):
            samples.append(self.take(displace))
        return samples

    def operations(self) -> list[dict[str, float]]:
        """Samples, by names in OPERATIONS, each on as many batches as last BLOCK. [] where there are none."""
        if not self.programs.operations:
            return []
        self.operate(0)  # it may compile
        return self._blocks(self._operate_next, sum(self.operate(0).values()), BRIEF)

    def operate(self, batch: int) -> dict[str, float]:
        """Seconds of each operation on a batch."""
        found = {}
        for name in (each for each in OPERATIONS if each in self.programs.operations):
            begin = self._clock()
            self.programs.operations[name].run(batch)
            self._trial.sync()
            found[name] = (self._clock() - begin) / 1e9
        return found

    def _operate_next(self) -> dict[str, float]:
        self._operated += 1
        return self.operate(self._operated % len(self.ids))

    _operated = 0

    def _blocks(self, take: Callable[[], dict[str, float]], usual: float, budget: float) -> list[dict[str, float]]:
        count = max(1, round(BLOCK / max(usual, 1e-9)))
        samples: list[dict[str, float]] = []
        begin = self._clock()
        while len(samples) < LEAST or (len(samples) < MOST and self._clock() - begin < budget * 1e9):
            taken = [take() for _ in range(count)]
            samples.append({name: statistics.fmean(each[name] for each in taken) for name in taken[0]})
        return samples


def totals(samples: list[dict[str, float]]) -> list[float]:
    """Seconds of whole passes."""
    return [sum(each.values()) for each in samples]
