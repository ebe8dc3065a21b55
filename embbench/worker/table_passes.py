"""Times passes of a table's programs, and the operations within a pass."""

import statistics
from collections.abc import Callable

import numpy as np

from embbench.cases.capabilities import OPERATIONS, TablePrograms
from embbench.cases.contender import Trial
from embbench.worker.clock import Clock

WARM, LEAST_WARM = 0.15, 3  # least seconds and passes before the first timed pass: programs compile and create state
LONG = 1.0  # seconds per pass from which on only LEAST passes are made, and no passes for the counters
BUDGET = 0.4  # seconds of steady passes
BLOCK = 5e-3  # least seconds of a sample of steady passes
LEAST, MOST = 2, 60  # samples
DISPLACED, MOST_DISPLACED = 0.6, 20  # seconds including displacing; most samples
BRIEF = 0.05  # seconds of one-token passes and of operations, which only explain other numbers
FEW = 3  # displaced samples of one-token passes

Displace = Callable[[], None]


class TablePasses:
    """ids: (batches, B, S), the ids to look up. flow: (B, S, D), the gradient of the looked-up rows. warm: seconds of
    passes before the first timed pass. made: number of passes so far. usual: seconds of the last warm-up pass.
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
        """The batch of the next pass."""
        return self.made % len(self.ids)

    def take(self, displace: Displace | None = None) -> dict[str, float]:
        """Makes one pass. Seconds by part."""
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
        """Samples, each the mean over so many passes that they last BLOCK."""
        return self._blocks(self.take, self.usual, budget)

    def displaced(self, displace: Displace, most: int | None = None) -> list[dict[str, float]]:
        """Samples of one displaced pass each, at most `most`."""
        most = MOST_DISPLACED if most is None else most
        samples: list[dict[str, float]] = []
        begin = self._clock()
        while len(samples) < LEAST or (len(samples) < most and self._clock() - begin < DISPLACED * 1e9):
            samples.append(self.take(displace))
        return samples

    def operations(self) -> list[dict[str, float]]:
        """Samples by names of OPERATIONS, each over as many batches as last BLOCK. [] if there are no operations."""
        if not self.programs.operations:
            return []
        self.operate(0)  # it may compile
        return self._blocks(self._operate_next, sum(self.operate(0).values()), BRIEF)

    def operate(self, batch: int) -> dict[str, float]:
        """Seconds by operation on a batch."""
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
