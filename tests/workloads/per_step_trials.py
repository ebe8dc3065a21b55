"""Trials with a layer per time step by NumPy: a right trial, and trials that lie."""

import numpy as np

from embbench.cases.case import make_case
from embbench.workloads._timedistributed_expected import (
    BATCH_NORM,
    COUNTED,
    DROPOUT,
    EPSILON,
    FILTERS,
    KERNEL,
    LEARNING_RATE,
    MOMENTUM,
    SAME_LAYERS,
    Applied,
)
from embbench.workloads._timedistributed_network import features, loss_and_gradients
from embbench.workloads.timedistributed import start

STEPS = 5


def case_of(kind):
    return make_case({"workload": "timedistributed", "per_step": kind, "batch": 3, "seq": 4, "hidden": 5})


class Honest:
    """The right steps in NumPy. Lies override its methods."""

    def __init__(self, case, drawn):
        self.case, self.drawn, self.made = case, drawn, 0
        self.held = start(case, 1)

    def step(self):
        batch = self.made % len(self.drawn["labels"])
        self.made += 1
        self.last, by_name = loss_and_gradients(self.held, self.drawn["inputs"][batch], self.drawn["labels"][batch])
        self.learn(by_name)

    def learn(self, by_name):
        self.held = {name: array - LEARNING_RATE * by_name[name] for name, array in self.held.items()}

    def loss(self):
        return self.last

    def weights(self):
        return self.held

    def has(self):
        return (*SAME_LAYERS, BATCH_NORM, DROPOUT)

    def apply(self, layer, inputs, way):
        if layer == BATCH_NORM:
            return self.normalize(inputs, way)
        if layer == DROPOUT:
            return Applied(self.drop(inputs, way))
        if layer == "convolution":
            weights = {"conv_weight": np.ones((FILTERS, KERNEL, KERNEL)), "conv_bias": np.zeros(FILTERS)}
            return Applied(features(weights, inputs.reshape(*inputs.shape[:2], -1)))
        return Applied(inputs * 2.0)

    def normalize(self, inputs, way):
        groups = [inputs] if way == "flat" else [inputs[:, [time]] for time in range(inputs.shape[1])]
        outputs, mean = [], 0.0
        for group in groups:
            outputs.append((group - group.mean()) / np.sqrt(group.var() + EPSILON))
            mean = MOMENTUM * mean + (1 - MOMENTUM) * group.mean()
        return Applied(np.concatenate(outputs, 1), np.array([mean]))

    def drop(self, inputs, way):
        return 2.0 * (np.random.default_rng(0).random(inputs.shape) >= 0.5)

    def calls(self):
        return COUNTED if self.case.per_step == "wrapped" else 1

    def known(self):
        return {}

    def further_claims(self):
        return []


class NeverLearns(Honest):
    def learn(self, by_name):
        pass


class ForgetsTheFront(Honest):
    """Trains all but the convolution."""

    def learn(self, by_name):
        super().learn({name: array * (not name.startswith("conv")) for name, array in by_name.items()})


class CutsTime(Honest):
    """Returns as many time steps as 1."""

    def apply(self, layer, inputs, way):
        made = super().apply(layer, inputs, way)
        return made._replace(outputs=made.outputs[:, :1]) if layer == "dense" and way != "flat" else made


class OneGroup(Honest):
    """Normalizes batch and time together."""

    def normalize(self, inputs, way):
        return super().normalize(inputs, "flat")


class MovesOnce(Honest):
    def normalize(self, inputs, way):
        return super().normalize(inputs, way)._replace(moving=np.array([0.15]))


class OneMask(Honest):
    def drop(self, inputs, way):
        return np.repeat(super().drop(inputs, way)[:, :1], inputs.shape[1], 1)


class CallsOnce(Honest):
    def calls(self):
        return 1
