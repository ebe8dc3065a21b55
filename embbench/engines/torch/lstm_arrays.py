"""The parameters of nn.LSTM by the oracle's names."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from embbench.workloads import ByName

# The oracle's name of a parameter without the number of its layer -> nn.LSTM's, and nn.LSTMCell's.
LSTM_NAMES = {"w_input": "weight_ih", "w_recurrent": "weight_hh", "bias": "bias_ih", "second_bias": "bias_hh"}


def lstm_arrays(lstm: nn.LSTM, first: int = 0) -> dict[str, torch.Tensor]:
    """first: the oracle's number of the first layer."""
    return {
        f"{name}{first + layer}": getattr(lstm, f"{own}_l{layer}")
        for layer in range(lstm.num_layers)
        for name, own in LSTM_NAMES.items()
    }


def put(arrays: Mapping[str, torch.Tensor], weights: ByName, partial: bool = False) -> None:
    """Sets the arrays. partial: arrays without weights, such as a head that nobody reads, become 0. Else raises
    KeyError for them.
    """
    with torch.no_grad():
        for name, array in arrays.items():
            array.copy_(torch.from_numpy(np.asarray(weights.get(name, 0.0) if partial else weights[name])))


def copies(arrays: Mapping[str, torch.Tensor]) -> ByName:
    return {name: array.detach().cpu().numpy().copy() for name, array in arrays.items()}
