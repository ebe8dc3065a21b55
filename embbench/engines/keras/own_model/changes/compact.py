"""The optimizer steps the unique rows of the batch, with their rows of its state."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
from keras import ops

from embbench.cases.contender import Unsupported
from embbench.engines.keras.own_model.apart import update_apart
from embbench.engines.keras.own_model.gradient_rows import of_backend, read, write
from embbench.engines.keras.own_model.moves import states_of
from embbench.engines.keras.own_model.program import KerasProgram
from embbench.engines.keras.own_model.values import lookup_layers
from embbench.engines.own_edit import MORE, Edit

SUMMARY = "the optimizer gets the unique rows of the batch"
DENSE = "the table's gradient has every row"


def apply(program: KerasProgram, tables: Mapping[str, keras.Variable]) -> Edit:
    """See `change.KerasChange`."""
    layers = lookup_layers(program, tables).values()
    if keras.backend.backend() == "jax":
        raise Unsupported("JAX gives a lookup a gradient of every row")
    optimizer = program.model.optimizer
    for each in layers:
        of_backend().make_sparse(each)

    def step(table: keras.Variable, gradient: Any, learning_rate: Any) -> None:
        rows, values = of_backend().rows_of(gradient)
        if rows is None:
            raise Unsupported(DENSE)
        _step_rows(optimizer, table, rows, values, learning_rate)

    update_apart(program, [each.embeddings for each in layers], step, state=True)
    return MORE


def _step_rows(optimizer: Any, table: keras.Variable, rows: Any, gradient: Any, learning_rate: Any) -> None:
    """The optimizer's own step, on some rows of the table and of its state. rows: (U,). gradient: (U, columns)."""
    of_rows = {each.path: each for each in (table, *states_of(optimizer, table).values())}
    values = {path: read(each, rows) for path, each in of_rows.items()}
    if optimizer.weight_decay is not None and optimizer._use_weight_decay(table):
        values[table.path] *= 1 - optimizer.weight_decay * ops.cast(learning_rate, table.dtype)
    assigned: dict[str, tuple[keras.Variable, Any]] = {}
    with _instead(optimizer, table, [(each, values[path]) for path, each in of_rows.items()], assigned):
        optimizer.update_step(gradient, table, learning_rate)
    for path, (variable, value) in assigned.items():
        write(variable, rows if path in of_rows else None, value)


@contextlib.contextmanager
def _instead(
    optimizer: Any,
    table: keras.Variable,
    values: Sequence[tuple[keras.Variable, Any]],
    assigned: dict[str, tuple[keras.Variable, Any]],
) -> Iterator[None]:
    """While it is entered, variables have other values, and what the optimizer assigns is put into `assigned`, by
    path.
    """
    place = optimizer._get_variable_index(table)
    scope = keras.StatelessScope()

    def assign(variable: keras.Variable, value: Any) -> None:
        assigned[variable.path] = variable, value
        scope.add_update((variable, value))

    replaced = {
        "assign": assign,
        "assign_add": lambda variable, value: assign(variable, ops.add(variable.value, value)),
        "assign_sub": lambda variable, value: assign(variable, ops.subtract(variable.value, value)),
        "_get_variable_index": lambda variable: place,
    }
    for each in values:
        scope.add_update(each)
    for name, function in replaced.items():
        setattr(optimizer, name, function)
    try:
        with scope:
            yield
    finally:
        for name in replaced:
            delattr(optimizer, name)
