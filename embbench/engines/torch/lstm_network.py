"""Shared by the networks of PyTorch trials: table, LSTM, head, and the initial weights of every framework."""

from typing import Any

import torch
from torch import nn

from embbench.cases.case import Case
from embbench.cases.workload import CLASSES, dense_weights


class Network(nn.Module):
    """Table, LSTM and head; a subclass per workload. Only `table` depends on kind of table and update."""

    def __init__(self, case: Case, table: nn.Module, place: dict[str, Any]) -> None:
        super().__init__()
        self.table = table
        self.lstm = nn.LSTM(case.dim, case.hidden, case.layers, batch_first=True, **place)
        self.head = nn.Linear(case.hidden, CLASSES, **place)

    def score(self, rows: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Mean cross-entropy, from rows looked up."""
        raise NotImplementedError

    def load(self, case: Case) -> None:
        """Sets the initial weights of everything except the table."""
        weights = dense_weights(case)
        with torch.no_grad():
            for layer, (w_input, w_recurrent, bias) in enumerate(weights.layers):
                for name, value in (("weight_ih", w_input), ("weight_hh", w_recurrent), ("bias_ih", bias)):
                    getattr(self.lstm, f"{name}_l{layer}").copy_(torch.from_numpy(value))
                getattr(self.lstm, f"bias_hh_l{layer}").zero_()
            self.head.weight.copy_(torch.from_numpy(weights.head_weight))
            self.head.bias.copy_(torch.from_numpy(weights.head_bias))
