"""Trials with norms by NumPy: a right trial, and trials that lie."""

import numpy as np

from embbench.cases.case import make_case
from embbench.workloads._normalization_expected import LEARNING_RATE
from embbench.workloads._normalization_network import (
    BATCH,
    STATISTICS,
    Convention,
    loss_and_gradients,
    normalize,
    scores_of,
)
from embbench.workloads.normalization import start

STEPS = 5
OLD = Convention(epsilon=1e-3, kept=0.99, unbiased=False, layer_epsilon=1e-3)


def case_of(norm, **axes):
    return make_case({"workload": "normalization", "norm": norm, "batch": 6, "seq": 5, "hidden": 4, **axes})


class RightNorm:
    """A norm alone."""

    def __init__(self, convention, kind, columns):
        self.convention, self.kind = convention, kind
        self.held = {"norm_mean": np.zeros(columns), "norm_variance": np.ones(columns)}

    def train(self, rows):
        wide, ones = rows.astype(np.float64), np.ones(rows.shape[1])
        if self.kind == "layer":
            return normalize(wide, ones, 0 * ones, self.convention.layer_epsilon, 1).output
        made = normalize(wide, ones, 0 * ones, self.convention.epsilon, 0)
        self.held = self.convention.moved(self.held, made.mean, made.variance, len(rows))
        return made.output

    def predict(self, rows):
        if self.kind == "layer":
            return self.train(rows)
        return (rows - self.held["norm_mean"]) / np.sqrt(self.held["norm_variance"] + self.convention.epsilon)

    def moving(self):
        return self.held


class RightNorms:
    """The right steps in NumPy. Lies override parts of it."""

    convention = OLD
    norm_type = RightNorm

    def __init__(self, case, drawn):
        self.case, self.drawn, self.made = case, drawn, 0
        self.restart(start(case, 1))

    def restart(self, weights, rate=LEARNING_RATE):
        self.held, self.rate = weights, rate

    def step(self):
        batch = {name: array[self.made % len(array)] for name, array in self.drawn.items()}
        self.made += 1
        self.learn(batch)

    def learn(self, batch):
        self.last, by_name, normed = loss_and_gradients(self.held, batch, self.case.norm, self.convention)
        if self.case.norm in BATCH:
            self.held = self.held | self.convention.moved(self.held, normed.mean, normed.variance, self.case.batch)
        self.held = self.held | {name: self.held[name] - self.rate * by_name[name] for name in by_name}

    def sync(self):
        pass

    def loss(self):
        return self.last

    def weights(self):
        return self.held

    def scores(self, inputs, onehots):
        return scores_of(self.held, {"inputs": inputs, "onehots": onehots}, self.case.norm, self.convention)

    def layer(self, kind, columns, kept=None):
        convention = self.convention if kept is None else self.convention._replace(kept=kept)
        return self.norm_type(convention, kind, columns)

    def known(self):
        return {}

    def further_claims(self):
        return []


class NewNorms(RightNorms):
    """Right too, with other defaults."""

    convention = Convention(epsilon=1e-5, kept=0.9, unbiased=False, layer_epsilon=1e-5)


class StaysStill(RightNorms):
    """Its statistics do not move."""

    def learn(self, batch):
        kept = {name: self.held[name] for name in STATISTICS if name in self.held}
        super().learn(batch)
        self.held = self.held | kept


class NeverNorms(RightNorms):
    """Trains the network without a norm."""

    def learn(self, batch):
        self.last, by_name, _ = loss_and_gradients(self.held, batch, "off", self.convention)
        self.held = self.held | {name: self.held[name] - self.rate * by_name[name] for name in by_name}


class PredictsByBatch(RightNorms):
    """Forgets to leave training mode."""

    def scores(self, inputs, onehots):
        batch = {"inputs": inputs, "onehots": onehots}
        return scores_of(self.held, batch, self.case.norm, self.convention, training=True)


class OtherEpsilon(RightNorms):
    """Its norms have another epsilon than it states."""

    def layer(self, kind, columns, kept=None):
        return RightNorm(self.convention._replace(epsilon=1e-5, layer_epsilon=1e-5), kind, columns)


class OtherMomentum(RightNorms):
    def layer(self, kind, columns, kept=None):
        return RightNorm(self.convention._replace(kept=0.9 if kept is None else kept), kind, columns)


class BySquaresNorm(RightNorm):
    def train(self, rows):
        if self.kind == "layer":
            return super().train(rows)
        mean = rows.mean(0)
        variance = (rows**2).mean(0) - mean**2
        self.held = self.convention.moved(self.held, mean, variance, len(rows))
        with np.errstate(invalid="ignore"):
            return (rows - mean) / np.sqrt(variance + np.float32(self.convention.epsilon))

    def predict(self, rows):
        with np.errstate(invalid="ignore"):
            return super().predict(rows)


class BySquares(RightNorms):
    """E[x^2] - E[x]^2 in float32."""

    norm_type = BySquaresNorm


class IgnoresRate(RightNorms):
    def restart(self, weights, rate=LEARNING_RATE):
        super().restart(weights)
