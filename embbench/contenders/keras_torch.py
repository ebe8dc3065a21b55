"""Keras 3 on PyTorch: its own layers, optimizers and train function, called as `fit` calls it."""

from collections.abc import Callable
from typing import Any

import keras
import msgspec
import numpy as np
import torch
from torch._dynamo.utils import counters

from embbench.contenders._keras import KerasTrial
from embbench.contenders._torch import forget_compiled, memory, operators, set_up, settings, sync, warm_up_compiler
from embbench.spec.case import Case
from embbench.spec.streams import Tokens

# copies and passes: of the dense gradient, zeroed and scattered into, and of the foreach operators of each optimizer,
# none of which is fused with another. Compiled they are one loop, except SGD's: torch.compile breaks off where these
# read the rate. There the last step's gradient is alive beside the new one (measured).
DECLARES = {
    "summary": "Keras 3 on PyTorch: own layers, optimizers and train function, as fit runs them",
    "packages": ["torch", "keras"],
    "environment": {"KERAS_BACKEND": "torch"},
    "devices": ["cpu", "cuda"],
    "tables": ["frozen", "trainable", "hybrid", "onehot"],
    "epsilon": {"adagrad": "inside", "adam": "uncorrected", "adamw": "uncorrected"},
    "onehot": 16,
    "base": 5.2e8,
    "start": 8.0,
    "changes": {
        "frozen": "layers.Embedding(V, D, trainable=False)",
        "hybrid": "layers.Concatenate()([large(ids), small(ops.minimum(ids, last))]), where only `small` is trainable",
        "jit": "model.compile(..., jit_compile=True)",
    },
    "updates": {
        "default": {
            "sgd": {"semantic": "exact", "copies": 2, "passes": 4},
            "momentum": {"semantic": "dense", "copies": 3, "passes": 9},
            "adagrad": {"semantic": "exact", "copies": 6, "passes": 18},
            "adam": {"semantic": "dense", "copies": 7, "passes": 25},
            "adamw": {"semantic": "dense", "copies": 7, "passes": 27},
        },
        "jit": {  # compiling takes minutes: the LSTM's time steps are unrolled
            "sgd": {"semantic": "exact", "copies": 3, "passes": 4, "start": 100},
            "momentum": {"semantic": "dense", "copies": 4, "passes": 9, "start": 100},
            "adagrad": {"semantic": "exact", "copies": 3, "passes": 6, "start": 100},
            "adam": {"semantic": "dense", "copies": 4, "passes": 8, "start": 100},
            "adamw": {"semantic": "dense", "copies": 4, "passes": 8, "start": 100},
        },
    },
}

FEWEST_A_STEP = 10  # operations of an LSTM cell, one time step, written out


def prepare(case: Case, tokens: Tokens) -> "KerasTorchTrial":
    set_up(case)
    if case.update == "jit":
        warm_up_compiler(case.device)
        forget_compiled()
    return KerasTorchTrial(case, tokens)


class KerasTorchTrial(KerasTrial):
    def __init__(self, case: Case, tokens: Tokens) -> None:
        super().__init__(case, tokens, jit_compile=True if case.update == "jit" else "auto")
        for variable in self.model.optimizer.variables:  # their pages are there once they are written
            variable.value.mul_(1)
        if self.model.jit_compile:  # else what was compiled for no gradients is compiled again when the second step has
            for variable in self.model.trainable_variables:  # some to throw away; these zeros are thrown away too
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
        """None of a compiled step: each would be compiled for minutes."""
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
            self.model.zero_grad()  # where Keras's own step has it
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
        """What torch.compile counted of the operations that it made programs of, since `prepare`."""
        stats, breaks = counters["stats"], sum(counters["graph_break"].values())
        unrolled = stats["calls_captured"] > FEWEST_A_STEP * self.case.seq  # cuDNN would be one
        return {
            "lstm": "loop over time steps, unrolled by torch.compile" if unrolled else "unknown",
            "torch.compile": f"{stats['unique_graphs']} graphs, {breaks} breaks between them",
        }


def _eager(case: Case) -> dict[str, str]:
    """LSTM, optimizer and gradient, read from a profile of one step on a table of a few rows: which operators run
    depends on everything but the vocabulary.
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


# An operator of the backward pass -> how the gradient reached the table.
GRADIENTS = {"aten::embedding_dense_backward": "dense", "aten::embedding_sparse_backward": "sparse"}
