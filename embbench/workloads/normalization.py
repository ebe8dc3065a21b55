"""Training steps of an LSTM and a dense layer with a norm, by its place around a concatenation with a one-hot vector.

inputs (B, T, COLUMNS) -> LSTM -> last hidden state, joined to a one-hot vector (B, CATEGORIES) -> dense layer with
ReLU -> linear head -> softmax cross-entropy, mean over the batch -> plain SGD. Every framework keeps the defaults of
its norms, and NumPy follows each of them. A round also measures how well the network learns, on samples whose best
possible answers are known.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.cases.learning_curve import LearningCurve
from embbench.cases.workload import CLASSES
from embbench.workloads import ByName
from embbench.workloads.classifier import label_shape

if TYPE_CHECKING:
    from embbench.workloads._normalization_expected import MakeNormalizing, Normalizing

__all__ = ["label_shape"]

SUMMARY = "LSTM beside a one-hot input, with batch norm or layer norm: a step, and how well it learns (--norm)"
AXES = {
    "hidden": {"default": 128, "help": "Units of a layer of the network.", "unit": "hidden unit", "training": 32},
    "norm": {
        "default": "off",
        "help": "Place and kind of a norm: off; batch_before (batch norm of the LSTM's last hidden state, before it is "
        "joined to the one-hot vector); batch_after (batch norm behind that, one-hot columns included); layer_after "
        "(layer norm there); batch_dense (batch norm between the dense layer and its ReLU).",
        "choices": ("off", "batch_before", "batch_after", "layer_after", "batch_dense"),
    },
    "train_steps": {"default": 300, "help": "Training steps of a learning curve."},
}
TABLES = ("none",)
UNUSED = ("optimizer", "vocab", "dim", "tokens", "ids", "dtype")
WEIGHT_ARRAYS = 2  # weight and gradient
SHOWN = ("loss", "weights", "restart", "scores", "layer", "known", "further_claims")

COLUMNS, CATEGORIES = 8, 24  # of a time step, of a one-hot vector


def norm_width(case: Case) -> int:
    """Columns of the norm; 0 without a norm."""
    widths = {"off": 0, "batch_before": case.hidden, "batch_dense": case.hidden}
    return widths.get(case.norm, case.hidden + CATEGORIES)


def operations(case: Case) -> float:
    """Two per multiplication with a weight, three times (forward, and by inputs and by weights backward; inputs need no
    gradient). Norms are left out: some 20 per number, less than a hundredth.
    """
    lstm = 4 * case.hidden * case.seq * (2 * COLUMNS + 3 * case.hidden)
    dense = 3 * case.hidden * (case.hidden + CATEGORIES + CLASSES)
    return 2.0 * case.batch * (lstm + dense)


def weight_count(case: Case) -> int:
    lstm = 4 * case.hidden * (COLUMNS + case.hidden + 2)
    dense = case.hidden * (case.hidden + CATEGORIES + 1) + CLASSES * (case.hidden + 1)
    return lstm + dense + 2 * norm_width(case)


def activation_count(case: Case) -> int:
    """Per time step the input, four gates, cell, tanh of cell and hidden state; behind them joined and dense layer, and
    the norm.
    """
    steps = case.seq * (COLUMNS + 7 * case.hidden)
    return 2 * case.batch * (steps + 2 * case.hidden + CATEGORIES + CLASSES + norm_width(case))


def learning_steps(case: Case) -> int:
    """Training steps of a seed, at all rates."""
    from embbench.workloads._normalization_expected import RATES

    return len(RATES) * case.train_steps


def draw_inputs(case: Case, batches: int) -> ByName:
    """inputs (batches, B, T, COLUMNS), onehots (batches, B, CATEGORIES), both float32, and labels (batches, B)."""
    import numpy as np

    from embbench.workloads._normalization_data import Population, batches_of, frequencies

    population = Population(np.random.default_rng([case.seed, 14]))
    return batches_of(population.draw(batches * case.batch, case.seq, frequencies()), case.batch)


def start(case: Case, lstm_biases: int) -> ByName:
    """The initial weights, float64: those of `_lstm.start` for a layer, with head_weight (CLASSES, H); dense_weight
    (H, H + CATEGORIES), dense_bias; norm_scale, norm_shift with a norm; norm_mean, norm_variance with batch norm.
    """
    import numpy as np

    from embbench.workloads import _lstm
    from embbench.workloads._normalization_network import BATCH

    held = _lstm.start(msgspec.structs.replace(case, dim=COLUMNS, layers=1), lstm_biases)
    read = case.hidden + CATEGORIES
    rng = np.random.default_rng([case.seed, 13])
    held["dense_weight"] = rng.uniform(-(read**-0.5), read**-0.5, (case.hidden, read))
    held["dense_bias"] = np.zeros(case.hidden)
    width = norm_width(case)
    if width:
        held |= {"norm_scale": np.ones(width), "norm_shift": np.zeros(width)}
    if case.norm in BATCH:
        held |= {"norm_mean": np.zeros(width), "norm_variance": np.ones(width)}
    return held


def start_claims(case: Case, drawn: ByName, trial: "Normalizing") -> Callable[[int], Iterator[Claim]]:
    def finish(steps: int) -> Iterator[Claim]:
        from embbench.workloads import _normalization_claims
        from embbench.workloads._normalization_network import BATCH

        yield from _normalization_claims.of_steps(case, drawn, trial, steps)
        if case.norm in BATCH:
            yield from _normalization_claims.of_batch_norm(trial)
        if case.norm == "layer_after":
            yield from _normalization_claims.of_layer_norm(trial)
        yield from trial.further_claims()

    return finish


def curves(case: Case, seeds: Sequence[int], prepare: "MakeNormalizing") -> Iterator[LearningCurve]:
    from embbench.workloads import _normalization_learning

    yield from _normalization_learning.curves(case, seeds, prepare, start)
