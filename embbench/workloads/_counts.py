"""Operations and sizes of LSTM and head, by arithmetic. N = B·S tokens, D columns, H units, C classes."""

from embbench.cases.case import Case
from embbench.cases.workload import CLASSES

WEIGHT_ARRAYS = 5  # weight, gradient, two states of the optimizer, a temporary
PER_WEIGHT = 24  # per token and pair of H·(D+H): four gates, a multiplication and an addition, thrice with backward


def operations(case: Case) -> float:
    """Operations of the LSTM's matrix products, forward and backward: 24·N·H·(D+H), and 24·N·H·2H per further layer. A
    frozen table saves 8·N·H·D, because its rows need no gradient. The vocabulary does not matter.
    """
    width = case.dim + case.hidden + (case.layers - 1) * 2 * case.hidden
    spared = PER_WEIGHT / 3 * case.dim if case.table == "frozen" else 0.0
    return case.rows_per_step * case.hidden * (PER_WEIGHT * width - spared)


def weight_count(case: Case) -> int:
    """4H(D+H+2) per layer, with the two biases of some frameworks, and C(H+1) of the head."""
    hidden = case.hidden
    layers = sum(4 * hidden * ((case.dim if layer == 0 else hidden) + hidden + 2) for layer in range(case.layers))
    return layers + CLASSES * (hidden + 1)


def activation_count(case: Case) -> int:
    """The LSTM keeps per token its input, four gates, cell, tanh of cell and hidden state, forward and gradient."""
    return 2 * case.rows_per_step * (case.dim + 7 * case.hidden * case.layers)
