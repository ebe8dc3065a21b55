"""The shared part of all workloads: hyperparameters and initial weights, equal for every contender.

ids (batch, seq) -> embedding (vocab, dim) -> LSTM (hidden) -> linear head (CLASSES) -> loss -> backward -> one
optimizer step on everything that trains. A file in `embbench/workloads/` defines the place of the head and the labels.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from embbench.cases.case import Case

if TYPE_CHECKING:
    import numpy as np

CLASSES = 8
TABLE_RANGE = 0.05  # table entries start uniform in ±TABLE_RANGE
TABLE_TILE = 65_536  # rows after which a table's initial values repeat, see `initial_tile`
HYBRID_ROWS = 10_000  # rows of the small trainable part; ids beyond share its last row
HYBRID_SHARE = 4  # without `trainable_dim`, the small part has dim / HYBRID_SHARE columns; the frozen part the rest
MOST_ONEHOT = 4_000_000_000  # most bytes of a batch's one-hot vectors


@dataclass(frozen=True)
class Hyperparameters:
    """The hyperparameters of an optimizer, equal in every framework, because defaults differ (epsilon above all)."""

    rate: float
    momentum: float = 0.0
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 0.0
    decay: float = 0.0


HYPERPARAMETERS: dict[str, Hyperparameters] = {
    "sgd": Hyperparameters(rate=0.1),
    "momentum": Hyperparameters(rate=0.1, momentum=0.9),
    "adagrad": Hyperparameters(rate=0.01, epsilon=1e-8),
    "adam": Hyperparameters(rate=1e-3, epsilon=1e-8),
    "adamw": Hyperparameters(rate=1e-3, epsilon=1e-8, decay=0.01),
}


# Optimizer -> arrays of state per array that trains, of the same size.
STATES = {"sgd": 0, "momentum": 1, "adagrad": 1, "adam": 2, "adamw": 2}


@dataclass(frozen=True)
class DenseWeights:
    """Everything but the table, float64. Gates in the order input, forget, cell, output.

    layers: per LSTM layer (w_input (4H, D or H), w_recurrent (4H, H), bias (4H,)); the forget gate's bias is 1.
    head_weight: (CLASSES, H). head_bias: (CLASSES,).
    """

    layers: "tuple[tuple[np.ndarray, np.ndarray, np.ndarray], ...]"
    head_weight: "np.ndarray"
    head_bias: "np.ndarray"


def dense_weights(case: Case) -> DenseWeights:
    """The initial weights that every framework gets for this case, from its seed."""
    import numpy as np

    rng = np.random.default_rng([case.seed, 1])
    hidden, bound = case.hidden, case.hidden**-0.5
    layers = []
    for layer in range(case.layers):
        width = case.dim if layer == 0 else hidden
        bias = np.zeros(4 * hidden)
        bias[hidden : 2 * hidden] = 1.0
        w_input = rng.uniform(-bound, bound, (4 * hidden, width))
        layers.append((w_input, rng.uniform(-bound, bound, (4 * hidden, hidden)), bias))
    return DenseWeights(tuple(layers), rng.uniform(-bound, bound, (CLASSES, hidden)), np.zeros(CLASSES))


def initial_tile(seed: int, rows: int, columns: int) -> "np.ndarray":
    """(min(rows, TABLE_TILE), columns) float32: the first rows of the initial table of every framework. Row i of the
    table is row i % TABLE_TILE of the tile. Drawing all 256 million numbers of a large table takes 3 s, most of
    build_time, and no step depends on distant rows being distinct.
    """
    import numpy as np

    unit = np.random.default_rng([seed, 5]).random((min(rows, TABLE_TILE), columns), np.float32)
    return (2 * unit - 1) * np.float32(TABLE_RANGE)


def initial_rows(case: Case, ids: "np.ndarray") -> "np.ndarray":
    """(len(ids), dim) float32: initial rows of the case's whole table."""
    import numpy as np

    if case.table != "hybrid":
        return initial_tile(case.seed, case.vocab, case.dim)[ids % TABLE_TILE]
    rows, columns = hybrid_shape(case)
    large = initial_tile(case.seed, case.vocab, case.dim - columns)[ids % TABLE_TILE]
    return np.concatenate([large, initial_tile(case.seed, rows, columns)[np.minimum(ids, rows - 1)]], axis=1)


def row_gradient(case: Case) -> "np.ndarray":
    """(batch, seq, dim) in the case's dtype: the gradient by the rows of a batch, for a table that is stepped alone.
    Its size is that of a classifier whose loss is a mean over the batch.
    """
    import numpy as np

    shape = case.batch, case.seq, case.dim
    drawn = np.random.default_rng([case.seed, 6]).standard_normal(shape, np.float32)
    return (drawn * np.float32(1 / (case.batch * case.seq))).astype(case.dtype)


def hybrid_shape(case: Case) -> tuple[int, int]:
    """(rows, columns) of the small trainable part of a hybrid table; the frozen part is (vocab, dim - columns)."""
    columns = case.trainable_dim or max(1, case.dim // HYBRID_SHARE)
    return min(case.vocab, HYBRID_ROWS), min(columns, max(1, case.dim - 1))
