"""Plain SGD with sparse gradients for the tables only."""

from collections.abc import Mapping

import torch

from embbench.cases.contender import Unsupported
from embbench.engines.own_edit import Argument, Edit
from embbench.engines.torch.own_model.apart import group_of, lines_apart, lookup_modules, take_out
from embbench.engines.torch.own_model.program import TorchProgram

SUMMARY = "sparse=True, SGD for the tables"


def apply(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> Edit:
    """See `change.OwnChange`."""
    modules = lookup_modules(program, tables)
    rates = {group_of(program, each.weight)[1]["lr"] for each in modules.values()}
    lines = lines_apart(program, list(modules), f"torch.optim.SGD(tables, lr={next(iter(rates))})")
    for each in modules.values():
        optimizer, group = group_of(program, each.weight)
        if isinstance(optimizer, torch.optim.SGD):
            raise Unsupported("the tables have SGD already")
        each.sparse = True
        take_out(group, each.weight)
        program.add_optimizer(torch.optim.SGD([each.weight], lr=group["lr"]))
    arguments = [Argument(each, "sparse=True") for each in modules.values()]
    return Edit(arguments, lines, written=bool(lines) and len(rates) == 1)
