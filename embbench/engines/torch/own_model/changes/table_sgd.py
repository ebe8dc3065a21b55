"""Plain SGD with sparse gradients for the tables only."""

from collections.abc import Mapping

import torch

from embbench.cases.contender import Unsupported
from embbench.engines.torch.own_model.apart import group_of, lookup_modules, take_out
from embbench.engines.torch.own_model.change import Argument
from embbench.engines.torch.own_model.program import TorchProgram

SUMMARY = "sparse=True, SGD for the tables"


def apply(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> list[Argument]:
    """See `change.OwnChange`."""
    for each in lookup_modules(program, tables):
        optimizer, group = group_of(program, each.weight)
        if isinstance(optimizer, torch.optim.SGD):
            raise Unsupported("the tables have SGD already")
        each.sparse = True
        take_out(group, each.weight)
        program.add_optimizer(torch.optim.SGD([each.weight], lr=group["lr"]))
    return []
