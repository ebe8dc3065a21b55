"""What is claimed of a layer per time step, and the trial that shows it."""

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from embbench.cases.claim import Claim, Deviations, Expected
from embbench.cases.workload import HYPERPARAMETERS

if TYPE_CHECKING:
    import numpy as np

SIDE = 8  # of a frame, in pixels
COLUMNS = SIDE * SIDE  # of the inputs
KERNEL, FILTERS = 3, 8
LEARNING_RATE = HYPERPARAMETERS["sgd"].rate
CHECKED = 3  # steps that NumPy repeats

FLAT, LOOP, MAP, UNKNOWN = "flat", "wrapped", "mapped", "wrapped_dynamic"
WITH_FRONT = ("flat_conv", "wrapped_conv")
WAYS = {
    FLAT: "at once",
    LOOP: "in a loop over time",
    MAP: "in a map over time",
    UNKNOWN: "over an unknown number of time steps",
}

LOSSES = Expected(f"losses of {CHECKED} steps: difference from NumPy's", [0], 2e-5, proof=True)
WEIGHTS = Expected(
    f"weights after {CHECKED} steps: difference from NumPy's, as a share of their movement", [0], 5e-3, proof=True
)

SAME_LAYERS = ("dense", "convolution", "layer normalization")
BATCH_NORM, DROPOUT = "batch normalization", "dropout"
ALIKE = 1e-6  # of numbers near 1: a matrix product by time step against one product of all

MOMENTUM, EPSILON = 0.9, 1e-3
NORMED = ((1.0, 3.0), (2.0, 4.0))  # two samples of two time steps
DROPPED_SAMPLES = DROPPED_TIME = 8  # as many samples as time steps
DROPPED_UNITS, HALF = 512, 0.5
CHANCE = 1e-9  # that a share of independent units is further from its probability than `BOUND`, by Hoeffding
BOUND = math.sqrt(math.log(2 / CHANCE) / (2 * DROPPED_SAMPLES * DROPPED_UNITS))
COUNTED = 6  # time steps of the program whose calls are counted

LENGTHS = (3, 4, 5)
FEW, MANY = 2, 6  # samples of a batch: fewer and more than time steps
SAMPLES, BATCH, FRAMES = 90, 30, (3, 32, 32, 3)

_LENGTHS = f"predictions of {', '.join(map(str, LENGTHS))} time steps in turn"
LENGTHS_OF_FEW = Expected(f"{_LENGTHS}, {FEW} samples: time steps of the outputs", LENGTHS)
LENGTHS_OF_MANY = Expected(f"{_LENGTHS}, {MANY} samples: time steps of the outputs", LENGTHS)
_EPOCH = f"an epoch of {SAMPLES} samples {FRAMES} in batches of {BATCH}"
UPDATES = Expected(f"{_EPOCH}: updates", [SAMPLES // BATCH])
SHAPE = Expected(f"{_EPOCH}: shape of a batch", [BATCH, *FRAMES])


def same(layer: str, way: str) -> Expected:
    return Expected(f"{layer} {WAYS[way]}: largest difference from the flat layer", [0], ALIKE)


def normed(way: str) -> Expected:
    """Outputs of batch normalization in training, by hand: statistics of everything, or of a time step."""
    times = list(zip(*NORMED, strict=True))
    groups = [[*times[0], *times[1]]] if way == FLAT else times
    by_time = [[_normal(value, group) for value in time] for time, group in zip(times, groups * 2, strict=False)]
    outputs = [value for sample in zip(*by_time, strict=True) for value in sample]
    return Expected(f"{BATCH_NORM} in training, {WAYS[way]}: outputs of [1, 3] and [2, 4]", outputs, 1e-5)


def _normal(value: float, group: Iterable[float]) -> float:
    numbers = list(group)
    mean = sum(numbers) / len(numbers)
    variance = sum((each - mean) ** 2 for each in numbers) / len(numbers)
    return (value - mean) / math.sqrt(variance + EPSILON)


def moving(way: str) -> Expected:
    """Its moving mean, from 0: an update with the mean of everything, or an update per time step."""
    means = [sum(time) / len(time) for time in zip(*NORMED, strict=True)]
    mean = 0.0
    for update in [sum(means) / len(means)] if way == FLAT else means:
        mean = MOMENTUM * mean + (1 - MOMENTUM) * update
    return Expected(f"{BATCH_NORM} in training, {WAYS[way]}: moving mean after [1, 3] and [2, 4]", [mean], 1e-6)


def moved_once() -> float:
    """The moving mean where the first time step alone updates it."""
    first = [sample[0] for sample in NORMED]
    return (1 - MOMENTUM) * sum(first) / len(first)


def masks(way: str) -> Expected:
    name = f"{DROPOUT} {WAYS[way]}: share of units with one mask for {DROPPED_TIME} time steps, at rate 1/2"
    return Expected(name, [2 * HALF**DROPPED_TIME], BOUND)


def calls(way: str) -> Expected:
    name = f"head {WAYS[way]}: calls of the layer in the first step, {COUNTED} time steps"
    return Expected(name, [COUNTED if way == LOOP else 1])


class Applied(NamedTuple):
    """outputs: (B, T, ...), of a layer in training. moving: the moving mean after that, of batch normalization."""

    outputs: "np.ndarray"
    moving: "np.ndarray | None" = None


class PerStep(Protocol):
    """The trial of an engine."""

    def step(self) -> None:
        """Trains on the next batch, in a cycle."""

    def loss(self) -> float:
        """Of the last step, before its update."""
        ...

    def weights(self) -> "Mapping[str, np.ndarray]":
        """As `timedistributed.start` names them."""
        ...

    def has(self) -> tuple[str, ...]:
        """The layers that the framework has."""
        ...

    def apply(self, layer: str, inputs: "np.ndarray", way: str) -> Applied:
        """A layer with initial weights of seed 0. inputs: (B, T, D), for a convolution (B, T, SIDE, SIDE, 1)."""
        ...

    def calls(self) -> int:
        """Calls of the head's layer in the first step of a network with the case's way and COUNTED time steps."""
        ...

    def known(self) -> Deviations:
        """Name of a claim -> the framework's known deviation."""
        ...

    def further_claims(self) -> Iterable[Claim]:
        """Claims about the framework alone."""
        ...
