"""Texts of different lengths in PyTorch: padded, or packed. nn.LSTM has no mask."""

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import rnn

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.cases.workload import CLASSES
from embbench.engines.torch.device import memory, operators, set_up, settings, sync
from embbench.engines.torch.lstm_arrays import copies, lstm_arrays, put
from embbench.engines.torch.trial import lstm_kernel
from embbench.workloads import ByName
from embbench.workloads._sequence_expected import LEARNING_RATE
from embbench.workloads._sequence_texts import TextBatch, TextPasses
from embbench.workloads.sequence import start

CHOICES = {"lengths": ["pad", "pack", "bucket", "sorted", "dynamic"]}

PlacedTexts = tuple[torch.Tensor, torch.Tensor, torch.Tensor]  # inputs, lengths and labels


def prepare(case: Case, drawn: ByName) -> "TorchSequence":
    set_up(case)
    return TorchSequence(case, drawn)


class LengthReader(nn.Module):
    """weights: of the LSTM and, to train, of the head."""

    def __init__(self, packs: bool, weights: ByName) -> None:
        super().__init__()
        self.packs = packs
        width, hidden = weights["w_input0"].shape[1], weights["w_recurrent0"].shape[1]
        self.lstm, self.head = nn.LSTM(width, hidden, batch_first=True), nn.Linear(hidden, CLASSES)
        put(self.arrays(), weights, partial=True)

    def arrays(self) -> dict[str, torch.Tensor]:
        return {**lstm_arrays(self.lstm), "head_weight": self.head.weight, "head_bias": self.head.bias}

    def outputs(self, inputs: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """((B, T, H), (B, H) at the last real position)"""
        if self.packs:
            packed, (last, _) = self.lstm(self._packed(inputs, lengths))
            return rnn.pad_packed_sequence(packed, batch_first=True, total_length=inputs.shape[1])[0], last[0]
        outputs = self.lstm(inputs)[0]
        return outputs, outputs[torch.arange(len(lengths)), lengths - 1]

    def _packed(self, inputs: torch.Tensor, lengths: torch.Tensor) -> rnn.PackedSequence:
        return rnn.pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """The outputs of packed texts, which nobody reads, stay packed."""
        packed = self.packs
        last = self.lstm(self._packed(inputs, lengths))[1][0][0] if packed else self.outputs(inputs, lengths)[1]
        return functional.cross_entropy(self.head(last), labels)


class TorchSequence:
    def __init__(self, case: Case, drawn: ByName) -> None:
        self.case, self.device = case, torch.device(case.device)
        self.packs = case.lengths == "pack"
        self.model = LengthReader(self.packs, start(case, 2)).to(self.device)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=LEARNING_RATE)
        self.passes = TextPasses(case, drawn, self.place)
        self.recent = torch.zeros(())

    def place(self, batch: TextBatch) -> PlacedTexts:
        inputs, lengths, labels = (torch.from_numpy(np.ascontiguousarray(each)) for each in batch)
        beside = lengths if self.packs else lengths.to(self.device)  # packing needs lengths on the CPU
        return inputs.to(self.device), beside, labels.to(self.device)

    def step(self) -> None:
        for batch in self.passes.take():
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
        ran = operators(lambda: self.model(*self.passes.longest))
        return {"lstm": lstm_kernel(ran), **self.passes.facts(), **settings(self.device)}

    def loss(self) -> float:
        return self.recent.item()

    def weights(self) -> ByName:
        return copies(self.model.arrays())

    def read(self, weights: ByName, batch: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        model = LengthReader(self.packs, weights).to(self.device)
        inputs, lengths, _ = self.place(TextBatch(*batch, batch[1]))
        with torch.no_grad():
            outputs, last = model.outputs(inputs, lengths)
        return outputs.cpu().numpy(), last.cpu().numpy()

    def further_claims(self) -> list[Claim]:
        return []
