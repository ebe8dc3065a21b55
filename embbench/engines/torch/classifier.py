"""The text classifier in PyTorch."""

import torch
from torch.nn import functional

from embbench.engines.torch.lstm_network import Network


class Classifier(Network):
    def forward(self, ids: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Mean cross-entropy."""
        return functional.cross_entropy(self.head(self.read(self.table.look_up(ids))), labels)

    def score(self, rows: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """The same from rows looked up. `forward` does not call it: a further frame around `read` would be a further
        graph break for torch.compile.
        """
        return functional.cross_entropy(self.head(self.read(rows)), labels)

    def read(self, rows: torch.Tensor) -> torch.Tensor:
        """The last hidden state, (B, H). Not part of `forward`: torch.compile 2.13 silently leaves a function that
        names an nn.LSTM uncompiled as a whole, and so leaves only this function.
        """
        return self.lstm(rows)[0][:, -1]
