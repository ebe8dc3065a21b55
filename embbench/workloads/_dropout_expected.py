"""What is claimed of dropout, and the trial that shows it.

A share of n independent units is within `bound(n)` of its probability but for a chance of 1e-9 (Hoeffding's inequality
for the binomial distribution). Seeds are fixed, so a claim that held holds again.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from embbench.cases.claim import Claim, Deviations, Expected
from embbench.cases.workload import HYPERPARAMETERS
from embbench.workloads import ByName

if TYPE_CHECKING:
    import numpy as np

    from embbench.workloads._lstm_masked import Masks

COLUMNS = 8  # of the inputs
RATE = 0.25  # share that is dropped
CONTROL_RATE = 1e-9
LEARNING_RATE = HYPERPARAMETERS["sgd"].rate
SHOWN_SEED, SHOWN_UNITS = 7, 32  # of the fact MASK
MASK = f"mask of seed {SHOWN_SEED}"  # a fact of `describe`: '1' for a kept unit, '0' for a dropped unit, at rate 1/2

PLACES = {
    "input_layer": "input",
    "input": "input",
    "recurrent": "recurrent",
    "recurrent_control": "recurrent",
    "between_layers": "between",
    "output": "output",
}
PER_STEP = ("input_layer", "between_layers")  # masks are drawn anew at each time step

CHECKED = 3  # steps that NumPy repeats
CHANCE = 1e-9
UNITS, SAMPLES, TIME = 32, 128, 8  # what is seen from outside: masks of (SAMPLES, TIME, 4, UNITS)
SEEN, HALF = SAMPLES * UNITS, 0.5  # units that are drawn independently; the second rate, besides RATE
EXACT = 1e-3  # of a multiplier, computed back from float32

LOSSES = Expected(f"losses of {CHECKED} steps: difference from NumPy's with the same masks", [0], 2e-5, proof=True)
WEIGHTS = Expected(
    f"weights after {CHECKED} steps: difference from NumPy's with the same masks, as a share of their movement",
    [0],
    5e-3,
    proof=True,
)
ONE_LAYER = Expected("nn.LSTM(dropout=) with one layer: numbers that dropout changes", [0])
ONE_LAYER_WARNS = Expected("nn.LSTM(dropout=) with one layer: warnings", [1])


def bound(count: int) -> float:
    """Difference of a share of `count` units from its probability, which is larger with a chance of at most CHANCE."""
    return math.sqrt(math.log(2 / CHANCE) / (2 * count))


def rate_of(kind: str) -> float:
    return CONTROL_RATE if kind == "recurrent_control" else RATE


def strength_of(l2: str) -> float:
    """s of the penalty s·|w|²/2, whose gradient is s·w."""
    return 0.0 if l2 == "no" else float(l2)


def timed_zeros(kind: str, count: int) -> Expected:
    rate = rate_of(kind)
    name = f"masks of {CHECKED} timed steps: share that is dropped, at rate {rate:g}"
    return Expected(name, [rate], bound(count), proof=True)


def timed_factors(kind: str) -> Expected:
    rate = rate_of(kind)
    name = f"masks of {CHECKED} timed steps: smallest and largest factor of kept units, at rate {rate:g}"
    return Expected(name, [1 / (1 - rate)] * 2, 1e-12, proof=True)


# Seen from outside. Kinds of dropout with the same right value share the name of a claim.


def zeros(kind: str) -> Expected:
    rate = rate_of(kind)
    return Expected(f"share of units that are dropped, at rate {rate:g}", [rate], bound(SEEN))


def kept(kind: str) -> Expected:
    rate = rate_of(kind)
    return Expected(f"smallest and largest factor of kept units, at rate {rate:g}", [1 / (1 - rate)] * 2, EXACT)


def over_time(kind: str) -> Expected:
    if kind in PER_STEP:
        name = f"input_layer, between_layers: share of units with one mask for {TIME} time steps, at rate 1/2"
        return Expected(name, [2 * HALF**TIME], bound(SEEN))
    return Expected(f"input, recurrent: share of units with one mask for {TIME} time steps, at rate 1/2", [1])


def over_gates(kind: str) -> Expected:
    place = "recurrent" if kind == "recurrent" else "input"
    return Expected(f"{place}: share of units with one mask for the 4 gates, at rate 1/2", [1], bound(SEEN))


UNTIED = 2 * HALF**4  # the share of `over_gates` where each gate has its own mask


ANEW = Expected("share of units with the mask of the batch before, at rate 1/2 (1/2: drawn anew)", [HALF], bound(SEEN))
PREDICTED = Expected("units that a prediction drops or scales", [0])


# Of the input, where recurrent_dropout is on too.
GATES_BESIDE = Expected(
    "input beside recurrent: share of units with one mask for the 4 gates, at rate 1/2", [1], bound(SEEN)
)


class Dropping(Protocol):
    """The trial of an engine."""

    def step(self) -> None:
        """Trains on the next batch, in a cycle."""

    def loss(self) -> float:
        """Of the last step, before its update."""
        ...

    def weights(self) -> "Mapping[str, np.ndarray]":
        """As `_lstm.start` names them."""
        ...

    def next_masks(self) -> "Masks":
        """The masks of the next step, drawn from a copy of the random state. Not called for off and fed."""
        ...

    def probe(self, weights: ByName, rate: float) -> "Callable[[np.ndarray, bool], np.ndarray]":
        """run(inputs, training) -> hidden states (B, T, H) of the last layer, of a network with the case's kind of
        dropout at this rate and with these weights; for output the last hidden state behind dropout, (B, H).
        """
        ...

    def known(self) -> Deviations:
        """Name of a claim -> the framework's known deviation."""
        ...

    def further_claims(self) -> Iterable[Claim]:
        """Claims about the framework alone."""
        ...
