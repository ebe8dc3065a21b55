"""A PyTorch table with its optimizer state beside its rows: one gather and one scatter, instead of one per array."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from embbench.cases.case import Case
from embbench.cases.contender import Unsupported
from embbench.engines.torch.inside import STATE_NAMES, KeptState, count_of
from embbench.engines.torch.tables import CompactTable, fill, make_optimizer
from embbench.engines.torch.trial import TorchTrial

UPDATE = "compact_beside"


class BesideTable(CompactTable):
    """Like CompactTable. whole: (V, (1 + states)·D), each row followed by its states. There is no separate table."""

    def __init__(self, seed: int, rows: int, columns: int, update: str, place: dict[str, Any]) -> None:
        nn.Module.__init__(self)  # CompactTable's would make its own table, beside the whole table for a while
        self.update, self.seed, self.shape, self.place = update, seed, (rows, columns), place
        self.columns = columns
        self.small = nn.Parameter(torch.empty(0, columns, **place))

    def optimizers(self, case: Case, dense: list[nn.Parameter]) -> list[torch.optim.Optimizer]:
        self.names = list(STATE_NAMES[case.optimizer])
        rows, columns = self.shape
        self.whole = torch.zeros(rows, (1 + len(self.names)) * columns, **self.place)
        fill(self.whole[:, :columns], self.seed)
        self.optimizer = make_optimizer(case, [self.small], fused=True)
        if case.optimizer in ("adam", "adamw"):
            self.optimizer.state[self.small]["step"] = torch.zeros((), device=self.whole.device)
        return [make_optimizer(case, dense), self.optimizer]

    def look_up(self, ids: torch.Tensor) -> torch.Tensor:
        unique, inverse = torch.unique(ids, return_inverse=True)
        self.unique = unique.long()
        values, *states = self.whole.index_select(0, self.unique).split(self.columns, dim=1)
        self.small.data = values.contiguous()  # the fused optimizer needs contiguous memory
        for name, state in zip(self.names, states, strict=True):
            self.optimizer.state[self.small][name] = state.contiguous()
        return functional.embedding(inverse, self.small)

    def write_back(self) -> None:
        states = [self.optimizer.state[self.small][name] for name in self.names]
        self.whole.index_copy_(0, self.unique, torch.cat([self.small.data, *states], dim=1))

    def rows(self, ids: torch.Tensor) -> torch.Tensor:
        return self.whole[ids, : self.columns]

    def set_rows(self, ids: torch.Tensor, values: torch.Tensor) -> None:
        self.whole[ids, : self.columns] = values

    def kept(self, name: str, optimizers: Sequence[torch.optim.Optimizer], ids: torch.Tensor) -> KeptState:
        parts = self.whole[ids].split(self.columns, dim=1)[1:]
        states = dict(zip(STATE_NAMES[name].values(), parts, strict=True))
        return KeptState(count_of(name, self.optimizer.state.get(self.small, {})), states)


class BesideTrial(TorchTrial):
    """The trial of UPDATE."""

    def make_table(self, place: dict[str, Any]) -> BesideTable:
        case = self.case
        if case.table != "trainable":
            raise Unsupported(f"update={UPDATE} has --table trainable only")
        return BesideTable(case.seed, case.vocab, case.dim, case.update, place)
