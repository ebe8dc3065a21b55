"""What an optax trial holds besides the rows of its table, with the oracle's names."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from optax import tree_utils

from embbench.cases.capabilities import Inside
from embbench.engines.jax.device import copied, rows_of
from embbench.engines.jax.parts import states_of
from embbench.engines.jax.steps import State

# optax's name of a state -> the oracle's. optax keeps the rate out of its trace, as the oracle does for the velocity.
NAMES = {"trace": "velocity", "sum_of_squares": "sum", "mu": "first", "nu": "second"}


def inside_of(
    state: State,
    by_rows: bool,
    places: np.ndarray,
    read: Callable[[jax.Array, np.ndarray], np.ndarray] = rows_of,
) -> Inside:
    """by_rows: whether table and rest have separate optimizers. places: of the requested rows in the trained table.
    read: reads rows of an array.
    """
    of_weights = states_of(state.states, "weights", by_rows)
    weights, kept = copied((state.trained["weights"], _named(of_weights)))
    states = {name: {} for name in _flat(weights)}
    for own, tree in kept.items():
        for name, array in _flat(tree).items():
            states[name][own] = array
    count = tree_utils.tree_get(of_weights, "count")
    if "table" in state.trained:
        of_table = states_of(state.states, "table", by_rows)
        states["table"] = {name: read(array, places) for name, array in _named(of_table).items()}
        count = tree_utils.tree_get(of_table, "count")
    return Inside(None if count is None else int(copied(count)), _flat(weights), states)


def _named(states: Any) -> dict[str, Any]:
    """The states of NAMES that exist, with the oracle's names."""
    found = {told: tree_utils.tree_get(states, own) for own, told in NAMES.items()}
    return {told: tree for told, tree in found.items() if tree is not None}


def _flat(weights: dict[str, Any]) -> dict[str, np.ndarray]:
    """Name -> array, from the structure of `initial_weights`."""
    found = {}
    for layer, arrays in enumerate(weights["layers"]):
        found |= dict(zip((f"w_input{layer}", f"w_recurrent{layer}", f"bias{layer}"), arrays, strict=True))
    return found | dict(zip(("head_weight", "head_bias"), weights["head"], strict=True))
