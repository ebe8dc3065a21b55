"""PyTorch tables in bfloat16, with everything else in float32: a class per `update`, and their trial."""

import functools
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from embbench.cases.case import Case
from embbench.engines.torch.inside import KeptState, kept_of
from embbench.engines.torch.tables import CompactTable, TorchTable, make_optimizer
from embbench.engines.torch.trial import TorchTrial


class HalfTable(TorchTable):
    """An nn.Embedding in bfloat16. A lookup widens the rows, so gradient and optimizer state are bfloat16 too."""

    def __init__(self, seed: int, rows: int, columns: int, update: str, place: dict[str, Any]) -> None:
        super().__init__(seed, rows, columns, update, {**place, "dtype": torch.bfloat16})

    def optimizers(self, case: Case, dense: list[nn.Parameter]) -> list[torch.optim.Optimizer]:
        # Fused Adam and Adagrad compute in float32 and round once. SGD is not fused: fused SGD leaves the part of a
        # bfloat16 table on a CPU that fills a vector register unchanged (pytorch#191763, in 2.12 and 2.13).
        return [make_optimizer(case, [self.embedding.weight, *dense], fused=case.optimizer != "sgd")]

    def look_up(self, ids: torch.Tensor) -> torch.Tensor:
        return self.embedding(ids).float()

    def rows(self, ids: torch.Tensor) -> torch.Tensor:
        return self.embedding.weight[ids].float()

    def set_rows(self, ids: torch.Tensor, values: torch.Tensor) -> None:
        self.embedding.weight[ids] = values.to(torch.bfloat16)

    def kept(self, name: str, optimizers: Sequence[torch.optim.Optimizer], ids: torch.Tensor) -> KeptState:
        return _widened(kept_of(name, optimizers, self.embedding.weight, ids))


class MasterTable(HalfTable):
    """The same with a float32 copy, which the optimizer moves. The table is the rounded copy."""

    def __init__(self, seed: int, rows: int, columns: int, update: str, place: dict[str, Any]) -> None:
        super().__init__(seed, rows, columns, update, place)
        self.master = nn.Parameter(self.embedding.weight.detach().float())
        # A hook that held the table would be a reference cycle through C++, which is never collected: both would stay.
        self.embedding.weight.register_post_accumulate_grad_hook(functools.partial(_pass_on, weakref.ref(self)))

    def optimizers(self, case: Case, dense: list[nn.Parameter]) -> list[torch.optim.Optimizer]:
        return [make_optimizer(case, [self.master, *dense], fused=True)]

    def write_back(self) -> None:
        self.embedding.weight.data.copy_(self.master.data)

    def set_rows(self, ids: torch.Tensor, values: torch.Tensor) -> None:
        super().set_rows(ids, values)
        self.master[ids] = values

    def kept(self, name: str, optimizers: Sequence[torch.optim.Optimizer], ids: torch.Tensor) -> KeptState:
        kept = kept_of(name, optimizers, self.master, ids)
        return KeptState(kept.steps, {**kept.states, "master": self.master[ids]})


def _pass_on(table: Callable[[], MasterTable | None], weight: torch.Tensor) -> None:
    """Passes the gradient on to the master copy as soon as it exists."""
    if (there := table()) is not None:
        there.master.grad = weight.grad.float()
        weight.grad = None


class CompactHalfTable(CompactTable):
    """The batch's unique rows, widened, become a small float32 parameter, and so do their states. Both are rounded when
    they are written back.
    """

    def __init__(self, seed: int, rows: int, columns: int, update: str, place: dict[str, Any]) -> None:
        super().__init__(seed, rows, columns, update, {**place, "dtype": torch.bfloat16})
        self.small = nn.Parameter(torch.empty(0, columns, **place))

    def rows(self, ids: torch.Tensor) -> torch.Tensor:
        return self.embedding.weight[ids].float()

    def set_rows(self, ids: torch.Tensor, values: torch.Tensor) -> None:
        self.embedding.weight[ids] = values.to(torch.bfloat16)

    def kept(self, name: str, optimizers: Sequence[torch.optim.Optimizer], ids: torch.Tensor) -> KeptState:
        return _widened(super().kept(name, optimizers, ids))


def _widened(kept: KeptState) -> KeptState:
    return KeptState(kept.steps, {name: state.float() for name, state in kept.states.items()})


TABLES = {"bfloat16": HalfTable, "bfloat16_master": MasterTable, "compact_bfloat16": CompactHalfTable}


class HalvesTrial(TorchTrial):
    """The trial of an `update` of TABLES."""

    def make_table(self, place: dict[str, Any]) -> nn.Module:
        case = self.case
        return TABLES[case.update](case.seed, case.vocab, case.dim, case.update, place)
