"""Rows of a Keras variable, of its optimizer state and of its gradient, as arrays."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from embbench.engines.keras.own_model.gradient_rows import of_backend
from embbench.engines.own_rows import RowsSeen


class Gradients:
    """The gradients that the optimizer of a model gets. sparse: path of a variable -> whether its last gradient was
    sparse; variables without a gradient are left out.
    """

    def __init__(self, model: keras.Model) -> None:
        self.sparse: dict[str, bool] = {}
        self._ids: dict[str, np.ndarray] = {}
        self._kept: dict[str, np.ndarray] = {}
        optimizer, apply = model.optimizer, model.optimizer.apply

        def seeing(gradients: Any, trainable_variables: Any = None) -> Any:
            gradients = list(gradients)
            given = trainable_variables if trainable_variables is not None else model.trainable_variables
            for gradient, variable in zip(gradients, given, strict=True):
                self._see(gradient, variable.path)
            return apply(gradients, trainable_variables)

        optimizer.apply = seeing

    def keep(self, path: str, ids: np.ndarray) -> None:
        """Keeps rows of the next gradients. ids: sorted."""
        self._ids[path] = ids

    def kept(self, path: str) -> np.ndarray | None:
        """(R, columns) the rows that were to be kept; None if no gradient came."""
        return self._kept.get(path)

    def _see(self, gradient: Any, path: str) -> None:
        if gradient is None:
            return
        rows, values = of_backend().rows_of(gradient)
        self.sparse[path] = rows is not None
        if (ids := self._ids.get(path)) is None:
            return
        values = np.array(ops.convert_to_numpy(values))
        if rows is None:
            self._kept[path] = values[ids]
            return
        rows = np.array(ops.convert_to_numpy(rows))
        kept = np.zeros((len(ids), values.shape[-1]), values.dtype)
        known = np.isin(rows, ids)
        kept[np.searchsorted(ids, rows[known])] = values[known]
        self._kept[path] = kept


def prefix_of(variable: keras.Variable) -> str:
    """How names of a variable's optimizer state begin."""
    return variable.path.replace("/", "_") + "_"


def states_of(optimizer: Any, variable: keras.Variable) -> Mapping[str, keras.Variable]:
    """Name -> state of a variable that has a value or a row of values for each row of the variable."""
    prefix = prefix_of(variable)
    found = {each.name.removeprefix(prefix): each for each in optimizer.variables if each.name.startswith(prefix)}
    return {name: each for name, each in found.items() if each.shape and each.shape[0] == variable.shape[0]}


def look(optimizer: Any, variable: keras.Variable, ids: np.ndarray, gradient: np.ndarray | None) -> RowsSeen:
    """A copy of rows. ids: sorted."""
    states = {name: _rows(each, ids) for name, each in states_of(optimizer, variable).items()}
    return RowsSeen(ids, _rows(variable, ids), states, gradient)


def _rows(variable: keras.Variable, ids: np.ndarray) -> np.ndarray:
    return np.array(ops.convert_to_numpy(ops.take(variable.value, ops.convert_to_tensor(ids, dtype="int32"), axis=0)))
