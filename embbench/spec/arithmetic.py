"""Floating-point operations of a step, by arithmetic alone."""

from embbench.spec.case import Case

PER_WEIGHT = (
    24  # for each token and pair of H·(D+H): four gates, a multiplication and an addition, thrice with backward
)


def lstm_operations(case: Case) -> float:
    """Of the LSTM's matrix products, forward and backward: 24·N·H·(D+H), and 24·N·H·2H for each further layer; with a
    frozen table 8·N·H·D less, since nobody asks for the gradient of its rows. No vocabulary is in it.
    """
    width = case.dim + case.hidden + (case.layers - 1) * 2 * case.hidden
    spared = PER_WEIGHT / 3 * case.dim if case.table == "frozen" else 0.0
    return case.rows_per_step * case.hidden * (PER_WEIGHT * width - spared)
