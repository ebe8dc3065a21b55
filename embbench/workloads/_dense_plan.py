"""Dense networks with a squared error: their layers, their optimizer, and what a trial shows of them."""

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from embbench.cases.claim import Claim
from embbench.workloads import ByName

if TYPE_CHECKING:
    import numpy as np

ADADELTA, ADAM, SGD = "adadelta", "adam", "sgd"
BETAS = 0.9, 0.999  # of Adam, in every framework


class DenseLayer(NamedTuple):
    """outputs = inputs @ kernel (inputs, outputs) + bias, and ReLU where `relu`."""

    inputs: int
    outputs: int
    relu: bool


class OptimizerSetup(NamedTuple):
    """kind: ADADELTA, ADAM or SGD. rate: the learning rate. rho: share of the old average of squares, of Adadelta.
    epsilon: of Adadelta and Adam. decay: share of a weight that a step at rate 1 subtracts, apart from the gradient.
    own: made without arguments; the numbers are then the framework's.
    """

    kind: str
    rate: float
    rho: float = 0.95
    epsilon: float = 1e-7
    decay: float = 0.0
    own: bool = False

    @property
    def numbers(self) -> tuple[float, ...]:
        """What a trial shows of its optimizer."""
        more = {ADADELTA: (self.rho, self.epsilon), ADAM: (*BETAS, self.epsilon), SGD: ()}
        return (self.rate, *more[self.kind])


class DensePlan(NamedTuple):
    """l2: factor of the squares of the kernels in the loss. dropout: share of hidden units that are dropped."""

    layers: tuple[DenseLayer, ...]
    setup: OptimizerSetup
    l2: float = 0.0
    dropout: float = 0.0


class DenseTrial(Protocol):
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
        """What the optimizer keeps per weight: averages of squared gradients and of squared movements (Adadelta), of
        gradients and of squared gradients (Adam), nothing (SGD).
        """
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
