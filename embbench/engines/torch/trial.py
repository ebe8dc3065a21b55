"""A network on a PyTorch table, with its steps and readers: shared by its contenders."""

from collections.abc import Callable, Container, Iterable
from typing import Any

import msgspec
import numpy as np
import torch
from torch import nn

from embbench.cases.capabilities import Inside, TablePrograms
from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.cases.workload_axes import NETWORK_OF
from embbench.engines.torch.device import memory, operators, profiled, settings, sync
from embbench.engines.torch.inside import inside_of
from embbench.engines.torch.networks import NETWORKS
from embbench.engines.torch.table_alone import table_programs
from embbench.engines.torch.tables import make_table
from embbench.workloads import workload_of


class TorchTrial:
    """The eager trial. Subclasses make another table, or compile `forward` and `updates`."""

    def __init__(self, case: Case, tokens: Tokens) -> None:
        place = {"device": torch.device(case.device), "dtype": getattr(torch, case.dtype)}
        self.case, self.device = case, place["device"]
        self.table = self.make_table(place)
        self.model = NETWORKS[NETWORK_OF[case.workload]](case, self.table, place)
        self.model.load(case)
        dense = [*self.model.lstm.parameters(), *self.model.head.parameters()]
        self.optimizers = self.table.optimizers(case, dense)
        self.forward: Callable[..., torch.Tensor] = self.model
        self.updates: list[Callable[[], Any]] = [optimizer.step for optimizer in self.optimizers]
        self.ids = torch.from_numpy(tokens.ids.astype(case.ids, copy=False)).to(self.device)
        self.labels = torch.from_numpy(tokens.labels).to(self.device)
        self.steps = 0
        self.last: torch.Tensor | None = None

    def make_table(self, place: dict[str, Any]) -> nn.Module:
        return make_table(self.case, place)

    def step(self) -> None:
        batch = self._next()
        self.train(self.ids[batch], self.labels[batch])

    def train(self, ids: torch.Tensor, labels: torch.Tensor) -> None:
        """Forward pass, backward pass and update on a batch: (B, seq) and its labels."""
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        loss = self.forward(ids, labels)
        loss.backward()
        for update in self.updates:
            update()
        self.table.write_back()
        self.last = loss.detach()

    def parts(self) -> dict[str, Callable[[], None]]:
        """Gradients stay where the backward pass put them. An optimizer skips parameters without gradient, so a part of
        the model is updated alone while the gradients of the other part are hidden.
        """
        dense = [*self.model.lstm.parameters(), *self.model.head.parameters()]
        stepped = {
            each for optimizer in self.optimizers for group in optimizer.param_groups for each in group["params"]
        }
        table = [each for each in self.table.parameters() if each in stepped]
        network = self.compile(self.model.score)

        def look_up(batch: int) -> torch.Tensor:
            with torch.no_grad():
                return self.table.look_up(self.ids[batch])

        def run_network() -> None:
            batch = self._next()
            rows = look_up(batch)
            for each in dense:
                each.grad = None
            network(rows, self.labels[batch]).backward()

        def run_gradients() -> None:
            for optimizer in self.optimizers:
                optimizer.zero_grad()
            batch = self._next()
            self.forward(self.ids[batch], self.labels[batch]).backward()

        def run_update(others: list[nn.Parameter]) -> None:
            held = [each.grad for each in others]
            for each in others:
                each.grad = None
            for update in self.updates:
                update()
            for each, gradient in zip(others, held, strict=True):
                each.grad = gradient

        def update_table() -> None:
            run_update(dense)
            self.table.write_back()

        parts = {
            "lookup": lambda: look_up(self._next()),
            "network": run_network,
            "update_rest": lambda: run_update(table),
        }
        if self.case.table == "frozen":
            return parts
        if table:
            parts["update_table"] = update_table
        if roots := self.roots(table):
            scratch = torch.empty(SCRATCH, dtype=roots[0].dtype)
            parts["square_root"] = lambda: _take_roots(roots, scratch)
        return {**parts, "gradients": run_gradients}

    def table_alone(self) -> TablePrograms | None:
        return table_programs(self)

    def roots(self, table: list[nn.Parameter]) -> list[torch.Tensor]:
        """State whose square root an update takes as a separate operator; [] for a fused update."""
        if self.device.type != "cpu" or self.case.update != "default":
            return []
        states = [optimizer.state.get(each, {}) for optimizer in self.optimizers for each in table]
        return [state[name] for state in states for name in ("exp_avg_sq", "sum") if name in state]

    def profile(self, steps: int) -> dict[str, float]:
        """Only where a part is a single operator."""
        alike = self.case.table == "trainable" and self.case.update in PLAIN
        return profiled(self.step, steps, PROFILED, self.device.type) if alike else {}

    def compile(self, program: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
        """Compiles a program in the same way as the whole forward pass."""
        return program

    def _next(self) -> int:
        """The place of the next batch."""
        self.steps += 1
        return (self.steps - 1) % len(self.ids)

    def sync(self) -> None:
        sync(self.device)

    def loss(self) -> float:
        assert self.last is not None, "no step yet"
        return self.last.item()

    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return self.table.rows(torch.from_numpy(ids).to(self.device)).cpu().numpy()

    def write_rows(self, ids: np.ndarray, values: np.ndarray) -> None:
        with torch.no_grad():
            self.table.set_rows(torch.from_numpy(ids).to(self.device), torch.from_numpy(values).to(self.device))

    def inspect(self, ids: np.ndarray) -> Inside:
        with torch.no_grad():
            rows = torch.from_numpy(ids).to(self.device)
            table = self.table.kept(self.case.optimizer, self.optimizers, rows)
            return inside_of(self.case, self.model, self.optimizers, table)

    def memory(self) -> dict[str, int]:
        return memory(self.device)

    def describe(self) -> dict[str, Any]:
        return {**self.detect(), **settings(self.device)}

    def detect(self) -> dict[str, str]:
        """LSTM kernel and optimizer implementations, from profiles of a twin."""
        trial = self.twin()
        optimizers = (f"{type(each).__name__} {implementation(operators(each.step))}" for each in trial.optimizers)
        return {"lstm": lstm_kernel(operators(trial.step)), "optimizer": ", table: ".join(optimizers)}

    def twin(self) -> "TorchTrial":
        """The same trial on a few rows, after one step: the kernels depend on everything except the vocabulary."""
        small = msgspec.structs.replace(self.case, vocab=min(self.case.vocab, 64))
        ids = np.zeros((1, small.batch, small.seq), dtype=np.int64)
        trial = type(self)(small, Tokens(ids, np.zeros((1, *workload_of(small).label_shape(small)), dtype=np.int64)))
        trial.step()
        return trial


PLAIN = ("default", "fused", "sparse")

# Part of a step -> its events in a profile; '#' precedes the name of an optimizer.
PROFILED = {
    "lookup": ("aten::embedding",),
    "gradient": ("autograd::engine::evaluate_function: EmbeddingBackward0", "Optimizer.zero_grad#"),
    "optimizer": ("Optimizer.step#",),
}

# Operator in a profiled step -> name of the kernel. The first operator that occurs counts.
LSTM_KERNELS = {
    "aten::mkldnn_rnn_layer": "oneDNN",
    "aten::_cudnn_rnn": "cuDNN",
    "aten::_thnn_fused_lstm_cell": "fused cell in a loop",
    "aten::lstm": "loop over time steps",
}


SCRATCH = 1 << 24  # numbers: larger than a cache, and small beside a table


def _take_roots(states: Iterable[torch.Tensor], scratch: torch.Tensor) -> None:
    """Writes into existing memory: page faults have a metric of their own."""
    with torch.no_grad():
        for state in states:
            for part in state.view(-1).split(len(scratch)):
                torch.sqrt(part, out=scratch[: len(part)])


def lstm_kernel(ran: Container[str]) -> str:
    return next((told for name, told in LSTM_KERNELS.items() if name in ran), "unknown")


def implementation(ran: Iterable[str]) -> str:
    if any("_fused_" in name for name in ran):
        return "fused"  # checked first, because a fused optimizer steps its counters with a foreach operator
    return "foreach" if any("_foreach_" in name for name in ran) else "for-loop"
