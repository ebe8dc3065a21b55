"""Sparse gradients of the tables, and an optimizer that takes them."""

from collections.abc import Mapping

import torch

from embbench.cases.contender import Unsupported
from embbench.engines.torch.own_model.apart import group_of, lookup_modules, take_out
from embbench.engines.torch.own_model.change import Argument
from embbench.engines.torch.own_model.program import TorchProgram

SUMMARY = "sparse=True, SparseAdam for Adam"


def apply(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> list[Argument]:
    """See `change.OwnChange`."""
    modules, replaced = lookup_modules(program, tables), False
    for each in modules:
        each.sparse = True
        replaced |= _give_sparse_adam(program, each.weight)
    return [] if replaced else [Argument(each, "sparse=True") for each in modules]


def _give_sparse_adam(program: TorchProgram, weight: torch.nn.Parameter) -> bool:
    """Moves a weight of Adam without decay to SparseAdam, and says so. SGD and Adagrad take sparse gradients."""
    optimizer, group = group_of(program, weight)
    if not isinstance(optimizer, torch.optim.Adam):
        return False
    if group["weight_decay"]:
        raise Unsupported("SparseAdam has no weight decay")
    take_out(group, weight)
    program.add_optimizer(torch.optim.SparseAdam([weight], lr=group["lr"], betas=group["betas"], eps=group["eps"]))
    return True
