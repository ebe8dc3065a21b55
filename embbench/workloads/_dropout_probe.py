"""Networks whose outputs show the masks of dropout.

Each unit of a group reads one number, which is 1/2 where nothing is dropped, by a single gate of its own; the other
gates are constant. A group per gate reads the same numbers, so that masks of different gates can be compared. The
numbers are inputs, or hidden states of a group of units that are constant.
"""

import math
from typing import NamedTuple

import numpy as np

from embbench.workloads import ByName
from embbench.workloads._dropout_expected import SAMPLES, TIME, UNITS

HIDDEN = 5 * UNITS  # the constant group, and a group per gate: input, forget, cell, output
READ = 0.5  # what a gate reads
OPEN = 20.0  # bias: a gate is 1 within 2e-9, or 0 with a minus
PUT = 0.1  # what the units with a varying forget gate put into their cells at each time step
CONSTANT = math.tanh(0.5)  # hidden state of the constant units

# Group -> biases of its gates.
BIASES = np.array(
    [
        [OPEN, -OPEN, math.atanh(0.5), OPEN],
        [0.0, -OPEN, OPEN, OPEN],
        [OPEN, 0.0, math.atanh(PUT), OPEN],
        [OPEN, -OPEN, 0.0, OPEN],
        [OPEN, -OPEN, OPEN, 0.0],
    ]
)


class Probe(NamedTuple):
    """weights: as `_lstm.start` names them, without a head. inputs: (SAMPLES, TIME + 1, UNITS), all 1."""

    weights: ByName
    inputs: np.ndarray


def probe_of(place: str) -> Probe:
    """place: where masks are looked for, 'input', 'recurrent', 'output', or 'between' two layers."""
    inputs = np.ones((SAMPLES, TIME + 1, UNITS), np.float32)
    if place == "between":
        first = _layer(0, UNITS, np.repeat(BIASES[:1], 5, axis=0), 0.0, 0.0)
        return Probe({**first, **_layer(1, HIDDEN, BIASES, READ / CONSTANT, 0.0)}, inputs)
    by_input, recurrent = READ * (place == "input"), READ / CONSTANT * (place == "recurrent")
    return Probe(_layer(0, UNITS, BIASES, by_input, recurrent), inputs)


def _layer(layer: int, width: int, biases: np.ndarray, by_input: float, recurrent: float) -> ByName:
    """by_input, recurrent: factors of the numbers that the groups read."""
    kernels = {"w_input": (width, by_input), "w_recurrent": (HIDDEN, recurrent)}
    made: ByName = {f"bias{layer}": np.repeat(biases.T, UNITS, axis=1).ravel()}
    for name, (columns, factor) in kernels.items():
        kernel = np.zeros((4, 5, UNITS, columns))
        for gate in range(4):
            kernel[gate, 1 + gate, :, :UNITS] = factor * np.eye(UNITS)
        made[f"{name}{layer}"] = kernel.reshape(4 * HIDDEN, columns)
    return made


def multipliers(place: str, outputs: np.ndarray) -> np.ndarray:
    """What the numbers were multiplied by: (SAMPLES, TIME, 4, UNITS), for 'output' (SAMPLES, UNITS).

    outputs: the hidden states (SAMPLES, TIME + 1, HIDDEN) of the last layer; for 'output' the last hidden state behind
    dropout, (SAMPLES, HIDDEN). The first time step shows no mask: the hidden state before it is 0.
    """
    hidden = np.asarray(outputs, np.float64)
    if place == "output":
        return hidden[:, :UNITS] / CONSTANT
    by_input, forget, cell, output = np.split(hidden, 5, axis=2)[1:]
    cells = np.arctanh(forget)
    read = (
        _logit(np.arctanh(by_input[:, 1:])),
        _logit((cells[:, 1:] - PUT) / cells[:, :-1]),
        np.arctanh(np.arctanh(cell[:, 1:])),
        _logit(output[:, 1:] / math.tanh(1.0)),
    )
    return np.stack(read, axis=2) / READ


def _logit(share: np.ndarray) -> np.ndarray:
    return np.log(share / (1 - share))
