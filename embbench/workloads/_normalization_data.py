"""Samples of a sequence and a category, whose classes have a known distribution.

log P(class | sequence, category) is a linear function of the mean of the last inputs plus a row of the category, up to
a constant. Categories are as skewed as words are: each is RATIO times as frequent as the one before, from 0.3 to 1e-4.
Training samples never repeat, so that no network can learn them by heart: a bad answer to held-out samples has another
reason then.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from embbench.cases.workload import CLASSES
from embbench.workloads import ByName
from embbench.workloads._scoring import log_shares

if TYPE_CHECKING:
    pass

COLUMNS = 8  # of a time step
CATEGORIES, RATIO = 24, 0.7
LAST = 4  # time steps that the class depends on
BY_SEQUENCE, BY_CATEGORY = 1.5, 1.5  # standard deviations of logarithms of odds
RARE = 0.01  # probability of a category, below which it is rare


class NormSamples(NamedTuple):
    """inputs: (M, T, COLUMNS). onehots: (M, CATEGORIES). labels: (M,). best: (M, CLASSES) log P(class | sample)."""

    inputs: np.ndarray
    onehots: np.ndarray
    labels: np.ndarray
    best: np.ndarray

    def batch(self) -> ByName:
        return {"inputs": self.inputs, "onehots": self.onehots}


def frequencies() -> np.ndarray:
    """(CATEGORIES,) P(category)."""
    found = RATIO ** np.arange(CATEGORIES)
    return found / found.sum()


class Population:
    """What the classes of a seed depend on."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.of_inputs = rng.standard_normal((COLUMNS, CLASSES)) * BY_SEQUENCE * (LAST / COLUMNS) ** 0.5
        self.of_category = rng.standard_normal((CATEGORIES, CLASSES)) * BY_CATEGORY

    def draw(self, count: int, length: int, shares: np.ndarray) -> NormSamples:
        """shares: P(category)."""
        inputs = self.rng.standard_normal((count, length, COLUMNS), np.float32)
        categories = self.rng.choice(CATEGORIES, count, p=shares)
        best = log_shares(inputs[:, -LAST:].mean(1) @ self.of_inputs + self.of_category[categories])
        steps = np.exp(best).cumsum(1)
        labels = (self.rng.random((count, 1)) * steps[:, -1:] > steps).sum(1)
        return NormSamples(inputs, np.eye(CATEGORIES, dtype=np.float32)[categories], labels, best)


def rare_alone() -> np.ndarray:
    """(CATEGORIES,) rare categories alike, and no others."""
    rare = frequencies() < RARE
    return rare / rare.sum()


def batches_of(samples: NormSamples, batch: int) -> ByName:
    """What a trial trains on: name -> (batches, B, ...)."""
    shaped = {"inputs": samples.inputs, "onehots": samples.onehots, "labels": samples.labels}
    return {name: array.reshape(-1, batch, *array.shape[1:]) for name, array in shaped.items()}
