"""The network, the optimizer and the numbers of samples of the regression, by remedy, and what a trial shows."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Protocol

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Expected
from embbench.workloads import ByName

if TYPE_CHECKING:
    import numpy as np

ADAM, SGD = "adam", "sgd"
BETAS, EPSILON = (0.9, 0.999), 1e-7  # of Adam
COLUMNS = 20
UNITS, FEWER = (32, 128), (8, 8)  # of the two hidden layers
TRAINING, VALIDATION, HELD_OUT = 160, 18, 2000  # samples; validation is the last tenth of the samples
MORE = 16  # times the samples that train
RATES = {"slower": 1e-4, "faster": 1e-2}
SGD_RATE = 1e-2
L2 = {"l2": 0.01, "strong_l2": 0.1}
DECAY, DROPOUT = 0.01, 0.5
LAST_ROWS = Expected("validation_split=0.25 of 4 samples with errors 1, 2, 3 and 4: validation loss", [16.0], 1e-5)


class DenseLayer(NamedTuple):
    """outputs = inputs @ kernel (inputs, outputs) + bias, and ReLU where `relu`."""

    inputs: int
    outputs: int
    relu: bool


class OptimizerSetup(NamedTuple):
    """kind: ADAM or SGD. rate: the learning rate. decay: share of a kernel that a step at rate 1 subtracts, apart from
    the gradient.
    """

    kind: str
    rate: float
    decay: float = 0.0

    @property
    def numbers(self) -> tuple[float, ...]:
        """What a trial shows of its optimizer: rate, and for Adam both betas and epsilon."""
        return (self.rate, *BETAS, EPSILON) if self.kind == ADAM else (self.rate,)


class DensePlan(NamedTuple):
    """l2: factor of the squares of the kernels in the loss. dropout: share of hidden units that are dropped."""

    layers: tuple[DenseLayer, ...]
    setup: OptimizerSetup
    l2: float = 0.0
    dropout: float = 0.0


class Regressing(Protocol):
    """The trial of an engine. Weights have the names of `start`."""

    late_epsilon: bool  # whether Adam adds epsilon before it corrects the start of its averages

    def step(self) -> None:
        """Trains on the next batch, in a cycle."""

    def sync(self) -> None: ...

    def loss(self) -> float:
        """Of the last step, before its update, with the L2 term."""
        ...

    def weights(self) -> ByName:
        """Copies."""
        ...

    def slots(self) -> Sequence[ByName]:
        """What the optimizer keeps per weight: averages of gradients and of squared gradients (Adam), nothing (SGD)."""
        ...

    def numbers(self) -> Sequence[float]:
        """As `OptimizerSetup.numbers`, read from the framework's optimizer."""
        ...

    def masks(self) -> "Sequence[np.ndarray]":
        """Factors of the hidden units in the next step, (B, units) each; () without dropout."""
        ...

    def restart(self, weights: ByName, drawn: ByName) -> None:
        """As built anew, with these weights and batches, without a new program."""

    def further_claims(self) -> Iterable[Claim]:
        """Claims about the framework alone."""
        ...


def plan_of(case: Case) -> DensePlan:
    widths = (COLUMNS, *(FEWER if case.remedy == "fewer_units" else UNITS), 1)
    layers = tuple(DenseLayer(*pair, relu=pair[1] > 1) for pair in pairwise(widths))
    decay = DECAY if case.remedy == "weight_decay" else 0.0
    setup = OptimizerSetup(ADAM, RATES.get(case.remedy, 1e-3), decay)
    if case.remedy == "sgd":
        setup = OptimizerSetup(SGD, SGD_RATE)
    return DensePlan(layers, setup, L2.get(case.remedy, 0.0), DROPOUT if case.remedy == "dropout" else 0.0)


def start(layers: Sequence[DenseLayer], seed: int) -> ByName:
    """Initial weights, float32: 'kernel0' (inputs, outputs), uniform as Glorot has it, 'bias0' (outputs,) of zeros."""
    import numpy as np

    rng = np.random.default_rng([seed, 12])
    weights: ByName = {}
    for place, (inputs, outputs, _) in enumerate(layers):
        bound = math.sqrt(6 / (inputs + outputs))
        weights[f"kernel{place}"] = rng.uniform(-bound, bound, (inputs, outputs)).astype(np.float32)
        weights[f"bias{place}"] = np.zeros(outputs, np.float32)
    return weights


def operations(layers: Sequence[DenseLayer], batch: int) -> float:
    """Of a step: three products of 2·B·inputs·outputs per layer; the first layer's inputs need no gradient."""
    products = sum(6 * each.inputs * each.outputs for each in layers)
    return float(batch * (products - 2 * layers[0].inputs * layers[0].outputs))


def weight_count(layers: Sequence[DenseLayer]) -> int:
    return sum((each.inputs + 1) * each.outputs for each in layers)


def activation_count(layers: Sequence[DenseLayer], batch: int) -> int:
    """Outputs of all layers with their gradients."""
    return 2 * batch * sum(each.outputs for each in layers)
