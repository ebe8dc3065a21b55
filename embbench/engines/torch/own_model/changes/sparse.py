"""Sparse gradients of the tables, and an optimizer that takes them."""

from collections.abc import Mapping
from typing import Any

import torch

from embbench.cases.contender import Unsupported
from embbench.engines.own_edit import Argument, Edit
from embbench.engines.torch.own_model.apart import group_of, lines_apart, lookup_modules, take_out
from embbench.engines.torch.own_model.program import TorchProgram

SUMMARY = "sparse=True, SparseAdam for Adam"


def apply(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> Edit:
    """See `change.OwnChange`. A step without an optimizer, SGD and Adagrad take sparse gradients."""
    modules = lookup_modules(program, tables)
    arguments = [Argument(each, "sparse=True") for each in modules.values()]
    settings = [_settings(program, each.weight) for each in modules.values()]
    for each in modules.values():
        each.sparse = True
    if not any(settings):
        return Edit(arguments)
    first = settings[0] or {}
    told = ", ".join(f"{name}={value}" for name, value in first.items())
    lines = lines_apart(program, list(modules), f"torch.optim.SparseAdam(tables, {told})")
    for each, own in zip(modules.values(), settings, strict=True):
        if own is not None:
            take_out(group_of(program, each.weight)[1], each.weight)
            program.add_optimizer(torch.optim.SparseAdam([each.weight], **own))
    return Edit(arguments, lines, written=bool(lines) and all(each == first for each in settings))


def _settings(program: TorchProgram, weight: torch.nn.Parameter) -> dict[str, Any] | None:
    """The settings of SparseAdam that replaces a weight's Adam; None for another optimizer, or without. Raises
    Unsupported for Adam with decay.
    """
    if not program.optimizers:
        return None
    optimizer, group = group_of(program, weight)
    if not isinstance(optimizer, torch.optim.Adam):
        return None
    if group["weight_decay"]:
        raise Unsupported("SparseAdam has no weight decay")
    return {"lr": group["lr"], "betas": group["betas"], "eps": group["eps"]}
