"""Trials of the autoencoder by NumPy: a right trial, and trials that lie."""

import numpy as np

from embbench.cases.case import make_case
from embbench.workloads._autoencoder_claims import Before, loss_and_gradients, moved
from embbench.workloads._autoencoder_data import setting_of
from embbench.workloads.autoencoder import start

STEPS = 3


def case_of(advice, **axes):
    return make_case({"workload": "autoencoder", "table": "none", "advice": advice, "batch": 4, **axes})


class RightAutoencoder:
    """The right steps in NumPy; lies override a part of them."""

    epsilon = "corrected"

    def __init__(self, case, drawn):
        self.case, self.drawn, self.made = case, drawn, 0
        first = start(case)
        zeros = [{name: np.zeros_like(array) for name, array in first.items()} for _ in range(2)]
        self.held = Before(first, *zeros)

    def place(self):
        return self.made % len(self.drawn["inputs"])

    def setting(self):
        return setting_of(self.case)

    def step(self):
        inputs = self.drawn["inputs"][self.place()].astype(np.float64)
        self.last, gradients = loss_and_gradients(self.case, self.held.weights, inputs)
        self.made += 1
        self.held = moved(self.setting(), self.held, gradients, self.count(), self.epsilon)

    def count(self):
        return self.made

    def sync(self):
        pass

    def loss(self):
        return self.last

    def weights(self):
        return dict(self.held.weights)

    def state(self):
        return self.held.first, self.held.second

    def further_claims(self):
        return []


class StandsStill(RightAutoencoder):
    def step(self):
        before = self.held
        super().step()
        self.held = before


class RepeatsABatch(RightAutoencoder):
    def place(self):
        return 0


class RateOfThen(RightAutoencoder):
    """Ten times the rate that was asked for."""

    def setting(self):
        return super().setting()._replace(rate=10 * super().setting().rate)


class ForgetsItsState(RightAutoencoder):
    def step(self):
        zeros = [{name: np.zeros_like(array) for name, array in self.held.weights.items()} for _ in range(2)]
        self.held = Before(self.held.weights, *zeros)
        super().step()


class CountsFromLater(RightAutoencoder):
    """Its Adam corrects no moment."""

    def count(self):
        return self.made + 10_000
