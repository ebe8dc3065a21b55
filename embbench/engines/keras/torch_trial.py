"""The trial of Keras 3 on PyTorch: its train function, called as `fit` calls it."""

from collections.abc import Callable
from typing import Any

import keras
import msgspec
import numpy as np
import torch
from torch._dynamo.utils import counters

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.keras.trial import KerasTrial
from embbench.engines.torch.device import memory, operators, settings, sync

FEWEST_A_STEP = 10  # operations of an unrolled LSTM cell per time step


class KerasTorchTrial(KerasTrial):
    def __init__(self, case: Case, tokens: Tokens) -> None:
        super().__init__(case, tokens, jit_compile=True if case.update == "jit" else "auto")
        for variable in self.model.optimizer.variables:  # writing allocates their pages
            variable.value.mul_(1)
        # Else the second step compiles again: it has gradients to zero, and the first step has none.
        if self.model.jit_compile:
            for variable in self.model.trainable_variables:
                variable.value.grad = torch.zeros_like(variable.value)
        self.device = torch.device(case.device)
        ids, labels = tokens.ids.astype(np.int32), tokens.labels.astype(np.int32)
        self.ids, self.labels = torch.from_numpy(ids).to(self.device), torch.from_numpy(labels).to(self.device)

    def begin_epoch(self) -> None:
        super().begin_epoch()
        self.model.train()

    def train(self) -> dict[str, torch.Tensor]:
        batch = (self.steps - 1) % len(self.ids)
        return self.model.train_function([(self.ids[batch], self.labels[batch])])

    def parts(self) -> dict[str, Callable[[], None]]:
        """No parts for a compiled step: each part would take minutes to compile."""
        if self.model.jit_compile:
            return {}
        look_up, network = self.halves()
        every = self.model.trainable_variables

        def next_batch() -> tuple[torch.Tensor, torch.Tensor]:
            self.steps += 1
            batch = (self.steps - 1) % len(self.ids)
            return self.ids[batch], self.labels[batch]

        def run_lookup() -> torch.Tensor:
            with torch.no_grad():
                return look_up(next_batch()[0])

        def run_network() -> None:
            ids, labels = next_batch()
            with torch.no_grad():
                rows = look_up(ids)
            network.zero_grad()
            self.model.loss(labels, network(rows, training=True)).backward()

        def run_gradients() -> None:
            ids, labels = next_batch()
            scores = self.model(ids, training=True)
            self.model.zero_grad()  # at this place in Keras's own step
            self.model.loss(labels, scores).backward()

        def run_update() -> None:
            with torch.no_grad():
                self.model.optimizer.apply([each.value.grad for each in every], every)

        return {"lookup": run_lookup, "network": run_network, "gradients": run_gradients, "update": run_update}

    def sync(self) -> None:
        sync(self.device)

    def copy_of(self, variable: keras.Variable) -> np.ndarray:
        return variable.value.detach().cpu().numpy().copy()

    def rows_of(self, variable: keras.Variable, rows: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return variable.value[torch.from_numpy(rows).to(self.device)].cpu().numpy()

    def write_rows(self, ids: np.ndarray, values: np.ndarray) -> None:
        with torch.no_grad():
            for table, rows, part in self.tables_of(ids, values):
                table.value[torch.from_numpy(rows).to(self.device)] = torch.from_numpy(part).to(self.device)

    def memory(self) -> dict[str, int]:
        return memory(self.device)

    def describe(self) -> dict[str, Any]:
        ran = self.compiled() if self.model.jit_compile else _eager(self.case)
        return {**ran, **self.own_settings(), **settings(self.device)}

    def compiled(self) -> dict[str, str]:
        """torch.compile's counts of compiled operations since `prepare`."""
        stats, breaks = counters["stats"], sum(counters["graph_break"].values())
        unrolled = stats["calls_captured"] > FEWEST_A_STEP * self.case.seq  # cuDNN would be a single operation
        return {
            "lstm": "loop over time steps, unrolled by torch.compile" if unrolled else "unknown",
            "torch.compile": f"{stats['unique_graphs']} graphs, {breaks} breaks between them",
        }


def _eager(case: Case) -> dict[str, str]:
    """LSTM, optimizer and gradient, from a profile of one step on a table of a few rows: the operators depend on
    everything except the vocabulary.
    """
    small = msgspec.structs.replace(case, vocab=min(case.vocab, 64))
    ids, labels = np.zeros((1, case.batch, case.seq), np.int64), np.zeros((1, case.batch), np.int64)
    trial = KerasTorchTrial(small, Tokens(ids, labels))
    trial.step()
    ran = operators(trial.step)
    loops = ran.get("aten::sigmoid", 0) >= case.layers * case.seq
    lstm = "cuDNN" if "aten::_cudnn_rnn" in ran else "Python loop over time steps" if loops else "unknown"
    foreach = any("_foreach_" in name for name in ran)
    return {
        "lstm": lstm,
        "torch.compile": "off",
        "updates": "foreach" if foreach else "for-loop",
        "table gradient": next((told for name, told in GRADIENTS.items() if name in ran), "dense, by a product")
        if case.table != "frozen"
        else "none",
    }


# Operator of the backward pass -> how the gradient reached the table.
GRADIENTS = {"aten::embedding_dense_backward": "dense", "aten::embedding_sparse_backward": "sparse"}
