"""Tables with an optimizer of their own: for changes that leave the rest of the step as it is."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from embbench.cases.contender import Unsupported
from embbench.engines.torch.own_model.program import TorchProgram


def lookup_modules(
    program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]
) -> list[nn.Embedding | nn.EmbeddingBag]:
    """The modules that look rows of training tables up with a dense gradient. Raises Unsupported where there is none,
    or where the step has no optimizer that could be replaced.
    """
    modules = [
        each
        for each in program.model.modules()
        if isinstance(each, nn.Embedding | nn.EmbeddingBag)
        and each.weight.requires_grad
        and not each.sparse
        and any(each.weight is table for table in tables.values())
    ]
    if not modules:
        raise Unsupported("no nn.Embedding with a dense gradient looks the rows up")
    if not program.optimizers:
        raise Unsupported("the step has no optimizer that embbench could replace")
    return modules


def group_of(program: TorchProgram, weight: torch.nn.Parameter) -> tuple[Any, dict[str, Any]]:
    """(the optimizer of a weight, its group). Raises Unsupported where no optimizer has the weight."""
    for optimizer in program.optimizers:
        for group in optimizer.param_groups:
            if any(weight is each for each in group["params"]):
                return optimizer, group
    raise Unsupported("no optimizer has the table")


def take_out(group: dict[str, Any], weight: torch.nn.Parameter) -> None:
    """Removes a weight from a group."""
    group["params"] = [each for each in group["params"] if each is not weight]
