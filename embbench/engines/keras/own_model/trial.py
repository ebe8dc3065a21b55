"""A user's own Keras model as a trial: its unmodified step, as `fit` makes it."""

import importlib
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import msgspec
import numpy as np

from embbench.cases.case import Case
from embbench.cases.found_model import FoundModel
from embbench.cases.found_table import FoundTable
from embbench.engines.keras.own_model.change import keras_change
from embbench.engines.keras.own_model.program import KerasProgram
from embbench.engines.keras.own_model.rows import add_rows
from embbench.engines.keras.own_model.steps import steps_of
from embbench.engines.keras.own_model.tables import build_weights, find_tables, looked_up
from embbench.engines.keras.own_model.tables import look_at as look_at_built
from embbench.engines.keras.own_model.twin import change_tables, try_changes
from embbench.engines.keras.workloads._device import Backend, set_up
from embbench.engines.model_file import UNCHANGED
from embbench.engines.own_grown import numbered_group, with_growth
from embbench.engines.own_models import Builder


def look_at(builder: Builder, vocab: int | None) -> FoundModel:
    """See `engines.own_models`."""
    with tempfile.TemporaryDirectory() as folder:
        if keras.backend.backend() == "jax":
            importlib.import_module("embbench.engines.jax.device").reuse_programs(folder)
        return _looked_at(builder, vocab)


def _looked_at(builder: Builder, vocab: int | None) -> FoundModel:
    found = look_at_built(builder(vocab), builder.name, builder.folder)
    found = msgspec.structs.replace(found, changes=try_changes(builder, vocab, found.tables))

    def shapes(rows: int | None) -> dict[str, tuple[int, ...]]:
        program = KerasProgram(builder(rows), builder.name)
        build_weights(program)
        return {each.path: tuple(each.shape) for each in program.model.variables}

    def step_with(rows: int) -> None:
        program = KerasProgram(builder(vocab), builder.name)
        build_weights(program)
        _add_rows(program, found.tables, 1, rows)
        program.run_eagerly()
        program.step()

    return with_growth(found, builder, vocab, shapes, step_with)


def prepare(case: Case, builder: Builder) -> "OwnKerasTrial":
    """Raises UsageError, Unsupported."""
    backend = set_up(case)  # before anything is built
    tables: tuple[FoundTable, ...] = ()
    names: set[str] = set()
    if not builder.sized:
        looked_at = KerasProgram(builder(None), builder.name)
        looked_at.run_eagerly()
        tables = tuple(find_tables(looked_at, builder.folder)[0])
    if case.update != UNCHANGED:
        names = looked_up(KerasProgram(builder.small(case.vocab), builder.name), builder.folder)
    program = KerasProgram(builder(case.vocab), builder.name)
    if not builder.sized:
        build_weights(program)
        _add_rows(program, tables, case.grown, case.vocab)
    if case.update != UNCHANGED:
        change_tables(program, names, keras_change(case.update))
    return OwnKerasTrial(backend, program)


def _add_rows(program: KerasProgram, tables: Sequence[FoundTable], group: int, rows: int) -> None:
    """group: see `numbered_group`. Raises as `add_rows`."""
    names = [each.name for each in numbered_group(tables, group)]
    add_rows(program, [each for each in program.model.variables if each.path in names], rows)


class OwnKerasTrial:
    """See `workloads.own_model.OwnStep`."""

    def __init__(self, backend: Backend, program: KerasProgram) -> None:
        program.rest = None  # a loader with threads of its own ends them
        self._backend, self._program = backend, program
        self._steps = steps_of(program)
        self._before = self._steps.weights()
        self._last: Any = None

    def step(self) -> None:
        self._last = self._steps.step()

    def sync(self) -> None:
        self._backend.sync(self._last)

    def moved(self) -> float:
        now = self._steps.weights()
        return float(any(not np.array_equal(old, new) for old, new in zip(self._before, now, strict=True)))

    def memory(self) -> dict[str, int]:
        return self._backend.memory()

    def describe(self) -> Mapping[str, Any]:
        model = self._program.model
        told = {"model": type(model).__name__, "optimizer": type(model.optimizer).__name__}
        return {**self._backend.settings(), **told, "batches": len(self._program.batches)}
