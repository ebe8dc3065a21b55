"""A contender whose arithmetic is the oracle's and whose costs are scripted on a virtual clock.

A step takes 1 ms and, where the whole table is updated, another 100 ns for every row.
"""

import copy
from pathlib import Path

import numpy as np

from embbench.cases.capabilities import Inside
from embbench.cases.precision import as_read
from embbench.cases.workload import initial_rows
from embbench.contenders import read
from embbench.oracle.intervals import Interval
from embbench.oracle.step import Oracle
from tests.fakes.clock import CLOCK

DECLARES = {
    "devices": ["cpu", "cuda"],  # it computes on the CPU on both
    "summary": "the oracle on a virtual clock",
    "tables": ["frozen", "trainable", "hybrid"],
    "dtypes": ["float32", "float64"],
    "updates": {
        "default": {
            "sgd": {"semantic": "exact", "copies": 2},
            "momentum": {"semantic": "dense", "copies": 3},
            "adagrad": {"semantic": "exact", "copies": 3},
            "adam": {"semantic": "dense", "copies": 6, "passes": 19},
            "adamw": {"semantic": "dense", "copies": 6},
        },
        "fused": {"adam": {"semantic": "dense", "copies": 4}},
        "sparse": {"adam": {"semantic": "lazy", "copies": 3, "epsilon": "uncorrected"}, "adamw": "nobody wrote it"},
        "compact": {"adam": {"semantic": "lazy", "copies": 3}, "adamw": {"semantic": "lazy-decay", "copies": 3}},
        "rowwise": {"adagrad": {"semantic": "rowwise", "copies": 1}},
        "bfloat16": {
            "sgd": {"semantic": "exact", "copies": 2},
            "momentum": {"semantic": "dense", "copies": 3},
            "adagrad": {"semantic": "exact", "copies": 3},
            "adam": {"semantic": "dense", "copies": 4, "passes": 8},
            "adamw": {"semantic": "dense", "copies": 4},
        },
        "bfloat16_master": {
            "sgd": {"semantic": "exact", "copies": 6},
            "adam": {"semantic": "dense", "copies": 10},
            "adamw": {"semantic": "dense", "copies": 10},
        },
        "float16": {
            "sgd": {"semantic": "exact", "copies": 1},
            "adam": {"semantic": "lazy", "copies": 5, "precision": {"table": "float16", "states": "float32"}},
        },
        "float16_rowwise": {"adagrad": {"semantic": "rowwise"}},
    },
    "precisions": {
        "bfloat16": {"table": "bfloat16"},
        "bfloat16_master": {"table": "bfloat16", "master": True},
        "float16": {"table": "float16"},
        "float16_rowwise": {"table": "float16", "gradient": "float32", "states": "float32"},
    },
}


def prepare(case, tokens):
    return FakeTrial(case, tokens)


class Steps(Oracle):
    """The oracle's steps without its allowance for other programs, which takes most of a small step's time.

    A table of few bits is off by what rounding alone allows. The allowance for cancelled numbers was rejected here: it
    is an estimate from one step's luck, so that half of it may be all that the next oracle allows.
    """

    def _cancelled(self, rows, labels, flow):
        return 0.0

    def _widen(self, group, flow, doubt, rows):
        pass


def middle(between):
    """A float32 in an interval of them."""
    return ((between.low + between.high) / 2).astype(np.float32).astype(np.float64)


class FakeTrial:
    def __init__(self, case, tokens):
        self.case, self.tokens, self.steps = case, tokens, 0
        self.ids = np.arange(case.vocab)
        path = read(Path(__file__)).declaration.path(case)
        self._start(as_read(initial_rows(case, self.ids), path.precision, case.dtype))
        CLOCK.advance(0.5)

    def step(self):
        batch = self.steps % len(self.tokens.ids)
        self.steps += 1
        self.last = self.oracle.step(self.tokens.ids[batch], self.tokens.labels[batch])
        self._settle()
        CLOCK.advance(self.cost())

    def cost(self):
        dense = self.oracle.semantic == "dense" and self.case.table == "trainable"
        return 1e-3 + (1e-7 * self.case.vocab if dense else 0.0)

    def sync(self):
        pass

    def loss(self):
        return self.last

    def read_rows(self, ids):
        return self.oracle.rows[ids].astype(self.case.dtype)

    def write_rows(self, ids, values):
        oracle, columns = self.oracle, self.oracle._fixed.shape[1]
        oracle._fixed[ids] = values[:, :columns]
        if oracle._small.size:
            oracle._small[oracle._group[ids]] = values[:, columns:]
        if oracle.master is not None:
            oracle.resume_master(oracle._small)

    def inspect(self, ids):
        oracle = self.oracle
        optimizers = {**oracle._optimizers, "table": oracle._table}
        states = {name: {**optimizer.state} for name, optimizer in optimizers.items()}
        for name, state in states["table"].items():
            rows = (state.low if isinstance(state, Interval) else state)[oracle._group[ids]]
            states["table"][name] = rows[:, :1] if oracle.semantic == "rowwise" else rows
        if oracle.master is not None:
            states["table"]["master"] = oracle.master.low[ids]
        counted = self.case.optimizer.startswith("adam") and oracle.semantic != "frozen"
        return Inside(oracle._table.step if counted else None, oracle.weights, copy.deepcopy(states))

    def memory(self):
        return {}

    def describe(self):
        return {"lstm": "loop over time steps", "optimizer": "NumPy"}

    def _settle(self):
        """Of what rounding allows, it has the lower ends; of a master copy the middle, since the lower ends of hundreds
        of steps would add up.
        """
        one = self.oracle
        if one.master is not None:
            rows = middle(one.master) if one._rounded._precision.master else one.master.low
            one.resume_master(rows)
            one.adopt(one._rounded.nearest(rows))
            one._table.state = {name: Interval.of(state.low) for name, state in one._table.state.items()}

    def _start(self, rows):
        self.oracle = Steps(self.case, read(Path(__file__)).declaration, self.ids, rows)


class StepsOnlyTrial:
    """Has nothing but `step` and `sync`."""

    def __init__(self, case, tokens):
        self._whole = FakeTrial(case, tokens)

    def step(self):
        self._whole.step()

    def sync(self):
        self._whole.sync()


class HandingOnTrial(StepsOnlyTrial):
    """Hands everything else on."""

    def __getattr__(self, name):
        return getattr(self.__dict__["_whole"], name)


class DroppingStepsTrial(StepsOnlyTrial):
    """Makes only the first few steps between two fences."""

    made = 0

    def step(self):
        self.made += 1
        if self.made <= 5:
            super().step()

    def sync(self):
        self.made = 0


class ClosedTrial(FakeTrial):
    """Does not show its state."""

    inspect = None


class PartedTrial(FakeTrial):
    """Its parts only take their time."""

    def parts(self):
        costs = {"lookup": 1e-5, "network": 8e-4, "gradients": 9e-4, "update_table": 5e-5, "update_rest": 1e-4}
        costs["square_root"] = 2e-5
        return {name: lambda seconds=seconds: CLOCK.advance(seconds) for name, seconds in costs.items()}
