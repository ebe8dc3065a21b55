"""Trials on the virtual clock whose table can be stepped by itself, and some that leave out a part of that."""

import numpy as np

from embbench.spec.capabilities import TablePrograms
from embbench.spec.workload import row_gradient
from tests.fakes.clock import CLOCK
from tests.fakes.fake import FakeTrial

COSTS = {"lookup": 1e-4, "gradient": 2e-4, "update": 5e-4}


class TabledTrial(FakeTrial):
    """Each program takes what COSTS has; the update does the arithmetic of all."""

    def table_alone(self):
        self.batch = 0
        trains = self.case.table != "frozen"
        self.done = []
        gradient, update = (each if trains else None for each in (self.find_gradient, self.update))
        return TablePrograms(self.look_up, gradient, update, self.found, lambda: self.done.append("wake"))

    def found(self):
        return self.rows

    def look_up(self, batch):
        self.batch = batch
        self.rows = self.read_rows(self.tokens.ids[batch].ravel()).reshape(*self.tokens.ids[batch].shape, -1)
        self.done.append("lookup")
        CLOCK.advance(COSTS["lookup"])

    def find_gradient(self):
        self.done.append("gradient")
        CLOCK.advance(COSTS["gradient"])

    def update(self):
        self.oracle.step_table(self.tokens.ids[self.batch], self.flow())
        self.done.append("update")
        CLOCK.advance(COSTS["update"])

    def flow(self):
        return row_gradient(self.case).astype(np.float64)


class WholeBackwardTrial(TabledTrial):
    """Its backward updates."""

    def table_alone(self):
        return super().table_alone()._replace(update=None)

    def find_gradient(self):
        self.update()


class IdleTableTrial(TabledTrial):
    """Its table stands still where it is stepped by itself."""

    def update(self):
        CLOCK.advance(COSTS["update"])


class HalfGradientTrial(TabledTrial):
    """Leaves out every other token of a sequence where its table is stepped by itself."""

    def flow(self):
        flow = super().flow()
        flow[:, ::2] = 0
        return flow


class OtherRowsTrial(TabledTrial):
    """Looks the next rows up where its table is stepped by itself."""

    def look_up(self, batch):
        super().look_up(batch)
        self.rows = np.roll(self.rows, 1, axis=0)


class LateLookupTrial(TabledTrial):
    """Looks rows up when they are asked for, and not while that is timed."""

    def found(self):
        ids = self.tokens.ids[self.batch]
        return self.read_rows(ids.ravel()).reshape(*ids.shape, -1)


class EveryOtherPassTrial(TabledTrial):
    """Updates its table in every other pass."""

    passes = 0

    def update(self):
        self.passes += 1
        if self.passes % 2:
            super().update()


class ClosedTableTrial(TabledTrial):
    """Does not show its state."""

    inspect = None
