"""A small part of each row trains, beside a frozen part: a share of the columns."""

from collections.abc import Mapping

import torch
from torch.nn import functional

from embbench.cases.contender import Unsupported
from embbench.engines.own_changes import SHARE
from embbench.engines.own_edit import Edit
from embbench.engines.torch.own_model.apart import plain_modules
from embbench.engines.torch.own_model.program import TorchProgram

SUMMARY = f"train 1/{SHARE} of the columns, freeze the others"


def apply(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> Edit:
    """See `change.OwnChange`."""
    lines = []
    for name, each in plain_modules(program, tables).items():
        columns = each.weight.shape[1] // SHARE
        if not columns:
            continue
        frozen = each.weight.data[:, columns:].clone()
        each.weight.data = each.weight.data[:, :columns].clone()
        each.register_forward_hook(
            lambda module, given, rows, frozen=frozen: torch.cat([rows, functional.embedding(given[0], frozen)], -1)
        )
        lines += [
            f'table = {{model}}.get_submodule("{name}")',
            f"frozen = table.weight.data[:, {columns}:].clone()",
            f"table.weight.data = table.weight.data[:, :{columns}].clone()",
            "table.register_forward_hook(",
            "    lambda module, given, rows, frozen=frozen: torch.cat([rows, frozen[given[0]]], -1)",
            ")",
        ]
    if not lines:
        raise Unsupported(f"no table has {SHARE} columns or more")
    return Edit(lines=lines)
