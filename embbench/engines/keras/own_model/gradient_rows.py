"""The rows of a table that have a gradient: only these rows are read and written, where the backend tells them."""

import importlib
from typing import Any, Protocol, cast

import keras
from keras import ops


class GradientRows(Protocol):
    """The contents of `gradient_rows_BACKEND.py`."""

    def make_sparse(self, layer: keras.layers.Embedding) -> None:
        """Has the lookup of a layer give a sparse gradient, where the backend has one that is off."""

    def rows_of(self, gradient: Any) -> tuple[Any, Any]:
        """((U,) distinct rows, (U, columns) their gradient); (None, gradient) for a gradient of all rows."""
        ...

    def read(self, variable: keras.Variable, rows: Any) -> Any:
        """(U, columns) values of rows."""
        ...

    def write(self, variable: keras.Variable, rows: Any, values: Any) -> None: ...


def of_backend() -> GradientRows:
    return cast(GradientRows, importlib.import_module(f"{__package__}.gradient_rows_{keras.backend.backend()}"))


def read(variable: keras.Variable, rows: Any) -> Any:
    """rows: None for all."""
    return ops.convert_to_tensor(variable) if rows is None else of_backend().read(variable, rows)


def write(variable: keras.Variable, rows: Any, values: Any) -> None:
    """rows: None for all."""
    if rows is None:
        variable.assign(values)
    else:
        of_backend().write(variable, rows, values)
