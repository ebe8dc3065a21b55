"""A topic for each text, by the network of the classifier, on texts with planted keywords (`_planted_texts`). Besides
its step, a round measures how well the network learns: a learning curve for each of several seeds.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from embbench.cases.case import Case
from embbench.cases.learning_curve import LearningCurve
from embbench.workloads._counts import WEIGHT_ARRAYS, activation_count, operations, weight_count
from embbench.workloads._lstm_declared import PARTS
from embbench.workloads.classifier import label_shape, learnable_labels, scores_and_gradients, start

if TYPE_CHECKING:
    import numpy as np

    from embbench.cases.streams import Tokens
    from embbench.workloads import ByName
    from embbench.workloads._learning import MakeTrial

__all__ = [
    "PARTS",
    "WEIGHT_ARRAYS",
    "activation_count",
    "label_shape",
    "learnable_labels",
    "operations",
    "scores_and_gradients",
    "start",
    "weight_count",
]

SUMMARY = "LSTM text classifier on texts with planted keywords: a step, and how well it learns, over several seeds"
NETWORK = "classifier"
AXES = {
    "hidden": {"default": 128, "help": "Units of a layer of the network.", "unit": "hidden unit", "training": 32},
    "layers": {"default": 1, "help": "Layers of the network."},
    "trainable_dim": {
        "default": 0,
        "help": "Columns of a hybrid table that train; 0: a quarter of --dim.",
        "least": 0,
        "table": "hybrid",
    },
    "pretrained": {
        "default": "no",
        "help": "Rows at the start: no (random); weak, strong (rows of keywords have a part in common with the other "
        "keywords of their class, 10 or 50 % of the variance, as a table from another training has it).",
        "choices": ("no", "weak", "strong"),
    },
    "texts": {"default": 9600, "help": "Texts that train, again and again."},
    "train_steps": {"default": 300, "help": "Training steps of a learning curve."},
}
UNUSED = ("tokens",)


def draw_inputs(case: Case, batches: int) -> "Tokens":
    """The first `batches` batches of the first seed's training texts."""
    import msgspec

    from embbench.workloads._learning import Lesson

    return Lesson(msgspec.structs.replace(case, texts=batches * case.batch)).tokens


def learning_steps(case: Case) -> int:
    return case.train_steps


def logits(weights: "ByName", inputs: "np.ndarray") -> "np.ndarray":
    """(M, C). inputs: (M, S, D), rows looked up."""
    from embbench.workloads._lstm import last_hidden

    return last_hidden(weights, inputs) @ weights["head_weight"].T + weights["head_bias"]


def curves(case: Case, seeds: Sequence[int], prepare: "MakeTrial") -> Iterator[LearningCurve]:
    from embbench.workloads import _learning

    yield from _learning.curves(case, seeds, prepare, logits)
