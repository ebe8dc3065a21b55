"""Row-wise Adagrad for the tables only: one number of state for a row."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from embbench.engines.keras.own_model.apart import update_apart
from embbench.engines.keras.own_model.gradient_rows import of_backend, read, write
from embbench.engines.keras.own_model.moves import prefix_of
from embbench.engines.keras.own_model.program import KerasProgram
from embbench.engines.keras.own_model.values import lookup_layers
from embbench.engines.own_edit import MORE, Edit

SUMMARY = "row-wise Adagrad for the tables"
EPSILON = 1e-8


def apply(program: KerasProgram, tables: Mapping[str, keras.Variable]) -> Edit:
    """See `change.KerasChange`. sum += mean of g² over the columns; row -= lr · g / (√sum + EPSILON)."""
    layers = lookup_layers(program, tables)
    optimizer, sums = program.model.optimizer, {}
    for path, each in layers.items():
        of_backend().make_sparse(each)
        name = f"{prefix_of(each.embeddings)}sum"
        sums[path] = optimizer.add_variable((each.embeddings.shape[0], 1), name=name)

    def step(table: keras.Variable, gradient: Any, learning_rate: Any) -> None:
        rows, values = of_backend().rows_of(gradient)
        total = read(sums[table.path], rows) + ops.mean(ops.square(values), axis=-1, keepdims=True)
        write(sums[table.path], rows, total)
        rate = ops.cast(learning_rate, table.dtype)
        write(table, rows, read(table, rows) - rate * values / (ops.sqrt(total) + EPSILON))

    update_apart(program, [each.embeddings for each in layers.values()], step, state=False)
    return MORE
