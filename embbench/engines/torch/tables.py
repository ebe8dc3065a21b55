"""How the gradient reaches a PyTorch table: tables per `update`, and their optimizers."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from embbench.cases.case import Case
from embbench.cases.contender import Unsupported
from embbench.cases.workload import HYPERPARAMETERS, TABLE_TILE, hybrid_shape, initial_tile
from embbench.engines.torch.inside import STATE_NAMES, KeptState, count_of, kept_of

FUSED_ADAGRAD = (2, 12)  # the first torch with a fused Adagrad for CUDA (pytorch#177672)


def release() -> tuple[int, ...]:
    """(major, minor) of PyTorch."""
    return tuple(int(part) for part in torch.__version__.split(".")[:2])


def fill(table: torch.Tensor, seed: int) -> torch.Tensor:
    """Sets a table to its initial values."""
    tile = torch.from_numpy(initial_tile(seed, *table.shape))
    for start in range(0, len(table), TABLE_TILE):
        part = table[start : start + TABLE_TILE]
        part.copy_(tile[: len(part)])
    return table


class TorchTable(nn.Module):
    """A table whose rows all train, or none (`update` none). Subclasses change how the gradient reaches it."""

    def __init__(self, seed: int, rows: int, columns: int, update: str, place: dict[str, Any]) -> None:
        super().__init__()
        self.update = update
        values = fill(torch.empty(rows, columns, **place), seed)
        self.embedding = nn.Embedding.from_pretrained(values, freeze=update == "none", sparse=update == "sparse")

    def optimizers(self, case: Case, dense: list[nn.Parameter]) -> list[torch.optim.Optimizer]:
        """The optimizers of a step: one over everything, or one for the rest and one for the table."""
        if self.update == "none":
            return [make_optimizer(case, dense)]
        if self.update == "sparse":
            return [make_optimizer(case, dense), make_optimizer(case, list(self.parameters()), sparse=True)]
        return [make_optimizer(case, [*self.parameters(), *dense], fused=self.update == "fused")]

    def look_up(self, ids: torch.Tensor) -> torch.Tensor:
        return self.embedding(ids)

    def write_back(self) -> None:
        """Does nothing: the optimizer wrote the table itself."""

    def rows(self, ids: torch.Tensor) -> torch.Tensor:
        return self.embedding.weight[ids]

    def set_rows(self, ids: torch.Tensor, values: torch.Tensor) -> None:
        self.embedding.weight[ids] = values

    def kept(self, name: str, optimizers: Sequence[torch.optim.Optimizer], ids: torch.Tensor) -> KeptState | None:
        """State of rows. name: optimizer, of HYPERPARAMETERS. None for a table without trained rows."""
        return None if self.update == "none" else kept_of(name, optimizers, self.embedding.weight, ids)


class CompactTable(TorchTable):
    """The batch's unique rows become a small dense parameter. The fused optimizer steps it, with the gathered rows of
    the state, and both are written back. A table-sized gradient never exists.
    """

    def __init__(self, seed: int, rows: int, columns: int, update: str, place: dict[str, Any]) -> None:
        super().__init__(seed, rows, columns, "none", place)
        self.small = nn.Parameter(torch.empty(0, columns, **place))
        self.states: dict[str, torch.Tensor] = {}

    def optimizers(self, case: Case, dense: list[nn.Parameter]) -> list[torch.optim.Optimizer]:
        self.optimizer = make_optimizer(case, [self.small], fused=True)
        for name in STATE_NAMES[case.optimizer]:
            self.states[name] = torch.zeros_like(self.embedding.weight)
        if case.optimizer in ("adam", "adamw"):  # they take existing state for complete, including the step count
            self.optimizer.state[self.small]["step"] = torch.zeros((), device=self.small.device)
        return [make_optimizer(case, dense), self.optimizer]

    def look_up(self, ids: torch.Tensor) -> torch.Tensor:
        unique, inverse = torch.unique(ids, return_inverse=True)
        self.unique = unique.long()  # index_copy_ accepts no other type
        kind = self.small.dtype
        self.small.data = self.embedding.weight.index_select(0, self.unique).to(kind)
        for name, state in self.states.items():
            self.optimizer.state[self.small][name] = state.index_select(0, self.unique).to(kind)
        return functional.embedding(inverse, self.small)

    def write_back(self) -> None:
        kind = self.embedding.weight.dtype
        self.embedding.weight.index_copy_(0, self.unique, self.small.data.to(kind))
        for name, state in self.states.items():
            state.index_copy_(0, self.unique, self.optimizer.state[self.small][name].to(kind))

    def kept(self, name: str, optimizers: Sequence[torch.optim.Optimizer], ids: torch.Tensor) -> KeptState:
        states = {told: self.states[own][ids] for own, told in STATE_NAMES[name].items()}
        return KeptState(count_of(name, self.optimizer.state.get(self.small, {})), states)


class OneHotTable(TorchTable):
    """Rows as a product of one-hot vectors with the whole table, as users write it who think of words as one-hot
    encoded. The backward pass is a product with these vectors too, so its dense gradient is written row by row.
    """

    def look_up(self, ids: torch.Tensor) -> torch.Tensor:
        weight = self.embedding.weight
        return functional.one_hot(ids.long(), len(weight)).to(weight.dtype) @ weight


class HybridTable(nn.Module):
    """A large frozen table beside a small trainable table, with concatenated columns. Ids past the small table share
    its last row.
    """

    def __init__(self, case: Case, place: dict[str, Any]) -> None:
        super().__init__()
        rows, self.columns = hybrid_shape(case)
        self.last = rows - 1
        self.frozen = TorchTable(case.seed, case.vocab, case.dim - self.columns, "none", place)
        kind = CompactTable if case.update == "compact" else TorchTable
        self.small = kind(case.seed, rows, self.columns, case.update, place)

    def optimizers(self, case: Case, dense: list[nn.Parameter]) -> list[torch.optim.Optimizer]:
        return self.small.optimizers(case, dense)

    def look_up(self, ids: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.frozen.look_up(ids), self.small.look_up(ids.clamp(max=self.last))], dim=-1)

    def write_back(self) -> None:
        self.small.write_back()

    def rows(self, ids: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.frozen.rows(ids), self.small.rows(ids.clamp(max=self.last))], dim=-1)

    def set_rows(self, ids: torch.Tensor, values: torch.Tensor) -> None:
        self.frozen.set_rows(ids, values[:, : -self.columns])
        self.small.set_rows(ids.clamp(max=self.last), values[:, -self.columns :])

    def kept(self, name: str, optimizers: Sequence[torch.optim.Optimizer], ids: torch.Tensor) -> KeptState | None:
        return self.small.kept(name, optimizers, ids.clamp(max=self.last))


AnyTable = TorchTable | HybridTable


def make_table(case: Case, place: dict[str, Any]) -> AnyTable:
    if case.table == "hybrid":
        return HybridTable(case, place)
    kind = CompactTable if case.update == "compact" else OneHotTable if case.table == "onehot" else TorchTable
    return kind(case.seed, case.vocab, case.dim, case.update, place)


def make_optimizer(
    case: Case, parameters: list[nn.Parameter], fused: bool = False, sparse: bool = False
) -> torch.optim.Optimizer:
    """Raises Unsupported."""
    told = HYPERPARAMETERS[case.optimizer]
    if fused and (case.device, case.optimizer) == ("cuda", "adagrad") and release() < FUSED_ADAGRAD:
        raise Unsupported(f"torch {torch.__version__} has no fused Adagrad for CUDA; torch 2.12 has")
    how: dict[str, Any] = {"fused": True} if fused else {}
    if case.optimizer in ("sgd", "momentum"):
        return torch.optim.SGD(parameters, lr=told.rate, momentum=told.momentum, **how)
    if case.optimizer == "adagrad":
        return torch.optim.Adagrad(parameters, lr=told.rate, eps=told.epsilon, **how)
    betas = (told.beta1, told.beta2)
    if sparse:
        return torch.optim.SparseAdam(parameters, lr=told.rate, betas=betas, eps=told.epsilon)
    if case.optimizer == "adamw":
        return torch.optim.AdamW(
            parameters, lr=told.rate, betas=betas, eps=told.epsilon, weight_decay=told.decay, **how
        )
    return torch.optim.Adam(parameters, lr=told.rate, betas=betas, eps=told.epsilon, **how)
