"""The embedding tables of a user's own PyTorch model, and what a step does with each of them."""

from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import torch
from torch import nn

from embbench.cases.found_model import FoundModel
from embbench.cases.found_table import FoundTable
from embbench.engines.own_because import because
from embbench.engines.own_rows import MORE, WATCHED, RowMoves, all_of, classify, rows_of
from embbench.engines.torch.own_model.data_rows import rows_in_data
from embbench.engines.torch.own_model.moves import Gradient, look, optimizer_of, states_of
from embbench.engines.torch.own_model.operations import TableWatch
from embbench.engines.torch.own_model.parts import parts_of
from embbench.engines.torch.own_model.products import operations_of
from embbench.engines.torch.own_model.program import TorchProgram


class TablesSeen(NamedTuple):
    """tables: the largest first. alike: whether all batches look up the same rows. last: the last watched step."""

    tables: list[FoundTable]
    alike: bool
    last: TableWatch


def look_at(built: Any, name: str, folder: Path) -> FoundModel:
    """See `engines.own_models`."""
    program = TorchProgram(built, name)
    looked = find_tables(program, folder)
    last = program.number
    weights = dict(program.model.named_parameters())
    looked_up = [weights[each.name] for each in looked.tables if each.name in weights and each.lookups]
    return FoundModel(
        framework="torch",
        tables=tuple(_with_data(each, program, last, looked.last) for each in looked.tables),
        changes=(),
        parts=parts_of(program, looked_up, folder) if looked.tables else {},
        batches=len(program.batches),
        addable=True,
        alike=looked.alike,
        notes=tuple(program.notes),
        operations=operations_of(program),
        itemsize=max((each.element_size() for each in program.model.parameters()), default=4),
    )


def _with_data(table: FoundTable, program: TorchProgram, number: int, watch: TableWatch) -> FoundTable:
    """The table with the number of its rows that are in the data. number: of the batch of the watched step."""
    rows = rows_in_data(program, number, watch.ids(table.name))
    return msgspec.structs.replace(table, in_data=None if rows is None else len(rows))


def find_tables(program: TorchProgram, folder: Path) -> TablesSeen:
    """Makes a few steps. folder: of the user's code."""
    weights = {**dict(program.model.named_buffers()), **dict(program.model.named_parameters())}
    gradients = {name: Gradient(each) for name, each in weights.items() if _trains(each)}
    watches: list[TableWatch] = []
    while len(watches) < WATCHED or (len(watches) < MORE and _alike(watches)):
        watches.append(_watched(program, weights, folder, len(watches)))
    names = [name for name, each in weights.items() if _is_table(name, each, watches)]
    turned = {name for each in watches for name in each.turned}
    rows = {name: rows_of([each.ids(name) for each in watches], _shape(weights, name, turned)[0]) for name in names}
    before = {name: look(program.optimizers, weights[name], all_of(rows[name]), None, name in turned) for name in names}
    for name in set(names) & set(gradients):
        gradients[name].keep(before[name].ids, name in turned)
    last = _watched(program, weights, folder, len(watches) - 1)
    found = []
    for name in names:
        gradient = gradients.get(name)
        kept = None if gradient is None else gradient.kept
        after = look(program.optimizers, weights[name], before[name].ids, kept, name in turned)
        moved = classify(rows[name].after(last.ids(name)), before[name], after)
        shape = _shape(weights, name, turned)
        found.append(_found(program, name, weights[name], shape, [*watches, last], gradient, moved))
    for each in gradients.values():
        each.end()
    alike = len(program.batches) == 1 or all(
        np.array_equal(each.ids(name), last.ids(name)) for each in watches for name in names
    )
    return TablesSeen(sorted(found, key=lambda each: -each.size), alike and bool(names), last)


def _shape(weights: Mapping[str, torch.Tensor], name: str, turned: Container[str]) -> tuple[int, int]:
    """(rows, columns)."""
    first, second = weights[name].shape
    return (second, first) if name in turned else (first, second)


def _is_table(name: str, weight: torch.Tensor, watches: list[TableWatch]) -> bool:
    """Whether steps look rows up, or nothing reads a trainable weight that has the shape of a table."""
    if any(name in each.lookups for each in watches):
        return True
    unread = not any(name in each.read for each in watches)
    return unread and _trains(weight) and len(weight) > weight.shape[1]


def _trains(weight: torch.Tensor) -> bool:
    return isinstance(weight, nn.Parameter) and weight.requires_grad and weight.dim() == 2


def _watched(program: TorchProgram, weights: Mapping[str, torch.Tensor], folder: Path, batch: int) -> TableWatch:
    """What a step on a batch does."""
    watch = TableWatch(weights, folder)
    with watch:
        program.step_on(batch)
    return watch


def _alike(watches: list[TableWatch]) -> bool:
    """Whether a table has no rows that earlier steps looked up and the last step did not."""
    first, last = watches[0], watches[-1]
    return any(np.isin(first.ids(name), last.ids(name)).all() for name in last.lookups)


def _found(
    program: TorchProgram,
    name: str,
    weight: torch.Tensor,
    shape: tuple[int, int],
    watches: list[TableWatch],
    gradient: Gradient | None,
    moved: RowMoves,
) -> FoundTable:
    calls = [each for watch in watches for each in watch.lookups[name]]
    operation, where = (calls[0].operation, calls[0].where) if calls else ("", "")
    uses = tuple(dict.fromkeys(use for watch in watches for use in watch.found_uses(name)))
    sparse = gradient.sparse if gradient is not None and gradient.arrived else None
    optimizer = optimizer_of(program.optimizers, weight)
    if gradient is None:
        moved = moved._replace(semantic="frozen") if moved.moves == "none" else moved
    return FoundTable(
        name=name,
        rows=shape[0],
        columns=shape[1],
        size=weight.numel() * weight.element_size(),
        dtype=str(weight.dtype).removeprefix("torch."),
        operation=operation,
        where=where,
        lookups=sum(each.count for each in calls) / len(watches),
        unique=sum(len(watch.ids(name)) for watch in watches) / len(watches),
        trains=gradient is not None,
        sparse_gradient=sparse,
        padding=next((each.padding for each in calls if each.padding is not None), None),
        optimizer=optimizer,
        states={state: tuple(value.shape) for state, value in states_of(program.optimizers, weight).items()},
        uses=uses,
        moves=moved.moves,
        semantic=moved.semantic,
        because=because(moved, uses, sparse, (operation, where), optimizer),
    )
