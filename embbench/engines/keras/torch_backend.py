"""PyTorch below Keras: set-up, fence, memory, and steps as `fit` makes them."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
import torch

from embbench.cases.case import Case
from embbench.engines.keras.workloads._device import Backend
from embbench.engines.keras.workloads._fitted import Fitted, as_inputs, counted
from embbench.engines.torch import device
from embbench.engines.torch.device import operators


def set_up(case: Case) -> Backend:
    device.set_up(case)
    place = torch.device(case.device)
    return Backend(lambda _: device.sync(place), lambda: device.memory(place), lambda: device.settings(place), place)


class FittedTorch(Fitted):
    def __init__(self, case: Case, model: keras.Model, inputs: Sequence[np.ndarray], labels: np.ndarray) -> None:
        super().__init__(case, model, inputs, labels)
        placed = [torch.from_numpy(each).to(case.device) for each in (*inputs, labels)]
        self.batches = [(as_inputs(batch[:-1]), batch[-1]) for batch in zip(*placed, strict=True)]
        self.next = itertools.cycle(self.batches)
        model.train()

    def feed(self, batches: Iterator[tuple[Any, Any]]) -> None:
        self.next = batches

    def step(self) -> Any:
        return self.model.train_function([next(self.next)])["loss"]

    def kernel(self, training: bool) -> str:
        ran = operators(lambda: self.model(self.batches[0][0], training=training))
        if "aten::_cudnn_rnn" in ran:
            return "cuDNN"
        cells = self.case.seq * self.case.layers
        products = sum(ran.get(name, 0) for name in ("aten::mm", "aten::addmm")) // cells
        looped = ran.get("aten::sigmoid", 0) >= cells
        return f"Python loop with {counted(products)} a time step" if looped else "unknown"


FITTED = FittedTorch
