"""What a trial with Keras's layers and optimizer holds besides the rows of its table, with the oracle's names."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from embbench.cases.capabilities import Inside
from embbench.cases.case import Case
from embbench.cases.workload import HYPERPARAMETERS

# Optimizer -> attribute of Keras's optimizer with the states of all variables -> the oracle's name.
STATES = {
    "sgd": {},
    "momentum": {"momentums": "velocity"},
    "adagrad": {"_accumulators": "sum"},
    "adam": {"_momentums": "first", "_velocities": "second"},
    "adamw": {"_momentums": "first", "_velocities": "second"},
}

Read = Callable[[keras.Variable], np.ndarray]  # a copy of a variable, or of rows of it


def weights_of(model: keras.Model, layers: int) -> dict[str, keras.Variable]:
    """The oracle's name -> variable. Keras stores kernels transposed, see `turned`."""
    found = {}
    for layer in range(layers):
        names = (f"w_input{layer}", f"w_recurrent{layer}", f"bias{layer}")
        found |= dict(zip(names, model.get_layer(f"lstm{layer}").weights[:3], strict=True))
    return found | dict(zip(("head_weight", "head_bias"), model.get_layer("head").weights, strict=True))


def turned(array: np.ndarray) -> np.ndarray:
    """A kernel (inputs, outputs), or a state of a kernel, in the oracle's layout."""
    return np.ascontiguousarray(array.T)


def inside_of(case: Case, model: keras.Model, table: keras.Variable | None, read: Read, read_rows: Read) -> Inside:
    """table: the trained table; None if no table trains. read_rows: reads the requested rows of a variable."""
    optimizer = model.optimizer
    weights = weights_of(model, case.layers)
    states: dict[str, dict[str, np.ndarray]] = {}
    for name, variable in weights.items():
        states[name] = {told: turned(read(state)) for told, state in _states(case, optimizer, variable).items()}
    if table is not None:
        states["table"] = {told: read_rows(state) for told, state in _states(case, optimizer, table).items()}
    rate = HYPERPARAMETERS[case.optimizer].rate
    for each in states.values():
        if "velocity" in each:  # Keras's velocity includes the rate, with the opposite sign
            each["velocity"] = each["velocity"] / -rate
    return Inside(int(read(optimizer.iterations)), {name: turned(read(each)) for name, each in weights.items()}, states)


def _states(case: Case, optimizer: Any, variable: keras.Variable) -> dict[str, keras.Variable]:
    place = optimizer._get_variable_index(variable)
    return {told: getattr(optimizer, own)[place] for own, told in STATES[case.optimizer].items()}
