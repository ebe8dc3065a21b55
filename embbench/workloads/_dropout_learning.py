"""Few samples that a network with dropout trains on again and again, and samples that it does not train on.

A sample has a class c of CLASSES. At each time step its inputs are the class's center plus independent noise N(0, 1).
Centers have the length SIGNAL and random directions, which differ from seed to seed. So log P(c | inputs) is the sum
over time of inputs · center, up to a constant, and no model beats it on average.
"""

from typing import Any, NamedTuple

import numpy as np

from embbench.cases.case import Case
from embbench.cases.workload import CLASSES
from embbench.workloads import ByName
from embbench.workloads._dropout_expected import COLUMNS
from embbench.workloads._learning import HELD_OUT, READ_BACK, Scored
from embbench.workloads._lstm import last_hidden
from embbench.workloads._scoring import accuracy, log_losses, log_shares

SIGNAL = 0.8


class Drawn(NamedTuple):
    """inputs: (M, T, COLUMNS). labels: (M,). best: (M, CLASSES) log shares."""

    inputs: np.ndarray
    labels: np.ndarray
    best: np.ndarray


class NoisyClasses:
    """Samples with the same centers, (CLASSES, COLUMNS)."""

    def __init__(self, rng: np.random.Generator) -> None:
        directions = rng.standard_normal((CLASSES, COLUMNS))
        self.centers = SIGNAL * directions / np.linalg.norm(directions, axis=1, keepdims=True)
        self._rng = rng

    def draw(self, count: int, time: int) -> Drawn:
        labels = self._rng.integers(0, CLASSES, count)
        noise = self._rng.standard_normal((count, time, COLUMNS))
        inputs = (self.centers[labels][:, None] + noise).astype(np.float32)
        return Drawn(inputs, labels, log_shares(inputs.astype(np.float64).sum(1) @ self.centers.T))


class DropLesson:
    """See `_learning.Lesson`."""

    SCORE = "excess"

    def __init__(self, case: Case) -> None:
        population = NoisyClasses(np.random.default_rng([case.seed, 19]))
        shape = max(1, case.samples // case.batch), case.batch
        training, held_out = (population.draw(count, case.seq) for count in (shape[0] * shape[1], HELD_OUT))
        inputs = training.inputs.reshape(*shape, case.seq, COLUMNS)
        self.batches = {"inputs": inputs, "labels": training.labels.reshape(shape)}
        self.held_out, self.read_back = scored(held_out), scored(Drawn(*(each[:READ_BACK] for each in training)))
        self.facts = {
            "floor": float(log_losses(held_out.best, held_out.labels).mean()),
            "floor_errors": 1 - accuracy(held_out.best, held_out.labels),
        }

    def plant(self, case: Case, trial: Any) -> None:
        """There is no table."""


def scored(drawn: Drawn) -> Scored:
    inputs = drawn.inputs.astype(np.float64)

    def ask(trial: Any) -> tuple[ByName, np.ndarray]:
        return trial.weights(), inputs

    return Scored(ask, drawn.labels, CLASSES, log_losses(drawn.best, drawn.labels))


def logits(weights: ByName, inputs: np.ndarray) -> np.ndarray:
    """(M, CLASSES), of predictions, which drop nothing. inputs: (M, T, COLUMNS)."""
    return last_hidden(weights, inputs) @ weights["head_weight"].T + weights["head_bias"]
