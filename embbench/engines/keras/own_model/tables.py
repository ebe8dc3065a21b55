"""The embedding tables of a user's own Keras model, and what a step does with each of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from msgspec.structs import replace

from embbench.cases.found_model import FoundModel
from embbench.cases.found_table import FoundTable
from embbench.engines.keras.own_model.data_rows import ids_of
from embbench.engines.keras.own_model.moves import Gradients, look, states_of
from embbench.engines.keras.own_model.parts import parts_of
from embbench.engines.keras.own_model.program import KerasProgram
from embbench.engines.keras.own_model.watch import watched
from embbench.engines.own_because import because
from embbench.engines.own_rows import MORE, WATCHED, RowMoves, all_of, classify, rows_of
from embbench.engines.own_seen import SeenStep


def look_at(built: Any, name: str, folder: Path) -> FoundModel:
    """See `engines.own_models`."""
    program = KerasProgram(built, name)
    program.run_eagerly()
    tables, alike = find_tables(program, folder)
    ids = ids_of(program)
    read = [each for each in tables if each.lookups]
    if ids is not None and len(read) == 1:
        tables = [replace(each, in_data=len(ids)) if each is read[0] else each for each in tables]
    return FoundModel(
        framework=f"keras on {keras.backend.backend()}",
        tables=tuple(tables),
        changes=(),
        parts=parts_of(program, {each.name for each in read}) if tables else {},
        batches=len(program.batches),
        addable=True,
        alike=alike,
        notes=(),
    )


def looked_up(program: KerasProgram, folder: Path) -> set[str]:
    """Paths of the variables that have rows which an eager step looks up."""
    build_weights(program)
    program.run_eagerly()
    seen = _watched(program, _matrices(program.model), folder, 0)
    return {path for path, lookups in seen.lookups.items() if lookups}


def build_weights(program: KerasProgram) -> None:
    """Shows a batch to a model that has no weights before it sees a batch."""
    if not program.model.built:
        program.model(program.batch(0)[0])


def find_tables(program: KerasProgram, folder: Path, least: int = WATCHED) -> tuple[list[FoundTable], bool]:
    """Makes a few eager steps. folder: of the user's code. least: number of steps whose lookups are counted. Returns
    the tables, the largest first, and whether all batches look up the same rows.
    """
    model, gradients = program.model, Gradients(program.model)
    if not model.built:
        program.step()  # a subclassed model has no variables before its first call
    variables = _matrices(model)
    steps: list[SeenStep] = []
    while len(steps) < least or (len(steps) < MORE and _alike(steps)):
        steps.append(_watched(program, variables, folder, len(steps)))
    paths = [path for path, each in variables.items() if _is_table(path, each, steps)]
    rows = {path: rows_of([each.ids(path) for each in steps], variables[path].shape[0]) for path in paths}
    before = {path: look(model.optimizer, variables[path], all_of(rows[path]), None) for path in paths}
    for path in paths:
        gradients.keep(path, before[path].ids)
    last = _watched(program, variables, folder, len(steps) - 1)
    found = []
    for path in paths:
        after = look(model.optimizer, variables[path], before[path].ids, gradients.kept(path))
        moved = classify(rows[path].after(last.ids(path)), before[path], after)
        found.append(_found(model, variables[path], [*steps, last], gradients.sparse.get(path), moved))
    alike = len(program.batches) == 1 or all(
        np.array_equal(each.ids(path), last.ids(path)) for each in steps for path in paths
    )
    return sorted(found, key=lambda each: -each.size), alike and bool(paths)


def _matrices(model: keras.Model) -> dict[str, keras.Variable]:
    return {each.path: each for each in model.variables if len(each.shape) == 2}


def _watched(program: KerasProgram, variables: Mapping[str, keras.Variable], folder: Path, batch: int) -> SeenStep:
    """What a step on a batch does."""
    x, _, _ = program.batch(batch)
    with watched(folder, variables, program.model, x) as seen:
        program.step_on(batch)
    return seen


def _alike(steps: list[SeenStep]) -> bool:
    """Whether a table has no rows that earlier steps looked up and the last step did not."""
    first, last = steps[0], steps[-1]
    return any(np.isin(first.ids(path), last.ids(path)).all() for path in last.lookups)


def _is_table(path: str, variable: keras.Variable, steps: list[SeenStep]) -> bool:
    """Whether steps look rows up, or nothing reads a trainable variable that has the shape of a table."""
    if any(path in each.lookups for each in steps):
        return True
    rows, columns = variable.shape
    return variable.trainable and rows > columns and not any(path in each.read for each in steps)


def _found(
    model: keras.Model, variable: keras.Variable, steps: list[SeenStep], sparse: bool | None, moved: RowMoves
) -> FoundTable:
    path = variable.path
    calls = [each for step in steps for each in step.lookups[path]]
    operation, where = (calls[0].operation, calls[0].where) if calls else ("", "")
    uses = tuple(dict.fromkeys(use for step in steps for use in step.uses[path]))
    optimizer = type(model.optimizer).__name__ if variable.trainable else ""
    states = states_of(model.optimizer, variable)
    if not variable.trainable and moved.moves == "none":
        moved = moved._replace(semantic="frozen")
    return FoundTable(
        name=path,
        rows=variable.shape[0],
        columns=variable.shape[1],
        size=int(np.prod(variable.shape)) * np.dtype(keras.backend.standardize_dtype(variable.dtype)).itemsize,
        dtype=str(variable.dtype),
        operation=operation,
        where=where,
        lookups=sum(each.count for each in calls) / len(steps),
        unique=sum(len(step.ids(path)) for step in steps) / len(steps),
        trains=variable.trainable,
        sparse_gradient=sparse,
        padding=None,
        optimizer=optimizer,
        states={name: tuple(each.shape) for name, each in states.items()},
        uses=uses,
        moves=moved.moves,
        semantic=moved.semantic,
        because=because(moved, uses, sparse, (operation, where), optimizer),
    )
