"""An encoder and a decoder with teacher forcing in PyTorch."""

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.cases.workload import CLASSES
from embbench.engines.torch.device import memory, operators, set_up, settings, sync
from embbench.engines.torch.lstm_arrays import copies, lstm_arrays, put
from embbench.engines.torch.trial import lstm_kernel
from embbench.workloads import ByName
from embbench.workloads._seq2seq_claims import LEARNING_RATE, start


def prepare(case: Case, drawn: ByName) -> "TorchTranslation":
    set_up(case)
    return TorchTranslation(case, drawn)


class Translator(nn.Module):
    """weights: of the LSTMs and, to train, of the head."""

    def __init__(self, weights: ByName) -> None:
        super().__init__()
        hidden = weights["w_recurrent0"].shape[1]
        widths = [weights[f"w_input{part}"].shape[1] for part in range(2)]
        self.lstms = nn.ModuleList(nn.LSTM(width, hidden, batch_first=True) for width in widths)
        self.head = nn.Linear(hidden, CLASSES)
        put(self.arrays(), weights, partial=True)

    def arrays(self) -> dict[str, torch.Tensor]:
        encoder, decoder = self.lstms
        own = {**lstm_arrays(encoder), **lstm_arrays(decoder, 1)}
        return {**own, "head_weight": self.head.weight, "head_bias": self.head.bias}

    def decoded(self, source: torch.Tensor, fed: torch.Tensor) -> torch.Tensor:
        """(B, T, H)"""
        encoder, decoder = self.lstms
        return decoder(fed, encoder(source)[1])[0]

    def forward(self, source: torch.Tensor, fed: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(self.head(self.decoded(source, fed)).flatten(0, 1), labels.flatten())


class TorchTranslation:
    def __init__(self, case: Case, drawn: ByName) -> None:
        self.device = torch.device(case.device)
        self.model = Translator(start(case)).to(self.device)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=LEARNING_RATE)
        placed = (torch.from_numpy(drawn[name]).to(self.device) for name in ("source", "fed", "labels"))
        self.batches = list(zip(*placed, strict=True))
        self.steps, self.recent = 0, torch.zeros(())

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
        return {"lstm": lstm_kernel(operators(lambda: self.model(*self.batches[0]))), **settings(self.device)}

    def loss(self) -> float:
        return self.recent.item()

    def weights(self) -> ByName:
        return copies(self.model.arrays())

    def decode(self, weights: ByName, source: np.ndarray, fed: np.ndarray) -> np.ndarray:
        model = Translator(weights).to(self.device)
        with torch.no_grad():
            return model.decoded(*(torch.from_numpy(each).to(self.device) for each in (source, fed))).cpu().numpy()

    def further_claims(self) -> list[Claim]:
        return []
