"""A text classifier that rejects texts of no known class, in PyTorch."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from embbench.cases.case import Case
from embbench.cases.claim import Claim, check
from embbench.engines.torch.device import memory, operators, set_up, settings, sync
from embbench.engines.torch.lstm_arrays import copies, lstm_arrays, put
from embbench.engines.torch.trial import lstm_kernel
from embbench.workloads import ByName
from embbench.workloads._unknown_expected import (
    BEYOND_RAISES,
    NEGATIVE_RAISES,
    PADDING_ROW,
    PADDING_STEPS,
    ROWS,
    raises,
)
from embbench.workloads._unknown_network import ADAM, ONE_VS_REST, RATE, AdamAs, one_hot, outputs_of
from embbench.workloads._unknown_texts import COLUMNS, VOCAB
from embbench.workloads.unknown_class import start


def prepare(case: Case, drawn: dict[str, np.ndarray]) -> "TorchUnknown":
    set_up(case)
    return TorchUnknown(case, drawn)


class OpenClassifier(nn.Module):
    def __init__(self, case: Case) -> None:
        super().__init__()
        self.table = nn.Embedding(VOCAB, COLUMNS)
        self.lstm = nn.LSTM(COLUMNS, case.hidden, batch_first=True)
        self.head = nn.Linear(case.hidden, outputs_of(case.reject))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """(B, outputs)"""
        return self.head(self.lstm(self.table(ids))[0][:, -1])

    def arrays(self) -> dict[str, torch.Tensor]:
        """By the names of `unknown_class.start`."""
        return {
            "rows": self.table.weight,
            **lstm_arrays(self.lstm),
            "head_weight": self.head.weight,
            "head_bias": self.head.bias,
        }


class TorchUnknown:
    adam = AdamAs()

    def __init__(self, case: Case, drawn: dict[str, np.ndarray]) -> None:
        self.case, self.device = case, torch.device(case.device)
        self.model = OpenClassifier(case).to(self.device)
        self.named = self.model.arrays()
        sigmoids = case.reject == ONE_VS_REST
        self.loss_of = functional.binary_cross_entropy_with_logits if sigmoids else functional.cross_entropy
        labels = one_hot(drawn["labels"]) if sigmoids else drawn["labels"]
        self.ids, self.labels = (torch.from_numpy(each).to(self.device) for each in (drawn["ids"], labels))
        self.steps, self.recent = 0, torch.zeros(())
        self.restart(start(case, 2))

    def restart(self, weights: ByName) -> None:
        put(self.named, weights)
        betas = ADAM.beta1, ADAM.beta2
        self.optimizer = torch.optim.Adam(self.model.parameters(), RATE, betas=betas, eps=ADAM.epsilon)

    def step(self) -> None:
        batch = self.steps % len(self.ids)
        self.steps += 1
        self.optimizer.zero_grad()
        loss = self.loss_of(self.model(self.ids[batch]), self.labels[batch])
        loss.backward()
        self.optimizer.step()
        self.recent = loss.detach()

    def sync(self) -> None:
        sync(self.device)

    def memory(self) -> dict[str, int]:
        return memory(self.device)

    def describe(self) -> dict[str, Any]:
        ran = operators(lambda: self.model(self.ids[0]))
        return {"lstm": lstm_kernel(ran), **settings(self.device)}

    def loss(self) -> float:
        return self.recent.item()

    def weights(self) -> ByName:
        return copies(self.named)

    def moments(self) -> tuple[ByName, ByName]:
        states = {name: self.optimizer.state[array] for name, array in self.named.items()}
        first, second = (copies({name: state[key] for name, state in states.items()}) for key in _KEYS)
        return first, second

    def further_claims(self) -> Iterator[Claim]:
        if self.case.reject != "softmax":
            return
        table = nn.Embedding.from_pretrained(torch.tensor(ROWS)[:, None])
        yield check(BEYOND_RAISES, lambda: raises(lambda: table(torch.tensor([3]))))
        yield check(NEGATIVE_RAISES, lambda: raises(lambda: table(torch.tensor([-1]))))
        yield check(PADDING_ROW, _row_of_padding)
        yield check(PADDING_STEPS, _steps_of_padding)


_KEYS = ("exp_avg", "exp_avg_sq")


def _row_of_padding() -> list[float]:
    torch.manual_seed(0)
    table = nn.Embedding(3, 2, padding_idx=0)
    table(torch.tensor([0, 1])).sum().backward()
    assert table.weight.grad is not None
    return [table.weight[0].abs().max().item(), table.weight.grad[0].abs().max().item()]


def _steps_of_padding() -> list[float]:
    table, lstm = nn.Embedding(3, 2, padding_idx=0), nn.LSTM(2, 1, batch_first=True)
    with torch.no_grad():
        for array in lstm.parameters():
            array.zero_()
        lstm.bias_ih_l0[2] = 20.0
    return [lstm(table(torch.tensor([[1, 0, 0]])))[0][0, -1, 0].item()]
