"""Row-wise Adagrad: one number of state for a row."""

from collections.abc import Iterable
from typing import Any

import torch

EPSILON = 1e-8


class RowwiseAdagrad(torch.optim.Optimizer):
    """sum += mean of g² over the columns; row -= lr · g / (√sum + EPSILON). Of sparse gradients only."""

    def __init__(self, tables: Iterable[torch.nn.Parameter], lr: float) -> None:
        super().__init__(tables, {"lr": lr})

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
