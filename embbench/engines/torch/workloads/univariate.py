"""A forecast from one number per time step, in PyTorch."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation, check
from embbench.engines.torch.device import memory, operators, set_up, settings, sync
from embbench.engines.torch.lstm_arrays import copies, lstm_arrays, put
from embbench.engines.torch.trial import lstm_kernel
from embbench.workloads.univariate import ONE_ROW, RATE, Batched, start


def prepare(case: Case, batches: Batched) -> "TorchUnivariate":
    set_up(case)
    return TorchUnivariate(case, batches)


class Forecast(nn.Module):
    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.lstm, self.head = nn.LSTM(1, hidden, batch_first=True), nn.Linear(hidden, 1)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """(B,)"""
        return self.head(self.lstm(inputs)[0][:, -1])[:, 0]


class TorchUnivariate:
    def __init__(self, case: Case, batches: Batched) -> None:
        self.case, self.device = case, torch.device(case.device)
        self.model = Forecast(case.hidden).to(self.device, getattr(torch, case.dtype))
        self.named = {
            **lstm_arrays(self.model.lstm),
            "head_weight": self.model.head.weight,
            "head_bias": self.model.head.bias,
        }
        put(self.named, start(case), partial=True)
        self.optimizer = torch.optim.SGD(self.model.parameters(), RATE)
        place = {"device": self.device, "dtype": getattr(torch, case.dtype)}
        self.inputs, self.targets = (torch.from_numpy(batches[name]).to(**place) for name in ("inputs", "targets"))
        self.steps, self.last = 0, torch.zeros(())

    def step(self) -> None:
        if self.case.task == "evaluate":
            self.evaluate(self.case.batch)
            return
        batch = self.steps % len(self.inputs)
        self.steps += 1
        self.optimizer.zero_grad()
        loss = functional.mse_loss(self.model(self.inputs[batch]), self.targets[batch])
        loss.backward()
        self.optimizer.step()
        self.last = loss.detach()

    def evaluate(self, size: int) -> float:
        """As a user writes it: batches weighted by their samples, and one number for the host."""
        self.model.eval()
        total = torch.zeros((), device=self.device)
        with torch.inference_mode():
            for inputs, targets in zip(self.inputs[0].split(size), self.targets[0].split(size), strict=True):
                total += functional.mse_loss(self.model(inputs), targets, reduction="sum")
        self.model.train()
        return total.item() / len(self.inputs[0])

    def sync(self) -> None:
        sync(self.device)

    def loss(self) -> float:
        return self.last.item()

    def weights(self) -> dict[str, np.ndarray]:
        return copies(self.named)

    def memory(self) -> dict[str, int]:
        return memory(self.device)

    def describe(self) -> dict[str, Any]:
        size = min(self.case.batch, len(self.inputs[0]))
        ran = operators(lambda: functional.mse_loss(self.model(self.inputs[0][:size]), self.targets[0][:size]))
        return {"lstm": lstm_kernel(ran), **settings(self.device)}

    def further_claims(self) -> Iterator[Claim]:
        refuses = Deviation((), "PyTorch's batch norm refuses a batch of one sample in training")
        yield check(ONE_ROW, lambda: nn.BatchNorm1d(1)(torch.ones(1, 1)).tolist()[0], {ONE_ROW.name: refuses})
