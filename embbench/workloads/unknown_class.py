"""A text classifier that must reject texts of no known class, by the kind of its outputs.

ids (B, S) -> table -> LSTM -> last hidden state -> linear head -> loss, mean over the batch -> Adam on everything. A
round also measures how much unknown text the trained model accepts, on texts whose best possible scores are known.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.cases.learning_curve import LearningCurve
from embbench.workloads import ByName
from embbench.workloads.classifier import label_shape

if TYPE_CHECKING:
    from typing import Any

    from embbench.workloads._unknown_expected import Rejecting

__all__ = ["label_shape"]

SUMMARY = "LSTM text classifier that must reject texts of no known class (--reject): a step, and what it accepts"
AXES = {
    "hidden": {"default": 128, "help": "Units of a layer of the network.", "unit": "hidden unit", "training": 32},
    "reject": {
        "default": "softmax",
        "help": "Outputs and loss: softmax (8 known classes); extra_class (8 known classes and one for other texts, "
        "which train it); one_vs_rest (8 sigmoids, each a class against the rest).",
        "choices": ("softmax", "extra_class", "one_vs_rest"),
    },
    "train_steps": {"default": 300, "help": "Training steps of a learning curve."},
}
TABLES = ("none",)
UNUSED = ("optimizer", "vocab", "dim", "tokens", "ids", "dtype")
WEIGHT_ARRAYS = 5  # weight, gradient, two states of Adam, a temporary
SHOWN = ("loss", "weights", "moments", "restart", "further_claims")


def operations(case: Case) -> float:
    """24·N·H·(D+H), as of every LSTM that trains behind a table; the head is left out, some 1 %."""
    from embbench.workloads._unknown_texts import COLUMNS

    return 24.0 * case.rows_per_step * case.hidden * (COLUMNS + case.hidden)


def weight_count(case: Case) -> int:
    """With the table, which is dense to Adam."""
    from embbench.workloads._unknown_network import outputs_of
    from embbench.workloads._unknown_texts import COLUMNS, VOCAB

    lstm = 4 * case.hidden * (COLUMNS + case.hidden + 2)
    return VOCAB * COLUMNS + lstm + outputs_of(case.reject) * (case.hidden + 1)


def activation_count(case: Case) -> int:
    """Per time step the row, four gates, cell, tanh of cell and hidden state; forward and gradient."""
    from embbench.workloads._unknown_texts import COLUMNS

    return 2 * case.rows_per_step * (COLUMNS + 7 * case.hidden)


def learning_steps(case: Case) -> int:
    return case.train_steps


def draw_inputs(case: Case, batches: int) -> ByName:
    """ids (batches, B, S) and labels (batches, B), where CLASSES stands for the extra class. The second half repeats
    the texts of the first half with labels in another order, so that no model learns the batches by heart: at a loss
    of nearly 0, gradients would be nothing but rounding, and a proof could not tell them from others.
    """
    import numpy as np

    from embbench.workloads._unknown_learning import batches_of
    from embbench.workloads._unknown_texts import Topics, training_texts

    rng = np.random.default_rng([case.seed, 31])
    half = (batches + 1) // 2
    texts = training_texts(Topics(rng), half * case.batch, case.seq, case.reject == "extra_class", rng)
    first = batches_of(texts, case.batch)
    labels = rng.permutation(texts.labels).reshape(half, case.batch)
    second = {"ids": first["ids"], "labels": labels}
    return {name: np.concatenate([first[name], second[name]])[:batches] for name in first}


def start(case: Case, lstm_biases: int) -> ByName:
    """The initial weights, float64: rows (VOCAB, COLUMNS), and those of `_lstm.start` for a layer, with a head of the
    case's outputs. The head of known classes is the same for every kind of outputs.
    """
    import numpy as np

    from embbench.cases.workload import CLASSES, initial_tile
    from embbench.workloads import _lstm
    from embbench.workloads._unknown_network import outputs_of
    from embbench.workloads._unknown_texts import COLUMNS, VOCAB

    held = _lstm.start(msgspec.structs.replace(case, dim=COLUMNS, layers=1), lstm_biases)
    bound, outputs = case.hidden**-0.5, outputs_of(case.reject)
    head = np.random.default_rng([case.seed, 33]).uniform(-bound, bound, (CLASSES + 1, case.hidden))
    rows = initial_tile(case.seed, VOCAB, COLUMNS).astype(np.float64)
    return held | {"rows": rows, "head_weight": head[:outputs], "head_bias": np.zeros(outputs)}


def start_claims(case: Case, drawn: ByName, trial: "Rejecting") -> Callable[[int], Iterator[Claim]]:
    def finish(steps: int) -> Iterator[Claim]:
        from embbench.workloads import _unknown_claims

        yield from _unknown_claims.of_steps(case, drawn, trial, steps)
        yield from trial.further_claims()

    return finish


def curves(case: Case, seeds: Sequence[int], prepare: "Callable[[Case, ByName], Any]") -> Iterator[LearningCurve]:
    from embbench.workloads import _unknown_learning

    yield from _unknown_learning.curves(case, seeds, prepare, start)
