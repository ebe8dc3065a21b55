"""Sparse gradients of the tables, and an optimizer that takes them."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from embbench.cases.contender import Unsupported
from embbench.engines.torch.own_model.program import TorchProgram

SUMMARY = "sparse gradients: nn.Embedding(..., sparse=True), with SparseAdam in place of Adam"


def apply(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> None:
    """See `change.OwnChange`."""
    modules = [
        each
        for each in program.model.modules()
        if isinstance(each, nn.Embedding | nn.EmbeddingBag) and each.weight.requires_grad and not each.sparse
        and any(each.weight is table for table in tables.values())
    ]  # fmt: skip
    if not modules:
        raise Unsupported("no nn.Embedding with a dense gradient looks the rows up")
    if not program.optimizers:
        raise Unsupported("the step has no optimizer that embbench could replace")
    for each in modules:
        each.sparse = True
        _give_sparse_optimizer(program, each.weight)


def _give_sparse_optimizer(program: TorchProgram, weight: torch.nn.Parameter) -> None:
    """Moves a weight of Adam or AdamW without decay to SparseAdam. SGD and Adagrad take sparse gradients."""
    for optimizer in program.optimizers:
        for group in optimizer.param_groups:
            if not any(weight is each for each in group["params"]):
                continue
            if not isinstance(optimizer, torch.optim.Adam):
                return
            if group["weight_decay"]:
                raise Unsupported("SparseAdam has no weight decay")
            group["params"] = [each for each in group["params"] if each is not weight]
            settings: dict[str, Any] = {name: group[name] for name in ("lr", "betas", "eps")}
            program.add_optimizer(torch.optim.SparseAdam([weight], **settings))
            return
