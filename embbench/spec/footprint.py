"""Theoretical bytes of a case: what must exist at the peak of a step, by arithmetic alone."""

import msgspec

from embbench.spec.case import Case
from embbench.spec.workload import LABELS, hybrid_shape


class Footprint(msgspec.Struct, frozen=True):
    """Bytes at the peak of a training step. total excludes the framework's own base (code, pools, handles)."""

    table: int
    training: int
    model: int
    activations: int

    @property
    def total(self) -> int:
        return self.table + self.training + self.model + self.activations


def footprint(
    case: Case, copies: float, lookup_copies: float = 0.0, onehot: float = 0.0, itemsize: int | None = None
) -> Footprint:
    """`copies`: table-sized arrays alive at the peak, the weights included; `lookup_copies`: likewise (N, D) arrays
    of the update; `onehot`: bytes for each pair of a token and a row where the lookup is a product; `itemsize`: bytes
    of a number of the table, where it is not kept in the case's dtype. All are declared by the contender.

    The model counts 4H(D+H+2) weights a layer and the head, five copies (weights, gradient, two states, one
    temporary); the LSTM keeps per token its input, four gates, cell, tanh of cell and hidden state, forward and
    gradient.
    """
    rows, columns = _trainable(case)
    item = case.itemsize if itemsize is None else itemsize
    table = case.vocab * case.dim * item
    if case.table == "hybrid":
        table = (case.vocab * (case.dim - columns) + rows * columns) * item
    training = (copies - 1) * rows * columns * item
    if rows:
        training += lookup_copies * case.rows_per_step * columns * case.itemsize
    hidden = case.hidden
    weights = sum(4 * hidden * ((case.dim if layer == 0 else hidden) + hidden + 2) for layer in range(case.layers))
    weights += LABELS * (hidden + 1)
    activations = 2 * case.rows_per_step * (case.dim + 7 * hidden * case.layers) * case.itemsize
    if case.table == "onehot":
        activations += int(case.rows_per_step * case.vocab * onehot)
    return Footprint(table, int(training), 5 * weights * case.itemsize, activations)


def _trainable(case: Case) -> tuple[int, int]:
    if case.table == "frozen":
        return 0, 0
    return hybrid_shape(case) if case.table == "hybrid" else (case.vocab, case.dim)
