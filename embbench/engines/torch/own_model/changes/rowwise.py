"""Row-wise Adagrad with sparse gradients for the tables only: one number of state for a row."""

from collections.abc import Mapping
from typing import Any

import torch

from embbench.engines.torch.own_model.apart import group_of, lookup_modules, take_out
from embbench.engines.torch.own_model.change import MORE, Edit
from embbench.engines.torch.own_model.program import TorchProgram

SUMMARY = "sparse=True, row-wise Adagrad"
EPSILON = 1e-8


def apply(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> Edit:
    """See `change.OwnChange`."""
    for each in lookup_modules(program, tables).values():
        _, group = group_of(program, each.weight)
        each.sparse = True
        take_out(group, each.weight)
        program.add_optimizer(RowwiseAdagrad([each.weight], {"lr": group["lr"]}))
    return MORE


class RowwiseAdagrad(torch.optim.Optimizer):
    """sum += mean of g² over the columns; row -= lr · g / (√sum + EPSILON). Of sparse gradients only."""

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                gradient = weight.grad.coalesce()
                rows, values = gradient.indices()[0], gradient.values()
                if "sum" not in self.state[weight]:
                    self.state[weight]["sum"] = torch.zeros(len(weight), 1, dtype=weight.dtype, device=weight.device)
                total = self.state[weight]["sum"]
                total[rows] += values.pow(2).mean(1, keepdim=True)
                weight[rows] -= group["lr"] * values / (total[rows].sqrt() + EPSILON)
