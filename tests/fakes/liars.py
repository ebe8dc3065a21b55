"""Contenders that do not do what they declare, one class each."""

import copy

import numpy as np

from embbench.cases.streams import Tokens
from embbench.lies import plants
from tests.fakes.clock import CLOCK
from tests.fakes.fake import FakeTrial

BIG = 100  # rows; more than an audit's table, fewer than any timed one


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


class StopsWhenTimed(FakeTrial):
    """Does all that the audit looks at in small, and on a large table nothing after the first step."""

    def step(self):
        if self.case.vocab > BIG and self.steps:
            self.steps += 1
            CLOCK.advance(1e-4)
        else:
            super().step()


class RestsWhenTimed(FakeTrial):
    """On a large table nothing at all happens after the first step; whether the table is frozen or not."""

    def step(self):
        if self.case.vocab > BIG and self.steps:
            CLOCK.advance(1e-4)
        else:
            super().step()


class OneBatchWhenTimed(FakeTrial):
    """On a large table every step is on the first batch, whose rows stay in the cache."""

    def step(self):
        made = self.steps
        if self.case.vocab > BIG:
            self.steps = 0
        super().step()
        self.steps = made + 1


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


class NoFence(FakeTrial):
    """Queues its work; the fence returns at once, only reading a result waits for it."""

    queued = 0.0

    def step(self):
        before = CLOCK.now
        super().step()
        self.queued += (CLOCK.now - before) / 1e9
        CLOCK.now = before + 10_000

    def loss(self):
        CLOCK.advance(self.queued)
        self.queued = 0.0
        return super().loss()


class OnlyTheLast(FakeTrial):
    """Lazy evaluation that drops all steps but the last before a fence: K steps cost as much as one."""

    owed = 0.0

    def step(self):
        before = CLOCK.now
        super().step()
        self.owed = (CLOCK.now - before) / 1e9
        CLOCK.now = before

    def sync(self):
        CLOCK.advance(self.owed)
        self.owed = 0.0


AFTER = 30  # steps; more than an audit in small makes, fewer than a timed window


class EveryOther(FakeTrial):
    """After a while every other step is left out, its loss kept; the loss of a step is computed all the same."""

    asked = 0

    def step(self):
        self.asked += 1
        if self.asked > AFTER and self.asked % 2:
            kept = copy.deepcopy(self.oracle)
            batch = self.asked % len(self.tokens.ids)
            self.last = kept.step(self.tokens.ids[batch], self.tokens.labels[batch])
        else:
            batch = (self.asked - 1) % len(self.tokens.ids)
            self.last = self.oracle.step(self.tokens.ids[batch], self.tokens.labels[batch])
        CLOCK.advance(self.cost())


class EveryOtherAtOnce(FakeTrial):
    """Leaves out every other step that is not looked at: of those between two fences, all but the first and last."""

    since = 0

    def step(self):
        self.since += 1
        if self.since == 2:
            self.steps += 1
            self.oracle._table.step += 1
        else:
            super().step()

    def sync(self):
        self.since = 0


class ForgetsWeights(FakeTrial):
    """On a large table the network stands still, and the table alone is trained."""

    def step(self):
        kept = self.oracle.weights
        super().step()
        if self.case.vocab > BIG and self.steps > 1:
            self.oracle._dense = kept


class ForgetsLastWeights(FakeTrial):
    """The network's update of the last step before a fence is left out."""

    kept = None

    def step(self):
        self.kept = self.oracle.weights
        super().step()

    def sync(self):
        if self.case.vocab > BIG and self.steps > 1 and self.kept is not None:
            self.oracle._dense, self.kept = self.kept, None


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
