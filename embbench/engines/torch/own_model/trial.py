"""A user's own PyTorch model as a trial: its unmodified step, or its step with a change."""

import gc
from collections.abc import Mapping
from typing import Any

import msgspec
import torch

from embbench.cases.case import Case
from embbench.cases.found_model import FoundModel
from embbench.cases.found_table import FoundTable
from embbench.engines.model_file import UNCHANGED
from embbench.engines.own_grown import numbered_group, with_growth
from embbench.engines.own_models import Builder
from embbench.engines.torch.device import memory, settings, sync
from embbench.engines.torch.own_model.change import change_named
from embbench.engines.torch.own_model.program import TorchProgram
from embbench.engines.torch.own_model.rows import add_rows
from embbench.engines.torch.own_model.tables import find_tables
from embbench.engines.torch.own_model.tables import look_at as look_at_built
from embbench.engines.torch.own_model.twin import try_changes
from embbench.errors import UsageError

SEEN = 1 << 16  # numbers of a weight that show whether steps train


def look_at(builder: Builder, vocab: int | None) -> FoundModel:
    """See `engines.own_models`."""
    found = look_at_built(builder(vocab), builder.name, builder.folder)
    found = msgspec.structs.replace(found, changes=try_changes(builder, vocab, found.tables))

    def shapes(rows: int | None) -> dict[str, tuple[int, ...]]:
        model = TorchProgram(builder(rows), builder.name).model
        return {name: tuple(each.shape) for name, each in model.named_parameters()}

    def step_with(rows: int) -> None:
        program = TorchProgram(builder(vocab), builder.name)
        add_rows(program, numbered_group(found.tables, 1), rows)
        program.step()

    return with_growth(found, builder, vocab, shapes, step_with)


def prepare(case: Case, builder: Builder) -> "OwnTrial":
    """Where the user's function takes no number of rows, rows that no batch looks up are added to the largest table.
    Raises UsageError, Unsupported.
    """
    changed = case.update != UNCHANGED
    tables: list[FoundTable] = []
    if changed or not builder.sized:
        tables = find_tables(TorchProgram(builder.small(case.vocab), builder.name), builder.folder).tables
        gc.collect()  # the optimizer's hooks hold the first model in a circle of references
    program = TorchProgram(builder(case.vocab), builder.name)
    weights = dict(program.model.named_parameters())
    if not builder.sized:
        add_rows(program, numbered_group(tables, case.grown), case.vocab)
    if changed:
        names = [each.name for each in tables if each.lookups]
        change_named(case.update).apply(program, {each: weights[each] for each in names if each in weights})
    return OwnTrial(case, program)


class OwnTrial:
    """See `workloads.own_model.OwnStep`."""

    def __init__(self, case: Case, program: TorchProgram) -> None:
        self._program = program
        weights = list(program.model.parameters())
        found = {each.device.type for each in weights} or {"cpu"}
        if found != {case.device}:
            raise UsageError(
                f"the model is on {' and '.join(sorted(found))}, and the case on {case.device}: build it there, or "
                f"give --device {min(found - {case.device})}"
            )
        program.rest = None  # a loader with processes of its own ends them
        self._device = torch.device(case.device)
        self._before = [_some(each) for each in weights]

    def step(self) -> None:
        self._program.step()

    def sync(self) -> None:
        sync(self._device)

    def moved(self) -> float:
        now = [_some(each) for each in self._program.model.parameters()]
        return float(any(not torch.equal(old, new) for old, new in zip(self._before, now, strict=True)))

    def memory(self) -> dict[str, int]:
        return memory(self._device)

    def describe(self) -> Mapping[str, Any]:
        program = self._program
        optimizers = ", ".join(type(each).__name__ for each in program.optimizers) or "none"
        told = {"model": type(program.model).__name__, "optimizer": optimizers, "batches": len(program.batches)}
        return {**settings(self._device), **told}


def _some(weight: torch.Tensor) -> torch.Tensor:
    """A copy of some numbers of a weight, evenly over it."""
    flat = weight.detach().reshape(-1)
    return flat[:: max(1, len(flat) // SEEN)].clone()
