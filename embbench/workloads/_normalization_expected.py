"""What is claimed of batch norm and layer norm, and the trial that shows it.

Frameworks have different defaults, so right values follow from the `Convention` that a framework's file states, and
the names of claims have its numbers. A default that changes breaks its claims.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from embbench.cases.claim import Claim, Deviations, Expected
from embbench.cases.workload import HYPERPARAMETERS
from embbench.workloads import ByName
from embbench.workloads._normalization_network import Convention

if TYPE_CHECKING:
    import numpy as np

LEARNING_RATE = HYPERPARAMETERS["sgd"].rate
RATES = (0.1, 0.3, 1.0)  # of learning, in learning curves: a norm may only stand in for a larger rate
RARE_ONES = "rare"
CHECKED = 3  # steps that NumPy repeats
STEPS = 100  # of an average that moves
CLOSE = 1e-5  # relative error of float32 arithmetic of a few steps
FAR_CLOSE = 2e-3  # error of an output of 1 at a large mean, where float32 has few digits behind the point
FAR = (
    2**13,
    2**20,
)  # about 1e4 and 1e6; squares of these numbers plus or minus 1 are rounded in the same way everywhere
ROUNDED = (11586.0, 11588.0)  # E[x^2] - E[x]^2 is -16 in float32, in any order of the two numbers

LOSSES = Expected(f"losses of {CHECKED} steps more: difference from NumPy's", [0], 2e-5, proof=True)
WEIGHTS = Expected(
    f"weights after {CHECKED} steps more: difference from NumPy's, as a share of their movement", [0], 5e-3, proof=True
)
MOVING = Expected(
    f"moving mean and variance after {CHECKED} steps more: difference from NumPy's", [0], CLOSE, proof=True
)
PREDICTED = Expected(
    "scores of a prediction: difference from NumPy's with moving statistics, as a share", [0], 5e-5, proof=True
)
OTHER_RATE = 0.3
RESTARTED = Expected(
    f"a step from other weights at rate {OTHER_RATE:g}: weights less NumPy's, as a share of their movement", [0], 5e-3
)

JOINED = Expected("batch norm of a row joined to a one-hot, less batch norms of both: largest difference", [0], 1e-6)
FINITE = Expected(f"batch {ROUNDED[0]:.0f}, {ROUNDED[1]:.0f}: outputs that are not finite", [0])
FINITE_LATER = Expected(f"{STEPS} steps on {ROUNDED[0]:.0f}, {ROUNDED[1]:.0f}: predictions that are not finite", [0])
CONSTANT = Expected("a constant column of 5: output", [0], 1e-3)
LAYER_CONSTANT = Expected("layer norm of a constant row of 5: output", [0], 1e-3)
LAYER_ALONE = Expected("layer norm of a row, in a batch less alone: largest difference", [0], 1e-6)
LAYER_PREDICTED = Expected("layer norm of a row, in training less in a prediction: largest difference", [0], 1e-6)


def excess_at(rate: float, which: str = "") -> str:
    """A score of a learning curve. which: '' for all held-out samples, or RARE_ONES."""
    return f"excess{f'_{which}' if which else ''} at rate {rate:g}"


def own_at(rate: float) -> str:
    """A fact of a learning curve."""
    return f"{excess_at(rate)}, by the statistics of the samples themselves"


def four(epsilon: float) -> Expected:
    return Expected(f"batch 1, 2, 3, 4: output for 4, epsilon {epsilon:g}", [1.5 / (1.25 + epsilon) ** 0.5], CLOSE)


def moved(kept: float, unbiased: bool) -> Expected:
    variance = kept + (1 - kept) * (5 / 3 if unbiased else 1.25)
    name = f"one step on 1, 2, 3, 4: moving mean and variance, old weight {kept:g}, by {'n - 1' if unbiased else 'n'}"
    return Expected(name, [(1 - kept) * 2.5, variance], CLOSE)


def initial_share(kept: float) -> Expected:
    name = f"{STEPS} steps: share of the initial value in the moving variance, old weight {kept:g}"
    return Expected(name, [kept**STEPS], CLOSE)


def _one_of(rows: int, epsilon: float) -> tuple[float, float]:
    """Outputs for the 1 and for a 0, where one row of `rows` has a 1."""
    share = 1 / rows
    deviation = (share * (1 - share) + epsilon) ** 0.5
    return (1 - share) / deviation, -share / deviation


def one_hot(epsilon: float) -> Expected:
    return Expected(f"one-hot column of p = 0.1: outputs for 1 and 0, epsilon {epsilon:g}", _one_of(10, epsilon), CLOSE)


def rare(epsilon: float) -> Expected:
    wanted = _one_of(10_000, epsilon)[:1]
    return Expected(f"one-hot column of p = 1e-4: output for 1, epsilon {epsilon:g}", wanted, 1e-3 * wanted[0])


def once(epsilon: float) -> Expected:
    wanted = _one_of(32, epsilon)[:1]
    return Expected(f"one-hot column with one 1 in a batch of 32: output for 1, epsilon {epsilon:g}", wanted, 1e-4)


def absent(convention: Convention) -> Expected:
    wanted = (convention.kept**STEPS + convention.epsilon) ** -0.5
    name = (
        f"one-hot column that {STEPS} steps lack: a prediction's output for 1, old weight {convention.kept:g}, "
        f"epsilon {convention.epsilon:g}"
    )
    return Expected(name, [wanted], 1e-3 * wanted)


def far(mean: int) -> Expected:
    return Expected(f"batch of mean {mean:,} and variance 1: outputs for mean - 1 and mean + 1", [-1, 1], FAR_CLOSE)


def layer_four(epsilon: float) -> Expected:
    name = f"layer norm of 1, 2, 3, 4: output for 4, epsilon {epsilon:g}"
    return Expected(name, [1.5 / (1.25 + epsilon) ** 0.5], CLOSE)


def layer_joined(epsilon: float) -> Expected:
    name = f"layer norm of 1, 3: output for 1, alone and joined to a one-hot 0, 1, epsilon {epsilon:g}"
    return Expected(name, [-1 / (1 + epsilon) ** 0.5, -0.25 / (1.1875 + epsilon) ** 0.5], CLOSE)


def layer_far(mean: int) -> Expected:
    name = f"layer norm of mean {mean:,} and variance 1: outputs for mean - 1 and mean + 1"
    return Expected(name, [-1, 1], FAR_CLOSE)


class NormLayer(Protocol):
    """A norm of a framework, with its defaults, new. rows: (B, columns) float32."""

    def train(self, rows: "np.ndarray") -> "np.ndarray": ...

    def predict(self, rows: "np.ndarray") -> "np.ndarray": ...

    def moving(self) -> ByName:
        """Moving mean and variance, (columns,), as 'norm_mean' and 'norm_variance'."""
        ...


class Normalizing(Protocol):
    """The trial of an engine. weights: as `normalization.start` names them."""

    convention: Convention

    def step(self) -> None:
        """Trains on the next batch, in a cycle."""

    def sync(self) -> None: ...

    def loss(self) -> float:
        """Of the last step, before its update."""
        ...

    def weights(self) -> "Mapping[str, np.ndarray]": ...

    def restart(self, weights: ByName, rate: float = LEARNING_RATE) -> None:
        """Sets weights, moving statistics and the rate of learning. The next step takes the next batch."""
        ...

    def scores(self, inputs: "np.ndarray", onehots: "np.ndarray") -> "np.ndarray":
        """(M, CLASSES): a prediction, by moving statistics. inputs: (M, T, COLUMNS). onehots: (M, CATEGORIES)."""
        ...

    def layer(self, kind: str, columns: int, kept: float | None = None) -> NormLayer:
        """kind: 'batch' or 'layer'. kept: weight of the old value in a moving average, instead of the default."""
        ...

    def known(self) -> Deviations:
        """Name of a claim -> the framework's known deviation."""
        ...

    def further_claims(self) -> Iterable[Claim]:
        """Claims about the framework alone."""
        ...


MakeNormalizing = Callable[..., Normalizing]
