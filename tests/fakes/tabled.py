"""Trials on the virtual clock whose table can be stepped by itself, and some that leave out a part of that."""

from functools import partial

import numpy as np

from embbench.cases.capabilities import Operation, TablePrograms
from embbench.cases.workload import row_gradient
from tests.fakes.clock import CLOCK
from tests.fakes.fake import FakeTrial

COSTS = {"lookup": 1e-4, "gradient": 2e-4, "update": 5e-4}
ONE_TOKEN = 0.5  # of these, where a batch is one token
OPERATIONS = {"index": 5e-5, "sum": 7e-5}


class TabledTrial(FakeTrial):
    """Each program takes what COSTS has; the update does the arithmetic of all."""

    def table_alone(self):
        self.done = []
        names = OPERATIONS if self.case.table != "frozen" else ()
        operations = {name: Operation(partial(self.operate, name), partial(self.made, name)) for name in names}
        one = self.programs(self.tokens.ids[:, :1, :1], ONE_TOKEN)
        return self.programs(self.tokens.ids, 1.0)._replace(one_token=one, operations=operations)

    def programs(self, ids, share):
        trains = self.case.table != "frozen"

        def look_up(batch):
            self.ids, self.share = ids[batch], share
            self.look_up()

        gradient, update = (each if trains else None for each in (self.find_gradient, self.update))
        wake = "wake" if share == 1.0 else "wake for one token"
        return TablePrograms(look_up, gradient, update, self.found, lambda: self.done.append(wake))

    def do(self, name):
        """A part of a pass."""
        self.done.append(name if self.share == 1.0 else f"{name} of one token")
        CLOCK.advance(COSTS[name] * self.share)

    def found(self):
        return self.rows

    def look_up(self):
        self.rows = self.read_rows(self.ids.ravel()).reshape(*self.ids.shape, -1)
        self.do("lookup")

    def find_gradient(self):
        self.do("gradient")

    def update(self):
        self.oracle.step_table(self.ids, self.flow())
        self.do("update")

    def flow(self):
        batch, length = self.ids.shape
        return row_gradient(self.case)[:batch, :length].astype(np.float64)

    def operate(self, name, batch):
        self.operated = self.tokens.ids[batch]
        CLOCK.advance(OPERATIONS[name])

    def made(self, name):
        distinct, places = np.unique(self.operated, return_inverse=True)
        if name == "index":
            return distinct
        sums = np.zeros((len(distinct), self.case.dim))
        np.add.at(sums, places.reshape(self.operated.shape), row_gradient(self.case))
        return sums


class WholeBackwardTrial(TabledTrial):
    """Its backward updates."""

    def table_alone(self):
        programs = super().table_alone()
        return programs._replace(update=None, one_token=programs.one_token._replace(update=None))

    def find_gradient(self):
        self.update()


class IdleTableTrial(TabledTrial):
    """Its table stands still where it is stepped by itself."""

    def update(self):
        self.do("update")


class HalfGradientTrial(TabledTrial):
    """Leaves out every other token of a sequence where its table is stepped by itself."""

    def flow(self):
        flow = super().flow()
        flow[:, ::2] = 0
        return flow


class OtherRowsTrial(TabledTrial):
    """Looks the next rows up where its table is stepped by itself."""

    def look_up(self):
        super().look_up()
        self.rows = np.roll(self.rows, 1, axis=0)


class LateLookupTrial(TabledTrial):
    """Looks rows up when they are asked for, and not while that is timed."""

    def found(self):
        return self.read_rows(self.ids.ravel()).reshape(*self.ids.shape, -1)


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


class IdleTokenTrial(TabledTrial):
    """Leaves out the update where a batch is one token."""

    def update(self):
        if self.share == 1.0:
            super().update()
        else:
            self.do("update")


class SortedOnlyTrial(TabledTrial):
    """Finds all ids and not the distinct ones."""

    def made(self, name):
        return np.sort(self.operated.ravel())[1:] if name == "index" else super().made(name)


class UnsummedTrial(TabledTrial):
    """Hands out the gradients of tokens as they are."""

    def made(self, name):
        return row_gradient(self.case).reshape(-1, self.case.dim) if name == "sum" else super().made(name)
