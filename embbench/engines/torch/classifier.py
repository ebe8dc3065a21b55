"""The text classifier in PyTorch."""

import torch
from torch.nn import functional

from embbench.engines.torch.network import Network


class Classifier(Network):
    def forward(self, ids: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Mean cross-entropy."""
        return functional.cross_entropy(self.head(self.read(self.table.look_up(ids))), labels)

    def score(self, rows: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """The same of rows that were looked up. `forward` does not call it: one more frame around `read` would be one
        more place where torch.compile breaks the graph.
        """
        return functional.cross_entropy(self.head(self.read(rows)), labels)

    def read(self, rows: torch.Tensor) -> torch.Tensor:
        """The last hidden state, (B, H). Not in `forward` itself: torch.compile 2.13 leaves a function that names an
        nn.LSTM uncompiled as a whole, without a word; so it leaves this one alone.
        """
        return self.lstm(rows)[0][:, -1]
