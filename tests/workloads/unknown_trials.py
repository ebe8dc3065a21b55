"""Trials of the workload `unknown_class` by NumPy: a right trial, and trials that lie."""

import numpy as np

from embbench.cases.case import make_case
from embbench.workloads._unknown_network import AdamAs, Moments, adam_step, loss_and_gradients
from embbench.workloads.unknown_class import start

STEPS = 5


def case_of(reject, **axes):
    return make_case({"workload": "unknown_class", "reject": reject, "batch": 6, "seq": 4, "hidden": 5, **axes})


class Learner:
    """The right steps."""

    adam = AdamAs()

    def __init__(self, case, drawn):
        self.case, self.drawn, self.made = case, drawn, 0
        self.restart(start(case, 1))

    def restart(self, weights):
        self.held = weights
        zeros = {name: np.zeros_like(array) for name, array in weights.items()}
        self.state = Moments(zeros, zeros, 0)

    def step(self):
        self.learn(self.made % len(self.drawn["ids"]))
        self.made += 1

    def learn(self, batch):
        ids, labels = self.drawn["ids"][batch], self.drawn["labels"][batch]
        self.last, by_name, squares = loss_and_gradients(self.held, ids, labels, self.case.reject)
        self.held, self.state = self.update(by_name, squares)

    def update(self, by_name, squares):
        return adam_step(self.held, self.state, by_name, squares, self.adam)

    def sync(self):
        pass

    def loss(self):
        return self.last

    def weights(self):
        return self.held

    def moments(self):
        return self.state.first, self.state.second

    def further_claims(self):
        return []


class Stands(Learner):
    def update(self, by_name, squares):
        return self.held, self.state


class FirstBatch(Learner):
    """Trains on the first batch again and again."""

    def learn(self, batch):
        super().learn(0)


class Summed(Learner):
    """Squares each occurrence of a row, and says that it does not."""

    def update(self, by_name, squares):
        return adam_step(self.held, self.state, by_name, squares, AdamAs("corrected", True))


class NoTable(Learner):
    """Does not train the table."""

    def update(self, by_name, squares):
        held, state = super().update(by_name, squares)
        return held | {"rows": self.held["rows"]}, state


class Uncorrected(Learner):
    """Forgets the number of steps, by which Adam corrects its moments."""

    def update(self, by_name, squares):
        return adam_step(self.held, self.state._replace(made=1000), by_name, squares, self.adam)
