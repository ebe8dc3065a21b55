"""Training steps of an LSTM with a layer per time step, by the way in which the layer gets the time steps.

inputs (B, T, COLUMNS) -> with a front: a small convolution of frames (SIDE, SIDE), see `_timedistributed_network` ->
LSTM -> linear head on every hidden state -> softmax cross-entropy, mean over batch and time -> plain SGD. Every way
makes the same steps, which NumPy repeats.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import msgspec

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.workloads import ByName, _counts
from embbench.workloads._timedistributed_expected import (
    COLUMNS,
    FILTERS,
    KERNEL,
    SIDE,
    WAYS,
    WITH_FRONT,
    PerStep,
)

if TYPE_CHECKING:
    import numpy as np

SUMMARY = "LSTM with a layer on every time step: at once, or wrapped per time step (--per-step)"
AXES = {
    "hidden": {"default": 128, "help": "Units of a layer of the network.", "unit": "hidden unit", "training": 32},
    "per_step": {
        "default": "flat",
        "help": "How a layer gets the time steps: flat (the head gets all at once); wrapped (the head in a Python loop "
        "over time, as TimeDistributed makes it, with a stack of the results); wrapped_dynamic (TimeDistributed where "
        "the number of time steps is unknown); mapped (the head in a vectorized map over time); flat_conv and "
        "wrapped_conv (a convolution of 8x8 frames before the LSTM gets all frames at once, or in a loop; the head is "
        "flat).",
        "choices": ("flat", "wrapped", "wrapped_dynamic", "mapped", "flat_conv", "wrapped_conv"),
    },
}
TABLES = ("none",)
UNUSED = ("optimizer", "vocab", "dim", "tokens", "ids", "dtype")
WEIGHT_ARRAYS = 2  # weight and gradient
SHOWN = ("loss", "weights", "has", "apply", "calls", "known", "further_claims")

PLACES = (SIDE - KERNEL + 1) ** 2  # of a convolution's outputs


def label_shape(case: Case) -> tuple[int, ...]:
    return (case.batch, case.seq)


def has_front(case: Case) -> bool:
    return case.per_step in WITH_FRONT


def _sized(case: Case) -> Case:
    """The same LSTM and head behind a table, which has the columns of the LSTM's inputs."""
    if has_front(case):
        return msgspec.structs.replace(case, dim=FILTERS, layers=1, table="trainable")
    return msgspec.structs.replace(case, dim=COLUMNS, layers=1, table="frozen")


def operations(case: Case) -> float:
    """Of the LSTM, and of the convolution: forward, and its gradient by its weights. Inputs need no gradient."""
    convolution = 4 * case.rows_per_step * PLACES * KERNEL**2 * FILTERS
    return _counts.operations(_sized(case)) + (convolution if has_front(case) else 0)


def weight_count(case: Case) -> int:
    return _counts.weight_count(_sized(case)) + ((KERNEL**2 + 1) * FILTERS if has_front(case) else 0)


def activation_count(case: Case) -> int:
    convolved = 2 * case.rows_per_step * PLACES * FILTERS if has_front(case) else 0
    return _counts.activation_count(_sized(case)) + convolved


def draw_inputs(case: Case, batches: int) -> "dict[str, np.ndarray]":
    """inputs (batches, B, T, COLUMNS) float32, labels (batches, B, T)."""
    import numpy as np

    from embbench.cases.workload import CLASSES

    rng = np.random.default_rng([case.seed, 12])
    shape = batches, case.batch, case.seq
    return {"inputs": rng.standard_normal((*shape, COLUMNS), np.float32), "labels": rng.integers(0, CLASSES, shape)}


def start(case: Case, lstm_biases: int) -> ByName:
    """The initial weights, as `_lstm.start` names them; with a front also conv_weight (FILTERS, KERNEL, KERNEL) and
    conv_bias (FILTERS,).
    """
    import numpy as np

    from embbench.workloads import _lstm

    weights = _lstm.start(_sized(case), lstm_biases)
    if has_front(case):
        drawn = np.random.default_rng([case.seed, 13]).uniform(-1 / KERNEL, 1 / KERNEL, (FILTERS, KERNEL, KERNEL))
        weights |= {"conv_weight": drawn, "conv_bias": np.zeros(FILTERS)}
    return weights


def start_claims(case: Case, drawn: "dict[str, np.ndarray]", trial: PerStep) -> Callable[[int], Iterator[Claim]]:
    def finish(steps: int) -> Iterator[Claim]:
        from embbench.workloads import _timedistributed_claims

        yield from _timedistributed_claims.of_steps(drawn, trial, steps)
        if case.per_step in WAYS:
            yield from _timedistributed_claims.of_layers(case.per_step, trial)
        yield from trial.further_claims()

    return finish
