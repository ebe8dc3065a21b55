"""FSDP2: every parameter is spread over the ranks by rows, and gathered as a whole where a step needs it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor

from embbench.cases.capabilities import Inside
from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.torch.inside import STATE_NAMES, KeptState, count_of
from embbench.engines.torch.lstm_arrays import copies, lstm_arrays
from embbench.engines.torch.ranks.rows import OwnRows, TableInParts, state_of
from embbench.engines.torch.ranks.trial import RankTrial
from embbench.engines.torch.tables import TorchTable, make_optimizer


class GatheredTable(TableInParts, TorchTable):
    """A table that `fully_shard` spreads: between steps, each rank has a part of its rows."""

    def __init__(self, case: Case, place: dict[str, Any]) -> None:
        super().__init__(case.seed, case.vocab, case.dim, case.update, place)
        self.held = OwnRows(case.vocab)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """(B, S, D). `fully_shard` gathers the table around this call, and around no other method."""
        return self.embedding(ids)

    def look_up(self, ids: torch.Tensor) -> torch.Tensor:
        return self(ids)


class GatheredTrial(RankTrial):
    """The table is gathered alone, and the rest at once."""

    def __init__(self, case: Case, tokens: Tokens) -> None:
        super().__init__(case, tokens)
        fully_shard(self.table)
        fully_shard(self.model)
        trained = [each for each in self.model.parameters() if each.requires_grad]
        self.optimizers = [make_optimizer(case, trained, fused=case.update == "fused")]
        self.updates: list[Callable[[], Any]] = [each.step for each in self.optimizers]

    def make_table(self, place: dict[str, Any]) -> nn.Module:
        return GatheredTable(self.case, place)

    def rows_held(self) -> tuple[int, int]:
        """See `capabilities.Sharded`."""
        return self.table.held.first, self.table.held.behind

    def inspect(self, ids: np.ndarray) -> Inside:
        head = self.model.head
        spread = {**lstm_arrays(self.model.lstm), "head_weight": head.weight, "head_bias": head.bias}
        with torch.no_grad():
            weights = {name: _whole(each) for name, each in spread.items()}
            states = {name: self._state_of(each) for name, each in spread.items()}
            table = self.table.kept(self.case.optimizer, self.optimizers, torch.from_numpy(ids).to(self.device))
        steps = (table or states["head_bias"]).steps
        states |= {} if table is None else {"table": table}
        return Inside(steps, copies(weights), {name: copies(each.states) for name, each in states.items()})

    def _state_of(self, parameter: nn.Parameter) -> KeptState:
        name, state = self.case.optimizer, state_of(self.optimizers, parameter)
        states = {
            told: _whole(state[own]) if own in state else torch.zeros(parameter.shape)
            for own, told in STATE_NAMES[name].items()
        }
        return KeptState(count_of(name, state), states)

    def describe(self) -> dict[str, Any]:
        return {**super().describe(), "gathers": "the whole table, in the forward and the backward pass"}


def _whole(array: torch.Tensor) -> torch.Tensor:
    """The array from the parts of all ranks."""
    return array.full_tensor() if isinstance(array, DTensor) else array
