"""Dropout in PyTorch: nn.LSTM with what it has, and a loop over nn.LSTMCell for masks on the hidden state."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation, check
from embbench.cases.contender import Unsupported
from embbench.cases.workload import CLASSES
from embbench.engines.torch.device import memory, operators, settings, sync
from embbench.engines.torch.device import set_up as set_up_device
from embbench.engines.torch.lstm_arrays import LSTM_NAMES, copies, lstm_arrays, put
from embbench.engines.torch.trial import lstm_kernel
from embbench.workloads import ByName
from embbench.workloads._dropout_expected import (
    HALF,
    LEARNING_RATE,
    MASK,
    ONE_LAYER,
    ONE_LAYER_WARNS,
    SHOWN_SEED,
    SHOWN_UNITS,
    rate_of,
    strength_of,
)
from embbench.workloads._lstm_masked import Masks
from embbench.workloads.dropout import start

LOOPED = ("recurrent", "recurrent_control", "fed")


def prepare(case: Case, drawn: dict[str, np.ndarray]) -> "TorchDropout":
    set_up_device(case)
    if case.device == "cuda" and case.dropout == "between_layers" and case.layers > 1:
        raise Unsupported("cuDNN draws the masks between layers by a state of its own, which NumPy cannot follow")
    return TorchDropout(case, drawn)


class DroppingNetwork(nn.Module):
    """An LSTM with a kind of dropout, and a head. weights: as `_lstm.start` names them; without a head for a probe."""

    def __init__(self, kind: str, rate: float, weights: ByName) -> None:
        super().__init__()
        self.kind = kind
        self.layers = sum(name.startswith("w_input") for name in weights)
        width, hidden = weights["w_input0"].shape[1], weights["w_recurrent0"].shape[1]
        self.drop, self.head = nn.Dropout(rate), nn.Linear(hidden, CLASSES)
        if kind in LOOPED:
            sizes = [width, *[hidden] * (self.layers - 1)]
            self.cells = nn.ModuleList(nn.LSTMCell(size, hidden) for size in sizes)
        else:
            between = rate if kind == "between_layers" else 0.0
            with warnings.catch_warnings():  # of a single layer, see ONE_LAYER
                warnings.simplefilter("ignore")
                self.lstm = nn.LSTM(width, hidden, self.layers, batch_first=True, dropout=between)
        put(self.arrays(), weights, partial=True)

    def arrays(self) -> dict[str, torch.Tensor]:
        own = {} if self.kind in LOOPED else lstm_arrays(self.lstm)
        for layer in range(self.layers if self.kind in LOOPED else 0):
            own |= {f"{name}{layer}": getattr(self.cells[layer], held) for name, held in LSTM_NAMES.items()}
        return {**own, "head_weight": self.head.weight, "head_bias": self.head.bias}

    def hidden(self, inputs: torch.Tensor, fed: tuple[torch.Tensor, ...] = ()) -> torch.Tensor:
        """(B, T, H) of the last layer. fed: for 'fed', factors of inputs (B, D), hidden states (layers, B, H)."""
        if self.kind == "input_layer":
            inputs = self.drop(inputs)
        if self.kind == "input":
            inputs = inputs * self.drop(torch.ones_like(inputs[:, :1]))
        if self.kind == "fed":
            inputs = inputs * fed[0][:, None]
        if self.kind not in LOOPED:
            return self.lstm(inputs)[0]
        for layer, cell in enumerate(self.cells):
            state = memory = torch.zeros(len(inputs), cell.hidden_size, device=inputs.device)
            mask = fed[1][layer] if fed else self.drop(torch.ones_like(state))
            states = []
            for given in inputs.unbind(1):
                state, memory = cell(given, (state * mask, memory))
                states.append(state)
            inputs = torch.stack(states, 1)
        return inputs

    def last(self, inputs: torch.Tensor, fed: tuple[torch.Tensor, ...] = ()) -> torch.Tensor:
        """(B, H): what the head reads."""
        last = self.hidden(inputs, fed)[:, -1]
        if self.kind == "output":
            last = self.drop(last)
        return last * fed[2] if fed else last

    def forward(self, inputs: torch.Tensor, labels: torch.Tensor, *fed: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(self.head(self.last(inputs, fed)), labels)


class TorchDropout:
    def __init__(self, case: Case, drawn: dict[str, np.ndarray]) -> None:
        torch.manual_seed(case.seed)
        self.case, self.device = case, torch.device(case.device)
        self.model = DroppingNetwork(case.dropout, rate_of(case.dropout), start(case, 2)).to(self.device)
        self.optimizer = torch.optim.SGD(self.model.parameters(), LEARNING_RATE, weight_decay=strength_of(case.l2))
        self.batches = [tuple(each) for each in zip(*(self._on_device(each) for each in drawn.values()), strict=True)]
        self.steps, self.recent = 0, torch.zeros(())

    def _on_device(self, array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(array).to(self.device)

    def step(self) -> None:
        batch = self.batches[self.steps % len(self.batches)]
        self.steps += 1
        self.optimizer.zero_grad()
        loss = self.model(*batch)
        loss.backward()
        self.optimizer.step()
        self.recent = loss.detach()

    def sync(self) -> None:
        sync(self.device)

    def memory(self) -> dict[str, int]:
        return memory(self.device)

    def describe(self) -> dict[str, Any]:
        with torch.random.fork_rng():
            ran = operators(lambda: self.model(*self.batches[0]))
            torch.manual_seed(SHOWN_SEED)
            kept = functional.dropout(torch.ones(SHOWN_UNITS, device=self.device), HALF) > 0
        kernel = "Python loop over LSTMCell" if "aten::lstm_cell" in ran else lstm_kernel(ran)
        return {"lstm": kernel, MASK: "".join(str(int(each)) for each in kept), **settings(self.device)}

    def loss(self) -> float:
        return self.recent.item()

    def weights(self) -> ByName:
        return copies(self.model.arrays())

    def next_masks(self) -> Masks:
        """PyTorch draws masks in the layout of its memory: between layers of an LSTM, time steps come first."""
        case, kind = self.case, self.case.dropout
        inputs: list[np.ndarray | None] = [None] * case.layers
        recurrent, output = list(inputs), None
        with torch.random.fork_rng():
            columns = self.batches[0][0].shape[2]
            if kind in ("input", "input_layer"):
                inputs[0] = self._draw(case.batch, 1 if kind == "input" else case.seq, columns)[None]
            for layer in range(case.layers):
                if kind in LOOPED:
                    recurrent[layer] = self._draw(case.batch, case.hidden)[None]
                if kind == "between_layers" and layer:
                    inputs[layer] = self._draw(case.seq, case.batch, case.hidden).swapaxes(0, 1)[None]
            if kind == "output":
                output = self._draw(case.batch, case.hidden)
        return Masks(tuple(inputs), tuple(recurrent), output)

    def _draw(self, *shape: int) -> np.ndarray:
        """In float64, because float32 has no 1 / (1 - rate)."""
        rate = rate_of(self.case.dropout)
        return (functional.dropout(torch.ones(shape, device=self.device), rate) > 0).cpu().numpy() / (1 - rate)

    def probe(self, weights: ByName, rate: float) -> Callable[[np.ndarray, bool], np.ndarray]:
        torch.manual_seed(0)
        model = DroppingNetwork(self.case.dropout, rate, weights).to(self.device)

        def run(inputs: np.ndarray, training: bool) -> np.ndarray:
            model.train(training)
            with torch.no_grad():
                read = model.last if model.kind == "output" else model.hidden
                return read(self._on_device(inputs)).cpu().numpy()

        return run

    def known(self) -> dict[str, Deviation]:
        return {}

    def further_claims(self) -> Iterator[Claim]:
        if self.case.dropout != "between_layers":
            return
        with warnings.catch_warnings(record=True) as given:
            warnings.simplefilter("always")
            lstm = nn.LSTM(2, 8, dropout=HALF)
        inputs = torch.ones(8, 4, 2)
        yield check(ONE_LAYER, lambda: [(lstm.train()(inputs)[0] != lstm.eval()(inputs)[0]).sum()])
        yield check(ONE_LAYER_WARNS, lambda: [len(given)])
