"""A class for each text: ids (B, S) -> embedding -> LSTM -> last hidden state -> linear head -> softmax cross-entropy,
mean over the batch.
"""

from typing import TYPE_CHECKING

from embbench.cases.case import Case
from embbench.cases.workload import CLASSES
from embbench.workloads._counts import WEIGHT_ARRAYS, activation_count, operations, weight_count
from embbench.workloads._lstm_declared import AXES, PARTS

if TYPE_CHECKING:
    import numpy as np

    from embbench.workloads import ByName

SUMMARY = "LSTM text classifier: a label per text, from the last hidden state"

__all__ = ["AXES", "PARTS", "WEIGHT_ARRAYS", "activation_count", "operations", "weight_count"]


def label_shape(case: Case) -> tuple[int, ...]:
    return (case.batch,)


def learnable_labels(classes: "np.ndarray") -> "np.ndarray":
    """The most frequent class of a text's tokens, the first class at a tie."""
    import numpy as np

    return np.argmax([(classes == each).sum(axis=-1) for each in range(CLASSES)], axis=0)


def start(case: Case, lstm_biases: int) -> "ByName":
    from embbench.workloads._lstm import start

    return start(case, lstm_biases)


def scores_and_gradients(
    weights: "ByName", inputs: "np.ndarray", labels: "np.ndarray"
) -> "tuple[np.ndarray, float, np.ndarray, ByName]":
    from embbench.workloads._lstm import network

    return network(weights, inputs, labels, at=slice(-1, None))
