"""A layer per time step in PyTorch: on all time steps at once, in a Python loop with a stack, or in a torch.vmap."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation, check
from embbench.cases.workload import CLASSES
from embbench.engines.torch.device import memory, operators, set_up, settings, sync
from embbench.engines.torch.trial import lstm_kernel
from embbench.workloads import ByName
from embbench.workloads._timedistributed_expected import (
    BATCH,
    BATCH_NORM,
    COLUMNS,
    COUNTED,
    DROPOUT,
    EPSILON,
    FILTERS,
    FLAT,
    FRAMES,
    HALF,
    KERNEL,
    LEARNING_RATE,
    MAP,
    MOMENTUM,
    SAME_LAYERS,
    SAMPLES,
    SHAPE,
    SIDE,
    UPDATES,
    WITH_FRONT,
    Applied,
    masks,
    moving,
    normed,
)
from embbench.workloads.timedistributed import start

CHOICES = {"per_step": ["flat", "wrapped", "mapped", "flat_conv", "wrapped_conv"]}

# Seen with PyTorch 2.13.
REFUSED = "torch.vmap refuses batch norm in training, because its running statistics are changed in place"
RANDOM = "torch.vmap refuses dropout, unless it is called with randomness='different' or 'same'"


def prepare(case: Case, drawn: dict[str, np.ndarray]) -> "TorchPerStep":
    set_up(case)
    return TorchPerStep(case, drawn)


def per_step(layer: Callable[[torch.Tensor], torch.Tensor], inputs: torch.Tensor, way: str) -> torch.Tensor:
    """The layer on each time step. inputs: (B, T, ...)."""
    if way.startswith("wrapped"):
        return torch.stack([layer(each) for each in inputs.unbind(1)], 1)
    if way == MAP:
        return torch.vmap(layer, in_dims=1, out_dims=1)(inputs)
    return layer(inputs.flatten(0, 1)).unflatten(0, inputs.shape[:2])


class PerStepNetwork(nn.Module):
    """A front where the way has one, an LSTM and a head. weights: as `timedistributed.start` names them."""

    def __init__(self, way: str, weights: ByName) -> None:
        super().__init__()
        self.way, self.calls = way, 0
        width, hidden = weights["w_input0"].shape[1], weights["w_recurrent0"].shape[1]
        if way in WITH_FRONT:
            convolution = nn.Conv2d(1, FILTERS, KERNEL)
            self.front = nn.Sequential(convolution, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.lstm, self.head = nn.LSTM(width, hidden, batch_first=True), nn.Linear(hidden, CLASSES)
        self.head.register_forward_hook(self._count)
        with torch.no_grad():
            for name, array in self.arrays():
                array.copy_(torch.from_numpy(weights[name]).reshape(array.shape))

    def _count(self, *_: Any) -> None:
        self.calls += 1

    def arrays(self) -> Iterator[tuple[str, torch.Tensor]]:
        yield from zip(("w_input0", "w_recurrent0", "bias0", "second_bias0"), self.lstm.parameters(), strict=True)
        yield from zip(("head_weight", "head_bias"), self.head.parameters(), strict=True)
        if self.way in WITH_FRONT:
            yield from zip(("conv_weight", "conv_bias"), self.front.parameters(), strict=True)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """(B, T, CLASSES)"""
        if self.way in WITH_FRONT:
            inputs = per_step(self.front, inputs.unflatten(2, (1, SIDE, SIDE)), self.way)
        hidden = self.lstm(inputs)[0]
        return self.head(hidden) if self.way in (FLAT, *WITH_FRONT) else per_step(self.head, hidden, self.way)

    def loss(self, inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(self(inputs).flatten(0, 1), labels.flatten())


def make_layer(name: str, width: int) -> nn.Module:
    """In training."""
    torch.manual_seed(0)
    return {
        "dense": lambda: nn.Linear(width, CLASSES),
        "convolution": lambda: nn.Conv2d(1, FILTERS, KERNEL),
        "layer normalization": lambda: nn.LayerNorm(width),
        BATCH_NORM: lambda: nn.BatchNorm1d(width, EPSILON, 1 - MOMENTUM),
        DROPOUT: lambda: nn.Dropout(HALF),
    }[name]()


class TorchPerStep:
    def __init__(self, case: Case, drawn: dict[str, np.ndarray]) -> None:
        self.case, self.device = case, torch.device(case.device)
        self.model = PerStepNetwork(case.per_step, start(case, 2)).to(self.device)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=LEARNING_RATE)
        placed = [torch.from_numpy(drawn[name]).to(self.device) for name in ("inputs", "labels")]
        self.batches = list(zip(*placed, strict=True))
        self.steps, self.recent = 0, torch.zeros(())

    def step(self) -> None:
        inputs, labels = self.batches[self.steps % len(self.batches)]
        self.steps += 1
        self.optimizer.zero_grad()
        loss = self.model.loss(inputs, labels)
        loss.backward()
        self.optimizer.step()
        self.recent = loss.detach()

    def sync(self) -> None:
        sync(self.device)

    def memory(self) -> dict[str, int]:
        return memory(self.device)

    def describe(self) -> dict[str, Any]:
        return {"lstm": lstm_kernel(operators(lambda: self.model.loss(*self.batches[0]))), **settings(self.device)}

    def loss(self) -> float:
        return self.recent.item()

    def weights(self) -> ByName:
        found = {name: array.detach().cpu().numpy().copy() for name, array in self.model.arrays()}
        return {name: array[:, 0] if name == "conv_weight" else array for name, array in found.items()}

    def has(self) -> tuple[str, ...]:
        return (*SAME_LAYERS, BATCH_NORM, DROPOUT)

    def apply(self, layer: str, inputs: np.ndarray, way: str) -> Applied:
        made = make_layer(layer, inputs.shape[-1]).to(self.device)
        given = torch.from_numpy(inputs).to(self.device)
        if layer == "convolution":
            given = given.movedim(4, 2)
        with torch.no_grad():
            if way == FLAT and layer in ("dense", "layer normalization", DROPOUT):
                outputs = made(given)
            else:
                outputs = per_step(made, given, way)
        mean = getattr(made, "running_mean", None)
        return Applied(outputs.cpu().numpy(), None if mean is None else mean.cpu().numpy())

    def calls(self) -> int:
        model = PerStepNetwork(self.case.per_step, start(self.case, 2)).to(self.device)
        inputs = torch.zeros((1, COUNTED, COLUMNS), device=self.device)
        model.loss(inputs, torch.zeros((1, COUNTED), dtype=torch.long, device=self.device)).backward()
        return model.calls

    def known(self) -> dict[str, Deviation]:
        refused = {each.name: Deviation((), REFUSED) for each in (normed(MAP), moving(MAP))}
        return {**refused, masks(MAP).name: Deviation((), RANDOM)}

    def further_claims(self) -> Iterator[Claim]:
        if self.case.per_step == "wrapped_conv":
            loader = DataLoader(TensorDataset(torch.zeros(SAMPLES, *FRAMES)), batch_size=BATCH)
            yield check(UPDATES, lambda: [len(list(loader))])
            yield check(SHAPE, lambda: next(iter(loader))[0].shape)
