"""Row-wise Adagrad with sparse gradients for the tables only: one number of state for a row."""

from collections.abc import Mapping

import torch

from embbench.engines.own_edit import Argument, Edit
from embbench.engines.torch.own_model.apart import group_of, lines_apart, lookup_modules, take_out
from embbench.engines.torch.own_model.program import TorchProgram
from embbench.engines.torch.own_model.written import new_file
from embbench.engines.torch.own_model.written.rowwise_adagrad import RowwiseAdagrad

SUMMARY = "sparse=True, row-wise Adagrad"


def apply(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> Edit:
    """See `change.OwnChange`."""
    modules = lookup_modules(program, tables)
    rates = {group_of(program, each.weight)[1]["lr"] for each in modules.values()}
    lines = lines_apart(program, list(modules), f"RowwiseAdagrad(tables, lr={next(iter(rates))})")
    for each in modules.values():
        _, group = group_of(program, each.weight)
        each.sparse = True
        take_out(group, each.weight)
        program.add_optimizer(RowwiseAdagrad([each.weight], lr=group["lr"]))
    return Edit(
        [Argument(each, "sparse=True") for each in modules.values()],
        ["from rowwise_adagrad import RowwiseAdagrad", *lines],
        [new_file("rowwise_adagrad.py")],
        written=bool(lines) and len(rates) == 1,
    )
