"""Training an encoder and a decoder with teacher forcing.

source (B, T, columns) -> LSTM, the encoder -> its last state is the first state of another LSTM, the decoder, which
reads the target shifted by one: zeros first, then the right token before, as a one-hot vector -> linear head at every
step -> softmax cross-entropy, mean over all target tokens -> plain SGD.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.cases.workload import CLASSES

if TYPE_CHECKING:
    import numpy as np

    from embbench.workloads._seq2seq_claims import Translating

SUMMARY = "LSTM encoder and LSTM decoder that train with teacher forcing"
AXES = {
    "hidden": {"default": 128, "help": "Units of a layer of the network.", "unit": "hidden unit", "training": 32},
}
TABLES = ("none",)
UNUSED = ("optimizer", "vocab", "dim", "tokens", "ids", "dtype")
WEIGHT_ARRAYS = 2  # weight and gradient
SHOWN = ("loss", "weights", "decode", "further_claims")

_COLUMNS = 8  # that of `_seq2seq_claims`, which needs NumPy


def label_shape(case: Case) -> tuple[int, ...]:
    return (case.batch, case.seq)


def operations(case: Case) -> float:
    """24·N·H·H of each LSTM's recurrent product and 16·N·H per column of its inputs, which need no gradient; 6·N·H·C of
    the head.
    """
    per_token = 2 * 24 * case.hidden + 16 * (_COLUMNS + CLASSES) + 6 * CLASSES
    return case.batch * case.seq * case.hidden * per_token


def weight_count(case: Case) -> int:
    """4H(D + H + 2) of each LSTM, with the two biases of some frameworks, and C(H + 1) of the head."""
    hidden = case.hidden
    return sum(4 * hidden * (columns + hidden + 2) for columns in (_COLUMNS, CLASSES)) + CLASSES * (hidden + 1)


def activation_count(case: Case) -> int:
    """Per token of source and target: the input, four gates, cell, tanh of cell and hidden state; scores of a target
    token. Forward and gradient.
    """
    return 2 * case.batch * case.seq * (_COLUMNS + CLASSES + 2 * 7 * case.hidden + CLASSES)


def draw_inputs(case: Case, batches: int) -> "dict[str, np.ndarray]":
    """source (batches, B, T, columns), fed (batches, B, T, CLASSES), what the decoder reads, labels (batches, B, T)."""
    import numpy as np

    rng = np.random.default_rng([case.seed, 13])
    source = rng.standard_normal((batches, case.batch, case.seq, _COLUMNS), np.float32)
    labels = rng.integers(0, CLASSES, (batches, case.batch, case.seq))
    fed = np.zeros((*labels.shape, CLASSES), np.float32)
    fed[:, :, 1:] = np.eye(CLASSES, dtype=np.float32)[labels[:, :, :-1]]
    return {"source": source, "fed": fed, "labels": labels}


def start_claims(case: Case, drawn: "dict[str, np.ndarray]", trial: "Translating") -> Callable[[int], Iterator[Claim]]:
    from embbench.workloads._seq2seq_claims import finish_with

    return finish_with(drawn, trial)
