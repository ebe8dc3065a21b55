"""Contenders that do not do what they declare, one class each."""

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


# Those that work on any contender: `embbench.lies` has them, so that `selftest --audit` can try them on frameworks.
LIES = {name: plant for name, plant in plants().items() if not plant.honest}
HONEST = {name: plant for name, plant in plants().items() if plant.honest}
