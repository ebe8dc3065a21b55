"""Samples of the regression: y = w·z + (square of v·z, made standard)/2 + noise of variance 1, z standard normal.

The network gets z times the spread of its columns. Nothing predicts the noise, so a sample's floor is its noise².
"""

import numpy as np

from embbench.cases.case import Case
from embbench.workloads._dense_curves import DenseLesson, ScoredSamples
from embbench.workloads._regression_plan import COLUMNS, HELD_OUT, MORE, SCALED, SPREADS, TRAINING, VALIDATION

BENT = 0.5  # standard deviation of the part that is not linear


class Nature:
    """What is to be learnt of a seed."""

    def __init__(self, case: Case, rng: np.random.Generator) -> None:
        self.linear, bent = rng.standard_normal((2, COLUMNS)) / COLUMNS**0.5
        self.bent = bent / np.linalg.norm(bent)
        low, high = SPREADS.get(case.remedy, SCALED)
        self.spread = 10 ** rng.uniform(np.log10(low), np.log10(high), COLUMNS)

    def draw(self, count: int, rng: np.random.Generator) -> ScoredSamples:
        z, noise = rng.standard_normal((count, COLUMNS)), rng.standard_normal(count)
        known = z @ self.linear + BENT * ((z @ self.bent) ** 2 - 1) / 2**0.5
        inputs, targets = (z * self.spread).astype(np.float32), (known + noise).astype(np.float32)
        return ScoredSamples(inputs, targets[:, None], noise**2, noise**2)


def lesson_of(case: Case, batches: int = 0) -> DenseLesson:
    """The samples of the case's seed. batches: their number; 0 for those of a learning curve."""
    more = MORE if case.remedy == "more_samples" else 1
    batches = batches or max(1, more * TRAINING // case.batch)
    rng = np.random.default_rng([case.seed, 13])
    nature = Nature(case, rng)
    held_out, validation = nature.draw(HELD_OUT, rng), nature.draw(VALIDATION, rng)
    training = nature.draw(batches * case.batch, rng)
    drawn = {
        "inputs": training.inputs.reshape(batches, case.batch, COLUMNS),
        "targets": training.targets.reshape(batches, case.batch, 1),
    }
    scored = {"excess": held_out, "training": training, "validation": validation}
    of_zero = (held_out.targets.astype(np.float64) ** 2).mean()  # the error of answers that are all 0
    facts = {"floor": float(held_out.floors.mean()), "of_zero": float(of_zero)}
    return DenseLesson(drawn, scored, facts)
