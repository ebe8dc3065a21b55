"""The tagger in PyTorch."""

import torch
from torch.nn import functional

from embbench.engines.torch.lstm_network import Network


class Tagger(Network):
    """The head at every time step, as users write it: a linear layer accepts a sequence."""

    def forward(self, ids: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return self.score(self.table.look_up(ids), labels)

    def score(self, rows: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(self.head(self.read(rows)).flatten(0, 1), labels.flatten())

    def read(self, rows: torch.Tensor) -> torch.Tensor:
        """All hidden states, (B, S, H)."""
        return self.lstm(rows)[0]
