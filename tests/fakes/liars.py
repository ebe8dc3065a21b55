"""Contenders that do not do what they declare, one class each."""

import numpy as np

from embbench.cases.streams import Tokens
from embbench.lies import plants
from tests.fakes.fake import FakeTrial


class StartsElsewhere(FakeTrial):
    """Does the same work on a table of other values."""

    def __init__(self, case, tokens):
        super().__init__(case, tokens)
        self._start(self.oracle.rows[::-1])


class MovesOtherRows(FakeTrial):
    """Claims lazy, and lets a row outside the batch drift by a rounding or two."""

    def step(self):
        super().step()
        self.oracle._small[-1] += 4e-9


class TrainsFrozen(FakeTrial):
    """Claims frozen, and moves rows."""

    def step(self):
        super().step()
        self.oracle._fixed = self.oracle._fixed - 1e-4


class MasksPadding(FakeTrial):
    """Claims to train every row, and keeps id 0 as it is, as a padding index does."""

    def step(self):
        kept = self.oracle._small[0].copy()
        super().step()
        self.oracle._small[0] = kept


class NeverTrains(FakeTrial):
    """Claims to train, and puts the table back after each step."""

    def step(self):
        kept = self.oracle._small.copy()
        super().step()
        self.oracle._small = kept


class WrongRate(FakeTrial):
    """Moves the right rows by twice the rate."""

    def step(self):
        before = self.oracle._small.copy()
        super().step()
        self.oracle._small = 2 * self.oracle._small - before


class DenseCallsItselfLazy(FakeTrial):
    def __init__(self, case, tokens):
        super().__init__(case, tokens)
        self.oracle.semantic = "dense"

    def write_rows(self, ids, values):
        super().write_rows(ids, values)
        self.oracle.semantic = "dense"


class ClampsLast(FakeTrial):
    """Lookups of the table's last row get the last but one."""

    def __init__(self, case, tokens):
        super().__init__(case, Tokens(np.minimum(tokens.ids, case.vocab - 2), tokens.labels))


class CutsLongRows(FakeTrial):
    """Rows longer than 3 are cut to that when they are looked up, as a maximal norm does."""

    def step(self):
        rows = self.oracle._small
        rows *= np.minimum(1, 3 / np.linalg.norm(rows, axis=1, keepdims=True))
        super().step()


class CountsByRow(FakeTrial):
    """Lazy Adam whose bias correction counts the steps of a row and not those of the optimizer."""

    def __init__(self, case, tokens):
        super().__init__(case, tokens)
        self.counts = np.zeros(case.vocab, dtype=int)

    def step(self):
        table, ids = self.oracle._table, self.tokens.ids[self.steps % len(self.tokens.ids)]
        rows, made = np.unique(ids), table.step
        self.counts[rows] += 1
        before = self.oracle._small.copy()
        super().step()
        after = self.oracle._small

        def corrected(step):
            return (1 - 0.999**step) ** 0.5 / (1 - 0.9**step)

        factor = corrected(self.counts[rows]) / corrected(made + 1)
        after[rows] = before[rows] + (after[rows] - before[rows]) * factor[:, None]


class DecaysAll(FakeTrial):
    """Claims lazy AdamW, and decay moves rows outside the batch too."""

    def __init__(self, case, tokens):
        super().__init__(case, tokens)
        self.oracle.semantic = "lazy-decay"


class DecaysNone(FakeTrial):
    """Claims that decay moves every row, and moves those of the batch."""

    def __init__(self, case, tokens):
        super().__init__(case, tokens)
        self.oracle.semantic = "lazy"


class KeepsBfloat16(FakeTrial):
    """Keeps its table in 16 bits and returns it as float32."""

    def __init__(self, case, tokens):
        super().__init__(case, tokens)
        self._round()

    def step(self):
        super().step()
        self._round()

    def write_rows(self, ids, values):
        super().write_rows(ids, values)
        self._round()

    def _round(self):
        bits = self.oracle._small.astype(np.float32).view(np.uint32)
        self.oracle._small = ((bits + 0x8000) & 0xFFFF0000).astype(np.uint32).view(np.float32).astype(np.float64)


class ReturnsFloat64(FakeTrial):
    def read_rows(self, ids):
        return super().read_rows(ids).astype(np.float64)


class HidesState(FakeTrial):
    """Shows moments that are not its own."""

    def inspect(self, ids):
        inside = super().inspect(ids)
        inside.states["table"]["first"] *= 2
        return inside


# Those that work on any contender: `embbench.lies` has them, so that `selftest --audit` can try them on frameworks.
LIES = {name: plant for name, plant in plants().items() if not plant.honest}
HONEST = {name: plant for name, plant in plants().items() if plant.honest}
