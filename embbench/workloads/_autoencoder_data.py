"""The samples of the autoencoder, its pieces of advice, and the floor that no training can beat.

A sample is a point near a plane of DIRECTIONS dimensions: the directions have a variance of SPREAD each, and every
number has noise with a variance of 1. The best code of CODE numbers keeps the first CODE directions. Directions differ
from seed to seed.
"""

from typing import NamedTuple

import numpy as np

from embbench.cases.case import Case

WIDTH, CODE = 1000, 50  # numbers of a sample, and of its code
DIRECTIONS, SPREAD = 60, 30.0
ZERO = 1 + DIRECTIONS * SPREAD / WIDTH  # mean squared error of an output of zeros, in expectation
FLOOR = ZERO - CODE * SPREAD / WIDTH - CODE / WIDTH  # of the best code, in expectation
REACH = 10.0  # independent numbers lie between -REACH and REACH
INDEPENDENT_ZERO = REACH**2 / 3
INDEPENDENT_FLOOR = INDEPENDENT_ZERO * (1 - CODE / WIDTH)

TRAINING, HELD_OUT = 2000, 500  # samples of a seed


class Setting(NamedTuple):
    """optimizer: 'adadelta', where `decay` is its rho, or 'adam', where it is the decay of the first moment."""

    optimizer: str
    rate: float
    decay: float
    epsilon: float


SECOND_DECAY = 0.999  # of Adam's second moment
ADAM = Setting("adam", 1e-3, 0.9, 1e-7)
SETTINGS = {
    "adadelta": Setting("adadelta", 1e-3, 0.95, 1e-7),
    "adadelta_2019": Setting("adadelta", 1.0, 0.95, 1e-7),
    "adadelta_torch": Setting("adadelta", 1.0, 0.9, 1e-6),
    "adam_low": ADAM._replace(rate=1e-4),
}


def setting_of(case: Case) -> Setting:
    return SETTINGS.get(case.advice, ADAM)


class SampleSource:
    """The source of a seed's samples. directions: (WIDTH, CODE), orthonormal, the best code."""

    def __init__(self, case: Case) -> None:
        self.rng = np.random.default_rng([case.seed, 12])
        self.independent = case.advice == "independent"
        self._plane = np.linalg.qr(self.rng.standard_normal((WIDTH, DIRECTIONS)))[0]
        self.directions = np.eye(WIDTH, CODE) if self.independent else self._plane[:, :CODE]

    def draw(self, count: int) -> np.ndarray:
        """(count, WIDTH)"""
        if self.independent:
            return self.rng.uniform(-REACH, REACH, (count, WIDTH))
        latent = self.rng.standard_normal((count, DIRECTIONS)) * np.sqrt(SPREAD)
        return latent @ self._plane.T + self.rng.standard_normal((count, WIDTH))

    def floors(self, samples: np.ndarray) -> np.ndarray:
        """(M,): mean squared error of the best code for each sample."""
        return ((samples - samples @ self.directions @ self.directions.T) ** 2).mean(-1)


class Scale(NamedTuple):
    """Mean and standard deviation of training samples, (WIDTH,) each; of a case without scaling 0 and 1."""

    mean: np.ndarray
    deviation: np.ndarray

    def applied(self, samples: np.ndarray) -> np.ndarray:
        return (samples - self.mean) / self.deviation

    def undone(self, outputs: np.ndarray) -> np.ndarray:
        return outputs * self.deviation + self.mean


def scale_of(case: Case, training: np.ndarray) -> Scale:
    """training: (M, WIDTH)"""
    if case.advice == "scaled":
        return Scale(training.mean(0), training.std(0))
    return Scale(np.zeros(WIDTH), np.ones(WIDTH))


def in_batches(case: Case, samples: np.ndarray) -> dict[str, np.ndarray]:
    """inputs (batches, B, WIDTH) in float32, without a smaller last batch."""
    whole = len(samples) // case.batch * case.batch
    return {"inputs": samples[:whole].reshape(-1, case.batch, WIDTH).astype(np.float32)}
