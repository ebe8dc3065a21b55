"""A table whose rows are spread over the ranks as a DTensor, as RowwiseParallel lays it out."""

from collections.abc import Callable
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import DTensor, Shard
from torch.distributed.tensor.parallel import RowwiseParallel, parallelize_module

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.torch.ranks.fill import fill_rows
from embbench.engines.torch.ranks.group import sum_over_ranks
from embbench.engines.torch.ranks.rows import OwnRows, TableInParts, need_rows
from embbench.engines.torch.ranks.trial import RankTrial
from embbench.engines.torch.tables import make_optimizer


class ShardedTable(TableInParts):
    """A part of the rows in each rank. Their gradient reaches them from the batches of all ranks."""

    def __init__(self, case: Case, place: dict[str, Any]) -> None:
        super().__init__()
        self.update, self.held = case.update, OwnRows(case.vocab)
        own = torch.empty(self.held.behind - self.held.first, case.dim, **place)
        fill_rows(own, case, self.held.first)
        mesh = init_device_mesh(case.device, (case.ranks,))
        shape = torch.Size((case.vocab, case.dim))
        whole = DTensor.from_local(own, mesh, [Shard(0)], run_check=False, shape=shape, stride=(case.dim, 1))
        embedding = nn.Embedding(case.vocab, case.dim, device="meta")
        embedding.weight = nn.Parameter(whole, requires_grad=case.update != "none")
        # Each rank has other ids. With the default, Replicate(), ranks would take them for the same ids: no error, and
        # wrong rows.
        plan = RowwiseParallel(input_layouts=Shard(0), output_layouts=Shard(0))
        self.embedding = parallelize_module(embedding, mesh, plan)

    def optimizers(self, case: Case, dense: list[nn.Parameter]) -> list[torch.optim.Optimizer]:
        """Two: no foreach or fused optimizer takes DTensors beside plain tensors."""
        fused = self.update == "fused"
        table = [] if self.update == "none" else [make_optimizer(case, list(self.parameters()), fused=fused)]
        return [make_optimizer(case, dense, fused=fused), *table]

    def look_up(self, ids: torch.Tensor) -> torch.Tensor:
        return self.embedding(ids)

    def write_back(self) -> None:
        """Does nothing: the optimizer wrote the table itself."""


class ShardedTrial(RankTrial):
    def __init__(self, case: Case, tokens: Tokens) -> None:
        need_rows(case)
        super().__init__(case, tokens)
        self.dense = [*self.model.lstm.parameters(), *self.model.head.parameters()]
        self.forward: Callable[..., torch.Tensor] = self._share_of_loss
        self.updates.insert(0, self._sum_gradients)

    def make_table(self, place: dict[str, Any]) -> nn.Module:
        return ShardedTable(self.case, place)

    def rows_held(self) -> tuple[int, int]:
        """See `capabilities.Sharded`."""
        return self.table.held.first, self.table.held.behind

    def loss(self) -> float:
        """The sum of the shares, see `_share_of_loss`."""
        assert self.last is not None, "no step yet"
        return sum_over_ranks(self.last)

    def _share_of_loss(self, ids: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """This rank's part of the mean over the whole batch, so that gradients are sums over the ranks."""
        return self.model(ids, labels) / self.case.ranks

    def _sum_gradients(self) -> None:
        """The gradients of all but the table, whose gradient the backward pass has summed."""
        pending = [dist.all_reduce(each.grad, async_op=True) for each in self.dense]
        for each in pending:
            each.wait()
