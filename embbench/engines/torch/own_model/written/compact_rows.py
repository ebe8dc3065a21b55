"""An optimizer of the unique rows that a step looks up: these rows become a small dense parameter, which the user's
own optimizer steps with the gathered rows of its state; rows and state are written back.
"""

import inspect
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional


def compact(optimizer: torch.optim.Optimizer, modules: Sequence[nn.Embedding]) -> list[Any]:
    """The optimizer without the tables of the modules, and an optimizer for each table."""
    made: list[Any] = [optimizer]
    for module in modules:
        groups = [group for group in optimizer.param_groups if any(each is module.weight for each in group["params"])]
        for group in groups:
            group["params"] = [each for each in group["params"] if each is not module.weight]
            made.append(CompactOptimizer(module, optimizer, group))
    return made


class CompactOptimizer:
    """state: the table -> name of a state -> a row of it for each row of the table, as other optimizers have it."""

    def __init__(self, module: nn.Embedding, own: torch.optim.Optimizer, group: dict[str, Any]) -> None:
        """module: looks the rows up, and from now on differently. own: the user's optimizer of the table, with the
        settings `group`.
        """
        self._table = module.weight
        self._small = nn.Parameter(module.weight.detach()[:1].clone())
        takes = inspect.signature(type(own)).parameters
        settings = {name: value for name, value in group.items() if name in takes and name != "params"}
        self._own = type(own)([self._small], **settings)
        self._looked_up: list[tuple[torch.Tensor, torch.Tensor]] = []  # (U,) rows, (U, columns) their values
        self.param_groups: list[dict[str, Any]] = [{**group, "params": [self._table]}]
        first = {name: each for name, each in self._own.state[self._small].items() if self._of_rows(each)}
        whole = {name: each.expand(len(self._table), -1).clone() for name, each in first.items()}  # Adagrad's sums
        self.state: dict[torch.Tensor, dict[str, torch.Tensor]] = {self._table: whole}
        self._look_up = module.forward
        module.forward = self._forward

    def _forward(self, ids: torch.Tensor) -> torch.Tensor:
        if not torch.is_grad_enabled():
            return self._look_up(ids)
        rows, places = torch.unique(ids, return_inverse=True)
        values = self._table.detach().index_select(0, rows).requires_grad_()
        self._looked_up.append((rows, values))
        return functional.embedding(places, values)

    def zero_grad(self, set_to_none: bool = True) -> None:
        for _, values in self._looked_up:
            values.grad = None

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        """Steps the rows with a gradient. Raises ValueError where another operation gave the table a gradient."""
        if self._table.grad is not None:
            raise ValueError("the table has a dense gradient besides that of its lookup")
        found = [(rows, values.grad) for rows, values in self._looked_up if values.grad is not None]
        self._looked_up.clear()
        if not found:
            return
        rows, gradient = found[0] if len(found) == 1 else _summed(found)
        self._own.param_groups[0].update({**self.param_groups[0], "params": [self._small]})
        whole, state = self.state[self._table], self._own.state[self._small]
        self._small.data, self._small.grad = self._table.index_select(0, rows), gradient
        for name, each in whole.items():
            state[name] = each.index_select(0, rows)
        self._own.step()
        self._table.index_copy_(0, rows, self._small.data)
        for name, each in state.items():
            if self._of_rows(each):
                if name not in whole:
                    whole[name] = torch.zeros_like(self._table)
                whole[name].index_copy_(0, rows, each)

    def _of_rows(self, state: Any) -> bool:
        return isinstance(state, torch.Tensor) and state.shape == self._small.shape


def _summed(found: list[tuple[torch.Tensor, torch.Tensor]]) -> tuple[torch.Tensor, torch.Tensor]:
    """(the distinct rows of several lookups, the sums of their gradients)."""
    rows, places = torch.unique(torch.cat([each for each, _ in found]), return_inverse=True)
    gradients = torch.cat([each for _, each in found])
    return rows, gradients.new_zeros(len(rows), gradients.shape[1]).index_add_(0, places, gradients)
