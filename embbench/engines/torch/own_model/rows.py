"""Rows that no batch looks up, added to tables in place before the first step."""

from collections.abc import Sequence

import torch
from torch import nn

from embbench.cases.contender import Unsupported
from embbench.cases.found_table import FoundTable
from embbench.engines.torch.own_model.program import TorchProgram


def add_rows(program: TorchProgram, group: Sequence[FoundTable], rows: int) -> None:
    """Makes tables have `rows` rows. Optimizers keep the Parameter, whose data is replaced, and state that they have
    already; an output layer that shares a table gets the rows too. group: tables with equally many rows. Raises
    Unsupported for fewer rows than they have, and for weights that are no table of rows.
    """
    weights, there = dict(program.model.named_parameters()), group[0].rows
    for each in group:
        if each.name not in weights or len(weights[each.name]) != there:
            what = "a buffer" if each.name not in weights else "the weight of a linear layer"
            raise Unsupported(f"{each.name} is {what}, to which no rows can be added")
    tables = [weights[each.name] for each in group]
    if rows < there:
        raise Unsupported(f"the model's largest table has {there} rows, and rows can only be added")
    for each in tables if rows > there else ():
        _lengthen_state(program, each, rows)
        _lengthen(program.model, each, rows)


def _lengthen_state(program: TorchProgram, table: torch.nn.Parameter, rows: int) -> None:
    """Rows like the first row, for the sums that Adagrad has before its first step."""
    for optimizer in program.optimizers:
        state = getattr(optimizer, "state", {}).get(table, {})
        for name, value in state.items():
            if isinstance(value, torch.Tensor) and value.shape == table.shape:
                state[name] = torch.cat([value, value[:1].expand(rows - len(value), -1)])


def _lengthen(model: nn.Module, table: torch.nn.Parameter, rows: int) -> None:
    more = rows - len(table)
    mean, deviation = float(table.detach().mean()), float(table.detach().std())
    added = torch.empty((more, table.shape[1]), dtype=table.dtype, device=table.device)
    table.data = torch.cat([table.data, added.normal_(mean, deviation)])
    for module in model.modules():
        if getattr(module, "weight", None) is not table:
            continue
        if isinstance(module, nn.Embedding | nn.EmbeddingBag):
            module.num_embeddings = rows
        elif isinstance(module, nn.Linear):
            module.out_features = rows
            if module.bias is not None:
                module.bias.data = torch.cat([module.bias.data, module.bias.data.new_zeros(more)])
