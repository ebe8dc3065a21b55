"""What the TensorFlow contender holds besides the rows of its table, with the oracle's names."""

from typing import Any

import numpy as np
import tensorflow as tf

from embbench.cases.capabilities import Inside
from embbench.engines.keras.inside import STATES, turned, weights_of
from embbench.engines.tensorflow.device import read_rows


def inside_of(trial: Any, ids: np.ndarray) -> Inside:
    """trial: a TensorFlowTrial. Momentum's kernel keeps the rate out of its accumulator, as the oracle does."""
    case, optimizer = trial.case, trial.optimizer
    names = tuple(STATES[case.optimizer].values())
    weights = dict(zip(weights_of(trial.network, case.layers), trial.dense, strict=True))
    states = {}
    for name, kept in zip(weights, optimizer.states[-len(weights) :], strict=True):
        states[name] = {told: turned(state.numpy()) for told, state in zip(names, kept, strict=True)}
    if trial.table.trainable:
        # Where the step reads or writes a state by rows, reading its value would copy it. Elsewhere, gathering from the
        # variable would make every later reader copy it, see `read_rows`.
        read = read_rows if case.update == "fused" else lambda state, rows: tf.gather(state, rows).numpy()
        states["table"] = {told: read(state, ids) for told, state in zip(names, optimizer.states[0], strict=True)}
    return Inside(int(optimizer.steps.numpy()), {name: turned(each.numpy()) for name, each in weights.items()}, states)
