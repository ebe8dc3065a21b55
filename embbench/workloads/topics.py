"""A label for each text, by the network of the classifier. The texts have planted keywords (`_planted_texts`), or are
those of a labelled file. Besides its step, a round measures how well the network learns: a learning curve for each of
several seeds.
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

    from embbench.cases.sources import Source
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

SUMMARY = "LSTM text classifier on texts with planted keywords or on yours (--data): a step, and how well it learns"
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
        "tokens": "words",
    },
    "texts": {"default": 9600, "help": "Texts that train, again and again; of a file with fewer texts, all."},
    "train_steps": {"default": 300, "help": "Training steps of a learning curve."},
}
TOKENS = ("words", "labelled")  # words: background words of planted texts


def draw_inputs(case: Case, batches: int) -> "Tokens":
    """The first `batches` batches of the first seed's planted training texts."""
    import msgspec

    from embbench.workloads._planted_lesson import PlantedLesson

    return PlantedLesson(msgspec.structs.replace(case, texts=batches * case.batch)).batches


def learning_steps(case: Case) -> int:
    return case.train_steps


def logits(weights: "ByName", inputs: "np.ndarray") -> "np.ndarray":
    """(M, C). inputs: (M, S, D), rows looked up."""
    from embbench.workloads._lstm import last_hidden

    return last_hidden(weights, inputs) @ weights["head_weight"].T + weights["head_bias"]


def curves(
    case: Case, seeds: Sequence[int], prepare: "MakeTrial", source: "Source | None" = None
) -> Iterator[LearningCurve]:
    """source: of labelled texts; None for planted texts."""
    from embbench.workloads import _learning

    if source is None:
        from embbench.workloads._planted_lesson import PlantedLesson

        yield from _learning.curves(case, seeds, PlantedLesson, prepare, logits)
        return
    from embbench.cases.drawing import read_labelled
    from embbench.cases.tokens import parse_tokens
    from embbench.workloads._own_lesson import OwnLesson

    texts = read_labelled(parse_tokens(case.tokens), source)
    yield from _learning.curves(case, seeds, lambda seeded: OwnLesson(seeded, texts), prepare, logits)
