"""Rows of a PyTorch weight, of its optimizer state and of its gradient, as arrays."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from embbench.engines.own_rows import RowsSeen


class Gradient:
    """The gradient of a weight, as backward passes leave it. arrived: whether there was one. sparse: whether the last
    one was sparse.
    """

    def __init__(self, weight: torch.nn.Parameter) -> None:
        self.arrived, self.sparse = False, False
        self._kept: torch.Tensor | None = None
        self._turned = False
        self._ids: torch.Tensor | None = None
        self._handle = weight.register_post_accumulate_grad_hook(self._saw)

    def keep(self, ids: np.ndarray, turned: bool) -> None:
        """Keeps rows of the next gradients. turned: columns instead."""
        self._ids, self._turned = torch.from_numpy(ids), turned

    @property
    def kept(self) -> np.ndarray | None:
        """(R, columns) the rows that were to be kept; None if no gradient came."""
        return None if self._kept is None else _array(self._kept)

    def _saw(self, weight: torch.Tensor) -> None:
        grad = weight.grad
        if grad is None:
            return
        self.arrived, self.sparse = True, grad.is_sparse
        if self._ids is not None:
            ids = self._ids.to(grad.device)
            self._kept = _rows(grad, ids, self._turned).clone()

    def end(self) -> None:
        self._handle.remove()


def states_of(optimizers: Sequence[Any], weight: torch.Tensor) -> Mapping[str, torch.Tensor]:
    """Name -> state of a weight that has a value or a row of values for each row of the weight."""
    for each in optimizers:
        found = getattr(each, "state", {}).get(weight, {})
        if found:
            tensors = {name: value for name, value in found.items() if isinstance(value, torch.Tensor)}
            return {name: value for name, value in tensors.items() if value.dim() and len(value) == len(weight)}
    return {}


def optimizer_of(optimizers: Sequence[Any], weight: torch.Tensor) -> str:
    """The class of the optimizer that has the weight; '' without."""
    for each in optimizers:
        groups = getattr(each, "param_groups", [])
        if any(weight is parameter for group in groups for parameter in group["params"]):
            return type(each).__name__
    return ""


def look(
    optimizers: Sequence[Any], weight: torch.Tensor, ids: np.ndarray, gradient: np.ndarray | None, turned: bool
) -> RowsSeen:
    """A copy of rows. ids: sorted. turned: of columns, as rows."""
    at = torch.from_numpy(ids).to(weight.device)
    states = {
        name: _array(_rows(value, at, turned))
        for name, value in states_of(optimizers, weight).items()
        if not turned or value.shape == weight.shape
    }
    return RowsSeen(ids, _array(_rows(weight, at, turned)), states, gradient)


def _rows(value: torch.Tensor, ids: torch.Tensor, turned: bool) -> torch.Tensor:
    """Rows of a dense or a sparse tensor, dense: the momentum of a sparse gradient is sparse. turned: columns, as
    rows.
    """
    if turned:
        return value.detach().index_select(1, ids).T
    found = value.detach().index_select(0, ids)
    return found.to_dense() if found.is_sparse else found


def _array(tensor: torch.Tensor) -> np.ndarray:
    """A copy of a tensor; NumPy has no bfloat16."""
    wide = tensor.float() if tensor.dtype in (torch.bfloat16, torch.float16) else tensor
    return wide.cpu().numpy().copy()
