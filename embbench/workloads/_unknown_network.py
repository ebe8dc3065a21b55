"""The network of the workload `unknown_class` in NumPy: its losses, its gradients and its steps of Adam."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np

from embbench.cases.workload import CLASSES, HYPERPARAMETERS
from embbench.workloads import ByName, _lstm

RATE = 0.01  # of learning
ADAM = HYPERPARAMETERS["adam"]
ONE_VS_REST = "one_vs_rest"


class AdamAs(NamedTuple):
    """How a framework computes Adam. epsilon: is added to the root of the corrected or of the uncorrected second
    moment. squares_apart: whether the second moment of a row that occurs several times in a batch gets the sum of
    squares of its gradients, instead of the square of their sum.
    """

    epsilon: Literal["corrected", "uncorrected"] = "corrected"
    squares_apart: bool = False


class Moments(NamedTuple):
    """Adam's state by names of weights. made: steps so far, by which Adam corrects its moments."""

    first: Mapping[str, np.ndarray]
    second: Mapping[str, np.ndarray]
    made: int


def outputs_of(reject: str) -> int:
    return CLASSES + (reject == "extra_class")


def one_hot(labels: np.ndarray) -> np.ndarray:
    """(..., CLASSES) float32."""
    return np.eye(CLASSES, dtype=np.float32)[labels]


def binary_cross_entropy(scores: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """The mean over samples and classes, and its gradient. scores: (B, C). labels: (B,)."""
    wanted = np.eye(scores.shape[1])[labels]
    loss = np.logaddexp(0, scores) - wanted * scores
    return float(loss.mean()), (0.5 * (1 + np.tanh(0.5 * scores)) - wanted) / scores.size


def loss_and_gradients(
    weights: ByName, ids: np.ndarray, labels: np.ndarray, reject: str
) -> tuple[float, ByName, np.ndarray]:
    """(mean loss, its gradients by name of `weights`, sums of squares of the gradients of each occurrence of a row).
    ids: (B, S). labels: (B,).
    """
    loss_of = binary_cross_entropy if reject == ONE_VS_REST else _lstm.cross_entropy
    rows = weights["rows"]
    _, loss, by_inputs, gradients = _lstm.network(weights, rows[ids], labels, at=slice(-1, None), loss=loss_of)
    gradients["rows"], squares = np.zeros_like(rows), np.zeros_like(rows)
    np.add.at(gradients["rows"], ids, by_inputs)
    np.add.at(squares, ids, by_inputs**2)
    return loss, gradients, squares


def adam_step(
    weights: ByName, moments: Moments, gradients: ByName, squares: np.ndarray, how: AdamAs
) -> tuple[ByName, Moments]:
    """New weights and moments. squares: as of `loss_and_gradients`."""
    made = moments.made + 1
    first_share, second_share = 1 - ADAM.beta1**made, 1 - ADAM.beta2**made
    moved, first, second = {}, {}, {}
    for name, gradient in gradients.items():
        square = squares if how.squares_apart and name == "rows" else gradient**2
        first[name] = ADAM.beta1 * moments.first[name] + (1 - ADAM.beta1) * gradient
        second[name] = ADAM.beta2 * moments.second[name] + (1 - ADAM.beta2) * square
        spread = np.sqrt(second[name] / second_share) + ADAM.epsilon
        if how.epsilon == "uncorrected":
            spread = (np.sqrt(second[name]) + ADAM.epsilon) / np.sqrt(second_share)
        moved[name] = weights[name] - RATE * first[name] / first_share / spread
    return moved, Moments(first, second, made)


def logits(weights: ByName, ids: np.ndarray) -> np.ndarray:
    """(M, outputs). ids: (M, S)."""
    last = _lstm.last_hidden(weights, weights["rows"][ids])
    return last @ weights["head_weight"].T + weights["head_bias"]
