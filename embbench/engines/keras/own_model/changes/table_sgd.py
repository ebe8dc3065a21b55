"""Plain SGD for the tables only."""

from collections.abc import Mapping
from typing import Any

import keras

from embbench.cases.contender import Unsupported
from embbench.engines.keras.own_model.apart import update_apart
from embbench.engines.keras.own_model.gradient_rows import of_backend, read, write
from embbench.engines.keras.own_model.program import KerasProgram
from embbench.engines.keras.own_model.values import lookup_layers
from embbench.engines.own_edit import MORE, Edit

SUMMARY = "SGD for the tables"


def apply(program: KerasProgram, tables: Mapping[str, keras.Variable]) -> Edit:
    """See `change.KerasChange`."""
    layers = lookup_layers(program, tables).values()
    if isinstance(program.model.optimizer, keras.optimizers.SGD):
        raise Unsupported("the tables have SGD already")
    for each in layers:
        of_backend().make_sparse(each)
    update_apart(program, [each.embeddings for each in layers], _step, state=False)
    return MORE


def _step(table: keras.Variable, gradient: Any, learning_rate: Any) -> None:
    rows, values = of_backend().rows_of(gradient)
    write(table, rows, read(table, rows) - keras.ops.cast(learning_rate, table.dtype) * values)
