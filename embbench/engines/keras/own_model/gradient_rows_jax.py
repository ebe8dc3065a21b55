"""JAX gives every lookup a gradient of all rows, so rows are never given to `read` and `write`."""

from typing import Any

import keras


def make_sparse(layer: keras.layers.Embedding) -> None:
    """See `gradient_rows.GradientRows`."""


def rows_of(gradient: Any) -> tuple[Any, Any]:
    """See `gradient_rows.GradientRows`."""
    return None, gradient


def read(variable: keras.Variable, rows: Any) -> Any:
    """See `gradient_rows.GradientRows`."""
    return variable.value[rows]


def write(variable: keras.Variable, rows: Any, values: Any) -> None:
    """See `gradient_rows.GradientRows`."""
    variable.assign(variable.value.at[rows].set(values))
