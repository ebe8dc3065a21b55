"""Samples of the autoencoder, and the errors of the best possible answers to them.

y = U·z·√30 + noise: U has LATENT orthonormal columns, z and noise are standard normal. The answers of a network with
CODE units and a linear last layer lie in a space of CODE dimensions. The best are the projections on CODE of the LATENT
directions, all of variance 31. Which directions is all the same in the mean, so a sample's floor is the mean over all
choices: |y|² - CODE/LATENT·|Uᵀy|². Of independent inputs any CODE directions are the best.
"""

import numpy as np

from embbench.cases.case import Case
from embbench.workloads._autoencoder_plan import CODE, COLUMNS
from embbench.workloads._dense_curves import DenseLesson, ScoredSamples

LATENT, STRENGTH = 60, 30.0  # directions, and their variance beyond the noise
WIDTH = 10.0  # of independent inputs, to either side of 0
TRAINING, HELD_OUT, READ_BACK = 2000, 1000, 500  # samples that train, that do not, and training samples with a score
LARGE = 10.0  # factor of times_10


def lesson_of(case: Case, batches: int = 0) -> DenseLesson:
    """The samples of the case's seed. batches: their number; 0 for those of a learning curve."""
    if not batches:
        batches = case.train_steps if case.change == "more_samples" else max(1, TRAINING // case.batch)
    rng = np.random.default_rng([case.seed, 11])
    independent = case.change == "independent"
    axes = None if independent else np.linalg.qr(rng.standard_normal((COLUMNS, LATENT)))[0].astype(np.float32)
    training, held_out = (_draw(count, axes, rng) for count in (batches * case.batch, HELD_OUT))
    scale, shift = _scaling(case.change, training)
    inputs = ((training - shift) / scale).reshape(batches, case.batch, COLUMNS)

    def scored(samples: np.ndarray) -> ScoredSamples:
        floors = _floors(samples, axes)
        bounds = _below_zero(samples) if case.change == "relu_last" else floors
        return ScoredSamples((samples - shift) / scale, samples, floors, bounds, scale, shift)

    excess = scored(held_out)
    facts = {
        "floor": float(excess.floors.mean()),
        "bound": float(excess.bounds.mean()),
        "of_zero": float((held_out**2).mean(dtype=np.float64)),  # the error of answers that are all 0
    }
    by_name = {"excess": excess, "training": scored(training[:READ_BACK])}
    return DenseLesson({"inputs": inputs, "targets": inputs}, by_name, facts)


def _draw(count: int, axes: np.ndarray | None, rng: np.random.Generator) -> np.ndarray:
    """(count, COLUMNS) float32."""
    if axes is None:
        return (WIDTH * (2 * rng.random((count, COLUMNS), np.float32) - 1)).astype(np.float32)
    latent = rng.standard_normal((count, LATENT), np.float32) * np.float32(STRENGTH**0.5)
    return rng.standard_normal((count, COLUMNS), np.float32) + latent @ axes.T


def _scaling(change: str, training: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(scale, shift) float32: the inputs are samples minus shift, over scale."""
    if change == "scaled":
        return training.std(0), training.mean(0)
    return np.array(1 / LARGE if change == "times_10" else 1, np.float32), np.zeros(1, np.float32)


def _floors(samples: np.ndarray, axes: np.ndarray | None) -> np.ndarray:
    """(M,) in float64."""
    whole = (samples.astype(np.float64) ** 2).mean(-1)
    if axes is None:
        return whole * (1 - CODE / COLUMNS)
    return whole - CODE / LATENT * ((samples @ axes).astype(np.float64) ** 2).sum(-1) / COLUMNS


def _below_zero(samples: np.ndarray) -> np.ndarray:
    """(M,): an output of ReLU is not below 0, so the squares of what a sample has below 0 stay."""
    return (np.minimum(samples, 0.0) ** 2).mean(-1, dtype=np.float64)
