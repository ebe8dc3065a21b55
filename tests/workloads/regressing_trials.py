"""Trials of the regression by NumPy: a right trial, and trials that lie."""

import numpy as np

from embbench.cases.case import make_case
from embbench.workloads._regression_plan import EPSILON, plan_of, start
from embbench.workloads._regression_steps import loss_and_gradients

STEPS = 5


def case_of(remedy="off", **axes):
    return make_case({"workload": "regression", "remedy": remedy, "train_steps": 40, **axes})


class HonestRegression:
    """The right steps in NumPy, with Adam as in the paper."""

    late_epsilon = False

    def __init__(self, case, drawn):
        self.case, self.plan, self.restarts = case, plan_of(case), 0
        self.restart(start(self.plan.layers, case.seed), drawn)

    def restart(self, weights, drawn):
        self.restarts += 1
        self.held, self.drawn, self.made = {name: np.float64(array) for name, array in weights.items()}, drawn, 0
        self.first, self.second = ({name: 0 * array for name, array in self.held.items()} for _ in range(2))
        self.rng = np.random.default_rng(0)

    def masks(self):
        rate, state = self.plan.dropout, self.rng.bit_generator.state
        hidden = [each.outputs for each in self.plan.layers if each.relu] if rate else []
        drawn = [(self.rng.random((self.case.batch, units)) >= rate) / (1 - rate) for units in hidden]
        self.rng.bit_generator.state = state
        return drawn

    def batch(self):
        return self.made % len(self.drawn["inputs"])

    def step(self):
        inputs, targets = (self.drawn[name][self.batch()] for name in ("inputs", "targets"))
        masks = self.masks()
        self.rng.random(sum(each.size for each in masks))
        self.made += 1
        self.last, gradients = loss_and_gradients(self.plan, self.held, inputs, targets, masks)
        for name, gradient in gradients.items():
            self.move(name, gradient)

    def move(self, name, gradient):
        rate, decay = self.plan.setup.rate, self.plan.setup.decay if name.startswith("kernel") else 0.0
        self.held[name] = self.held[name] * (1 - rate * decay) - rate * self.direction(name, gradient)

    def direction(self, name, gradient):
        if self.plan.setup.kind == "sgd":
            return gradient
        self.first[name] = 0.9 * self.first[name] + 0.1 * gradient
        self.second[name] = 0.999 * self.second[name] + 0.001 * gradient**2
        first, second = self.first[name] / (1 - 0.9**self.made), self.second[name] / (1 - 0.999**self.made)
        return first / (np.sqrt(second) + EPSILON)

    def sync(self):
        pass

    def loss(self):
        return self.last

    def weights(self):
        return dict(self.held)

    def slots(self):
        return [] if self.plan.setup.kind == "sgd" else [dict(self.first), dict(self.second)]

    def numbers(self):
        return self.plan.setup.numbers

    def further_claims(self):
        return []


class StandsStill(HonestRegression):
    def move(self, name, gradient):
        pass


class OneBatch(HonestRegression):
    def batch(self):
        return 0


class NeverDecays(HonestRegression):
    """Leaves weight decay out."""

    def move(self, name, gradient):
        self.held[name] = self.held[name] - self.plan.setup.rate * self.direction(name, gradient)


class DecaysBiases(HonestRegression):
    def move(self, name, gradient):
        setup = self.plan.setup
        self.held[name] = self.held[name] * (1 - setup.rate * setup.decay) - setup.rate * self.direction(name, gradient)


class HalfPenalty(HonestRegression):
    """Adds l2 times the weight to the gradient, not twice that."""

    def move(self, name, gradient):
        less = self.plan.l2 * self.held[name] if name.startswith("kernel") else 0
        super().move(name, gradient - less)


class UndroppedUnits(HonestRegression):
    """Shows masks that its steps do not use."""

    def step(self):
        inputs, targets = (self.drawn[name][self.batch()] for name in ("inputs", "targets"))
        self.made += 1
        self.last, gradients = loss_and_gradients(self.plan, self.held, inputs, targets)
        for name, gradient in gradients.items():
            self.move(name, gradient)


class OtherRate(HonestRegression):
    def numbers(self):
        rate, *others = super().numbers()
        return [2 * rate, *others]


class Uncorrected(HonestRegression):
    """Adam without the correction of its averages."""

    def direction(self, name, gradient):
        super().direction(name, gradient)
        return self.first[name] / (np.sqrt(self.second[name]) + EPSILON)
