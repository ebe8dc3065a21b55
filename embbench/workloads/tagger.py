"""A class for each token: ids (B, S) -> embedding -> LSTM -> linear head at every time step -> softmax cross-entropy,
mean over batch and time.
"""

from typing import TYPE_CHECKING

from embbench.cases.case import Case
from embbench.cases.workload import CLASSES
from embbench.workloads import _counts
from embbench.workloads._counts import WEIGHT_ARRAYS, weight_count
from embbench.workloads._lstm_declared import AXES, PARTS

if TYPE_CHECKING:
    import numpy as np

    from embbench.workloads import ByName

SUMMARY = "LSTM tagger: a label per token, from the hidden state of every time step"

__all__ = ["AXES", "PARTS", "WEIGHT_ARRAYS", "weight_count"]


def label_shape(case: Case) -> tuple[int, ...]:
    return case.batch, case.seq


def learnable_labels(classes: "np.ndarray") -> "np.ndarray":
    """The class of every token."""
    return classes


def start(case: Case, lstm_biases: int) -> "ByName":
    from embbench.workloads._lstm import start

    return start(case, lstm_biases)


def scores_and_gradients(
    weights: "ByName", inputs: "np.ndarray", labels: "np.ndarray"
) -> "tuple[np.ndarray, float, np.ndarray, ByName]":
    from embbench.workloads._lstm import network

    return network(weights, inputs, labels, at=slice(None))


def operations(case: Case) -> float:
    """LSTM and head; the head has 6·N·H·C operations, forward and twice backward."""
    return _counts.operations(case) + 6 * case.rows_per_step * case.hidden * CLASSES


def activation_count(case: Case) -> int:
    """LSTM and head, with the scores of every token and their gradient."""
    return _counts.activation_count(case) + 2 * case.rows_per_step * CLASSES
