"""A contender that keeps its table in 16 bits and computes in float32 with NumPy, written apart from the oracle; and
those that do not round as they declare, one class each.
"""

from pathlib import Path

import numpy as np

from embbench.cases.workload import HYPERPARAMETERS, initial_rows
from embbench.contenders import read
from embbench.oracle.optimizers import Optimizer
from embbench.workloads import network_of
from tests.fakes import fake
from tests.fakes.clock import CLOCK


def bfloat16(values):
    """float32 numbers to the nearest bfloat16, ties to even, by their bits."""
    bits = np.asarray(values, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)).view(np.float32)


def float16(values):
    return np.asarray(values, np.float32).astype(np.float16).astype(np.float32)


class HalfTrial:
    """Honest. Gradients of occurrences are added one by one; the optimizer's arithmetic is float32."""

    def __init__(self, case, tokens):
        self.case, self.tokens, self.steps = case, tokens, 0
        declared = read(Path(fake.__file__)).declaration
        self.how = declared.path(case).precision
        self.dense_class = declared.semantic(case) == "dense"
        self.store = {"bfloat16": bfloat16, "float16": float16}[self.how.table]
        start = network_of(case).start(case, lstm_biases=1)
        self.weights = {name: array.astype(np.float32) for name, array in start.items()}
        self.optimizers = {name: Optimizer(case.optimizer) for name in self.weights}
        self.set(self.store(initial_rows(case, np.arange(case.vocab))))
        CLOCK.advance(0.5)

    def set(self, table):
        self.table, self.moved = table, table.copy()
        self.first, self.second = np.zeros_like(table), np.zeros_like(table)

    def step(self):
        batch = self.steps % len(self.tokens.ids)
        ids, labels = self.tokens.ids[batch], self.tokens.labels[batch]
        self.steps += 1
        network = network_of(self.case).scores_and_gradients
        _, self.last, flow, gradients = network(self.weights, self.looked_up(ids), labels)
        for name, array in self.weights.items():
            self.optimizers[name].update(array, gradients[name])
            self.weights[name] = array.astype(np.float32)
        self.train(ids.ravel(), flow.reshape(-1, self.case.dim).astype(np.float32))
        CLOCK.advance(1e-3)

    def looked_up(self, ids):
        return self.table[ids]

    def train(self, ids, flow):
        gradient = np.zeros_like(self.table)
        if self.how.gradient == "float32":
            np.add.at(gradient, ids, flow)
        else:
            for row, part in zip(ids, self.store(flow), strict=True):
                gradient[row] = self.store(gradient[row] + part)
        rows = np.arange(len(self.table)) if self.dense_class else np.unique(ids)
        self.moved[rows] = self.keep(self.update(self.moved[rows], gradient[rows], rows))
        self.table[rows] = self.store(self.moved[rows])

    def keep(self, moved):
        return moved if self.how.master else self.store(moved)

    def keep_state(self, state):
        return state if self.how.wide_states else self.store(state)

    def update(self, old, gradient, rows):
        told = HYPERPARAMETERS[self.case.optimizer]
        rate = np.float32(self.rate())
        if self.case.optimizer == "sgd":
            return old - rate * gradient
        if self.case.optimizer == "momentum":
            first = np.float32(told.momentum) * self.first[rows] + gradient
            self.first[rows] = self.keep_state(first)
            return old - rate * first
        if self.case.optimizer == "adagrad":
            second = self.second[rows] + gradient * gradient
            self.second[rows] = self.keep_state(second)
            return old - rate * gradient / (np.sqrt(second) + np.float32(told.epsilon))
        beta1, beta2 = np.float32(told.beta1), np.float32(told.beta2)
        first = self.first[rows] + (1 - beta1) * (gradient - self.first[rows])
        second = beta2 * self.second[rows] + (1 - beta2) * gradient * gradient
        self.first[rows], self.second[rows] = self.keep_state(first), self.keep_state(second)
        spread = np.sqrt(second) / np.float32((1 - told.beta2**self.steps) ** 0.5) + np.float32(told.epsilon)
        size = np.float32(self.rate() / (1 - told.beta1**self.steps))
        return old * np.float32(1 - told.rate * told.decay) - size * first / spread

    def rate(self):
        return HYPERPARAMETERS[self.case.optimizer].rate

    def sync(self):
        pass

    def loss(self):
        return self.last

    def read_rows(self, ids):
        return self.table[ids]

    def write_rows(self, ids, values):
        self.table[ids] = self.moved[ids] = values

    def memory(self):
        return {}

    def describe(self):
        return {"lstm": "loop over time steps", "optimizer": "NumPy"}


class RateInTheType(HalfTrial):
    """Honest: its rate is a number of the table's type."""

    def rate(self):
        return float(self.store(np.float32(super().rate())))


class AddsFromBehind(HalfTrial):
    """Honest: adds the occurrences of a row the other way round."""

    def train(self, ids, flow):
        super().train(ids[::-1], flow[::-1])


class WideTable(HalfTrial):
    """Starts with rounded rows, and is a float32 table from then on."""

    def train(self, ids, flow):
        self.store = np.asarray
        super().train(ids, flow)


class WideButRead(HalfTrial):
    """Claims that there is no master copy, keeps a float32 table and rounds what is looked at."""

    def keep(self, moved):
        return moved


class NoMaster(HalfTrial):
    """Claims a master copy, and moves the rounded rows."""

    def keep(self, moved):
        return self.store(moved)


class Truncates(HalfTrial):
    """Cuts the lower bits off instead of rounding."""

    def keep(self, moved):
        return (moved.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)


class Stochastic(HalfTrial):
    """Rounds up or down by chance, which keeps small steps from being lost, and does not say so."""

    random = np.random.default_rng(0)

    def keep(self, moved):
        noise = self.random.integers(0, 1 << 16, moved.shape, dtype=np.uint32)
        return ((moved.view(np.uint32) + noise) & np.uint32(0xFFFF0000)).view(np.float32)


class OffByTwoPercent(HalfTrial):
    def rate(self):
        return 1.02 * super().rate()


class ForgetsARow(HalfTrial):
    """Leaves one row of each batch as it is."""

    def train(self, ids, flow):
        row = ids[-1]
        kept = self.moved[row].copy()
        super().train(ids, flow)
        self.moved[row] = kept
        self.table[row] = self.store(kept)


class LastOccurrence(HalfTrial):
    """Where a row occurs several times, its last gradient takes the place of the sum."""

    def train(self, ids, flow):
        last = {row: place for place, row in enumerate(ids)}
        super().train(np.array(list(last)), flow[list(last.values())])


class WideStates(HalfTrial):
    """Claims optimizer state in 16 bits, and keeps float32."""

    def keep_state(self, state):
        return state


class NarrowStates(HalfTrial):
    """Claims optimizer state in float32, and keeps 16 bits."""

    def keep_state(self, state):
        return self.store(state)
