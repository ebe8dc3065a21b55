"""Batch norm and layer norm in PyTorch, at its defaults."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation
from embbench.cases.workload import CLASSES
from embbench.engines.torch.device import memory, operators, set_up, settings, sync
from embbench.engines.torch.lstm_arrays import copies, lstm_arrays, put
from embbench.engines.torch.trial import lstm_kernel
from embbench.workloads import ByName
from embbench.workloads._normalization_expected import LEARNING_RATE
from embbench.workloads._normalization_network import Convention
from embbench.workloads.normalization import CATEGORIES, COLUMNS, norm_width, start
from embbench.workloads.univariate import ONE_ROW

CONVENTION = Convention(epsilon=1e-5, kept=0.9, unbiased=True, layer_epsilon=1e-5)

REFUSES = "PyTorch's batch norm refuses a batch of one sample in training"


def prepare(case: Case, drawn: dict[str, np.ndarray]) -> "TorchNormalization":
    set_up(case)
    return TorchNormalization(case, drawn)


class NormedNetwork(nn.Module):
    def __init__(self, case: Case) -> None:
        super().__init__()
        self.place, width = case.norm, norm_width(case)
        self.lstm = nn.LSTM(COLUMNS, case.hidden, batch_first=True)
        self.dense, self.head = nn.Linear(case.hidden + CATEGORIES, case.hidden), nn.Linear(case.hidden, CLASSES)
        if self.place != "off":
            self.norm = nn.LayerNorm(width) if self.place == "layer_after" else nn.BatchNorm1d(width)

    def forward(self, inputs: torch.Tensor, onehots: torch.Tensor) -> torch.Tensor:
        last = self.lstm(inputs)[0][:, -1]
        if self.place == "batch_before":
            last = self.norm(last)
        joined = torch.cat([last, onehots], 1)
        if self.place in ("batch_after", "layer_after"):
            joined = self.norm(joined)
        dense = self.dense(joined)
        if self.place == "batch_dense":
            dense = self.norm(dense)
        return self.head(dense.relu())

    def arrays(self) -> dict[str, torch.Tensor]:
        """By the names of `normalization.start`."""
        found = {
            **lstm_arrays(self.lstm),
            "dense_weight": self.dense.weight,
            "dense_bias": self.dense.bias,
            "head_weight": self.head.weight,
            "head_bias": self.head.bias,
        }
        if self.place != "off":
            found |= {"norm_scale": self.norm.weight, "norm_shift": self.norm.bias}
        if self.place not in ("off", "layer_after"):
            found |= {"norm_mean": self.norm.running_mean, "norm_variance": self.norm.running_var}
        return found


class TorchNorm:
    """A norm alone."""

    def __init__(self, layer: nn.Module, device: torch.device) -> None:
        self.layer, self.device = layer.to(device), device

    def _run(self, rows: np.ndarray, training: bool) -> np.ndarray:
        with torch.no_grad():
            return self.layer.train(training)(torch.from_numpy(rows).to(self.device)).cpu().numpy()

    def train(self, rows: np.ndarray) -> np.ndarray:
        return self._run(rows, training=True)

    def predict(self, rows: np.ndarray) -> np.ndarray:
        return self._run(rows, training=False)

    def moving(self) -> ByName:
        return {
            "norm_mean": self.layer.running_mean.cpu().numpy(),
            "norm_variance": self.layer.running_var.cpu().numpy(),
        }


class TorchNormalization:
    convention = CONVENTION

    def __init__(self, case: Case, drawn: dict[str, np.ndarray]) -> None:
        self.device = torch.device(case.device)
        self.model = NormedNetwork(case).to(self.device)
        self.named = self.model.arrays()
        self.optimizer = torch.optim.SGD(self.model.parameters(), LEARNING_RATE)
        self.inputs, self.onehots, self.labels = (
            torch.from_numpy(drawn[name]).to(self.device) for name in ("inputs", "onehots", "labels")
        )
        self.steps, self.recent = 0, torch.zeros(())
        self.restart(start(case, 2))

    def restart(self, weights: ByName, rate: float = LEARNING_RATE) -> None:
        self.optimizer.param_groups[0]["lr"] = rate
        put(self.named, weights)

    def step(self) -> None:
        batch = self.steps % len(self.inputs)
        self.steps += 1
        self.optimizer.zero_grad()
        loss = functional.cross_entropy(self.model(self.inputs[batch], self.onehots[batch]), self.labels[batch])
        loss.backward()
        self.optimizer.step()
        self.recent = loss.detach()

    def sync(self) -> None:
        sync(self.device)

    def memory(self) -> dict[str, int]:
        return memory(self.device)

    def describe(self) -> dict[str, Any]:
        self.model.eval()
        ran = operators(lambda: self.model(self.inputs[0], self.onehots[0]))
        self.model.train()
        return {"lstm": lstm_kernel(ran), **settings(self.device)}

    def loss(self) -> float:
        return self.recent.item()

    def weights(self) -> ByName:
        return copies(self.named)

    def scores(self, inputs: np.ndarray, onehots: np.ndarray) -> np.ndarray:
        self.model.eval()
        with torch.inference_mode():
            found = self.model(torch.from_numpy(inputs).to(self.device), torch.from_numpy(onehots).to(self.device))
        self.model.train()
        return found.cpu().numpy()

    def layer(self, kind: str, columns: int, kept: float | None = None) -> TorchNorm:
        if kind == "layer":
            return TorchNorm(nn.LayerNorm(columns), self.device)
        how = {} if kept is None else {"momentum": 1 - kept}
        return TorchNorm(nn.BatchNorm1d(columns, **how), self.device)

    def known(self) -> dict[str, Deviation]:
        return {ONE_ROW.name: Deviation((), REFUSES)}

    def further_claims(self) -> Iterator[Claim]:
        return iter(())
