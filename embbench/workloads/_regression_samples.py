"""Samples of the regression: y = w·z + (square of v·z, made standard)/2 + noise of variance 1, z standard normal.

The network gets z times the spread of its columns. Nothing predicts the noise, so noise² is a sample's floor.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from embbench.cases.case import Case
from embbench.workloads import ByName
from embbench.workloads._regression_plan import COLUMNS, HELD_OUT, MORE, TRAINING, VALIDATION

SPREADS = {"raw_inputs": (0.1, 10.0)}  # least and largest standard deviation of a column; all alike in between
SCALED = 1.0, 1.0
BENT = 0.5  # standard deviation of the part that is not linear


class RegressionSamples(NamedTuple):
    """inputs: (M, COLUMNS) float32. targets: (M, 1) float32. noise: (M,), the part that nothing predicts."""

    inputs: np.ndarray
    targets: np.ndarray
    noise: np.ndarray


class RegressionLesson(NamedTuple):
    """The samples of a seed. drawn: the training samples in batches. scored: name of a score -> samples. facts: of the
    curve.
    """

    drawn: ByName
    scored: Mapping[str, RegressionSamples]
    facts: Mapping[str, float]


class RegressionTruth:
    """What is to be learnt of a seed."""

    def __init__(self, case: Case, rng: np.random.Generator) -> None:
        self.linear, bent = rng.standard_normal((2, COLUMNS)) / COLUMNS**0.5
        self.bent = bent / np.linalg.norm(bent)
        low, high = SPREADS.get(case.remedy, SCALED)
        self.spread = 10 ** rng.uniform(np.log10(low), np.log10(high), COLUMNS)

    def draw(self, count: int, rng: np.random.Generator) -> RegressionSamples:
        z, noise = rng.standard_normal((count, COLUMNS)), rng.standard_normal(count)
        known = z @ self.linear + BENT * ((z @ self.bent) ** 2 - 1) / 2**0.5
        targets = (known + noise).astype(np.float32)[:, None]
        return RegressionSamples((z * self.spread).astype(np.float32), targets, noise)


def lesson_of(case: Case, batches: int = 0) -> RegressionLesson:
    """The samples of the case's seed. batches: their number; 0 for those of a learning curve."""
    more = MORE if case.remedy == "more_samples" else 1
    batches = batches or max(1, more * TRAINING // case.batch)
    rng = np.random.default_rng([case.seed, 14])
    truth = RegressionTruth(case, rng)
    held_out, validation = truth.draw(HELD_OUT, rng), truth.draw(VALIDATION, rng)
    training = truth.draw(batches * case.batch, rng)
    drawn = {
        "inputs": training.inputs.reshape(batches, case.batch, COLUMNS),
        "targets": training.targets.reshape(batches, case.batch, 1),
    }
    scored = {"excess": held_out, "training": training, "validation": validation}
    of_mean = float(held_out.targets.var(dtype=np.float64))  # the error of answers that are all the mean
    return RegressionLesson(drawn, scored, {"floor": float((held_out.noise**2).mean()), "of_mean": of_mean})
