"""Training steps of an LSTM with dropout, by place and kind of dropout.

inputs (B, T, COLUMNS) -> LSTM -> last hidden state -> linear head -> softmax cross-entropy, mean over the batch ->
plain SGD, also with an L2 penalty. The exact proof holds for random masks too: a trial draws the masks of its next step
from a copy of its random state, and NumPy makes the step with these masks. Then masks are looked at from outside, see
`_dropout_probe`. With --samples, a round also measures how far the network overfits (`_dropout_learning`).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.cases.contender import Skip
from embbench.cases.learning_curve import LearningCurve
from embbench.cases.workload import CLASSES
from embbench.workloads import ByName, _counts
from embbench.workloads._dropout_expected import COLUMNS, PLACES, RATE, Dropping
from embbench.workloads.classifier import label_shape

if TYPE_CHECKING:
    import numpy as np

    from embbench.workloads._learning import MakeTrial

__all__ = ["label_shape"]

SUMMARY = "LSTM that trains with dropout of its inputs, hidden states or outputs (--dropout)"
AXES = {
    "hidden": {"default": 128, "help": "Units of a layer of the network.", "unit": "hidden unit", "training": 32},
    "layers": {"default": 1, "help": "Layers of the network."},
    "dropout": {
        "default": "off",
        "help": "What an LSTM drops in training: off (nothing); input_layer (a Dropout layer before it: a mask per "
        "time step); input (a mask for all time steps: LSTM(dropout=)); recurrent (a mask for all time steps on the "
        "hidden state: LSTM(recurrent_dropout=)); recurrent_control (the same program at rate 1e-9, which drops "
        "nothing); between_layers (nn.LSTM(dropout=)); output (a Dropout layer behind it); fed (input, recurrent and "
        "output at once, each a mask for all time steps, with masks that are inputs of the step).",
        "choices": (
            "off",
            "input_layer",
            "input",
            "recurrent",
            "recurrent_control",
            "between_layers",
            "output",
            "fed",
        ),
    },
    "l2": {
        "default": "no",
        "help": "Strength s of the penalty s |w|^2 / 2 on all weights in the loss: no, 1e-3 or 1e-2.",
        "choices": ("no", "1e-3", "1e-2"),
    },
    "samples": {
        "default": 0,
        "help": "Samples that train, again and again, in learning curves; 0: no curves.",
        "least": 0,
    },
    "train_steps": {"default": 300, "help": "Training steps of a learning curve."},
}
TABLES = ("none",)
UNUSED = ("optimizer", "vocab", "dim", "tokens", "ids", "dtype")
WEIGHT_ARRAYS = 2  # weight and gradient
SHOWN = ("loss", "weights", "next_masks", "probe", "known", "further_claims")


def operations(case: Case) -> float:
    """Inputs need no gradient, as rows of a frozen table."""
    return _counts.operations(msgspec.structs.replace(case, dim=COLUMNS, table="frozen"))


def weight_count(case: Case) -> int:
    return _counts.weight_count(msgspec.structs.replace(case, dim=COLUMNS))


def activation_count(case: Case) -> int:
    return _counts.activation_count(msgspec.structs.replace(case, dim=COLUMNS))


def draw_inputs(case: Case, batches: int) -> "dict[str, np.ndarray]":
    """inputs (batches, B, T, COLUMNS), labels (batches, B). For fed also factors of inputs (batches, B, COLUMNS), of
    hidden states (batches, layers, B, H) and of outputs (batches, B, H).
    """
    import numpy as np

    rng = np.random.default_rng([case.seed, 9])
    drawn = {
        "inputs": rng.standard_normal((batches, case.batch, case.seq, COLUMNS), np.float32),
        "labels": rng.integers(0, CLASSES, (batches, case.batch)),
    }
    if case.dropout == "fed":
        shapes = {
            "input_masks": (case.batch, COLUMNS),
            "recurrent_masks": (case.layers, case.batch, case.hidden),
            "output_masks": (case.batch, case.hidden),
        }
        for name, shape in shapes.items():
            drawn[name] = ((rng.random((batches, *shape), np.float32) >= RATE) / (1 - RATE)).astype(np.float32)
    return drawn


def start(case: Case, lstm_biases: int) -> ByName:
    """The initial weights, as `_lstm.start` names them."""
    from embbench.workloads import _lstm

    return _lstm.start(msgspec.structs.replace(case, dim=COLUMNS), lstm_biases)


def start_claims(case: Case, drawn: "dict[str, np.ndarray]", trial: Dropping) -> Callable[[int], Iterator[Claim]]:
    def finish(steps: int) -> Iterator[Claim]:
        from embbench.workloads import _dropout_claims

        yield from _dropout_claims.of_steps(case, drawn, trial, steps)
        if case.dropout in PLACES:
            yield from _dropout_claims.of_masks(case.dropout, trial)
        yield from trial.further_claims()

    return finish


def learning_steps(case: Case) -> int:
    return case.train_steps if case.samples else 0


def curves(case: Case, seeds: Sequence[int], prepare: "MakeTrial") -> Iterator[LearningCurve]:
    """Raises Skip for masks that are fed: a cycle of batches would have the same masks each time."""
    if not case.samples:
        return
    if case.dropout == "fed":
        raise Skip("masks that are fed do not change from one pass over the samples to the next")
    from embbench.workloads import _learning
    from embbench.workloads._dropout_learning import DropLesson, logits

    yield from _learning.curves(case, seeds, DropLesson, prepare, logits)
