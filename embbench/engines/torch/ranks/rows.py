"""The rows of an array that lie in this rank, as DTensor cuts an array by `Shard(0)`."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.tensor import DTensor, Replicate

from embbench.cases.case import Case
from embbench.cases.contender import Unsupported
from embbench.engines.torch.inside import STATE_NAMES, KeptState, count_of


def need_rows(case: Case) -> None:
    """Raises Unsupported where a rank would have no row: DTensor and FBGEMM look nothing up in an empty part (torch
    2.13, fbgemm-gpu-cpu 1.8).
    """
    if (case.ranks - 1) * math.ceil(case.vocab / case.ranks) >= case.vocab:
        raise Unsupported(f"vocab={case.vocab}: not each of {case.ranks} ranks would have a row; give more --vocab")


class OwnRows:
    """Rows `first` to before `behind` of an array of `rows` rows."""

    def __init__(self, rows: int) -> None:
        size = math.ceil(rows / dist.get_world_size())  # as torch.chunk
        self.first = min(rows, dist.get_rank() * size)
        self.behind = min(rows, self.first + size)

    def mine(self, ids: torch.Tensor) -> torch.Tensor:
        """(R,) bool: which of the ids lie in this rank."""
        return (ids >= self.first) & (ids < self.behind)

    def gathered(self, own: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """(R, D): rows from all ranks. own: (behind - first, D), the part in this rank."""
        mine = self.mine(ids)
        found = own.new_zeros(len(ids), own.shape[1])
        found[mine] = own[ids[mine] - self.first]
        dist.all_reduce(found)
        return found

    def put(self, own: torch.Tensor, ids: torch.Tensor, values: torch.Tensor) -> None:
        """Sets the rows that lie in this rank."""
        mine = self.mine(ids)
        own[ids[mine] - self.first] = values[mine]

    def kept(
        self, name: str, optimizers: Sequence[torch.optim.Optimizer], weight: nn.Parameter, ids: torch.Tensor
    ) -> KeptState:
        """The state of rows of a DTensor, see `inside.kept_of`."""
        state = state_of(optimizers, weight)
        states = {
            told: self._rows_of(state[own], ids) if own in state else local(weight).new_zeros(len(ids), weight.shape[1])
            for own, told in STATE_NAMES[name].items()
        }
        return KeptState(count_of(name, state), states)

    def _rows_of(self, array: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """Rows of a state, which the ranks share or have as a whole each."""
        assert isinstance(array, DTensor)
        own = array.to_local()
        return own[ids] if array.placements == (Replicate(),) else self.gathered(own, ids)


class TableInParts(nn.Module):
    """Reads and writes `embedding.weight`, of which each rank has the rows `held`."""

    update: str
    held: OwnRows
    embedding: nn.Embedding

    def rows(self, ids: torch.Tensor) -> torch.Tensor:
        return self.held.gathered(local(self.embedding.weight), ids)

    def set_rows(self, ids: torch.Tensor, values: torch.Tensor) -> None:
        self.held.put(local(self.embedding.weight), ids, values)

    def kept(self, name: str, optimizers: Sequence[torch.optim.Optimizer], ids: torch.Tensor) -> KeptState | None:
        """See `TorchTable.kept`."""
        return None if self.update == "none" else self.held.kept(name, optimizers, self.embedding.weight, ids)


def local(array: torch.Tensor) -> torch.Tensor:
    """The part of a DTensor that lies in this rank."""
    assert isinstance(array, DTensor)
    return array.to_local()


def state_of(optimizers: Sequence[torch.optim.Optimizer], parameter: nn.Parameter) -> Mapping[str, Any]:
    """The state of a parameter; {} before its first step."""
    return next((each.state[parameter] for each in optimizers if parameter in each.state), {})
