"""The floating-point operations of the products of a step, counted at PyTorch's operators."""

from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from embbench.engines.torch.own_model.program import TorchProgram

PASSES_BACK = 2  # products of a backward pass for each product of the forward pass: of inputs, and of weights


def operations_of(program: TorchProgram) -> float:
    """Makes a step. Products of fused recurrent layers count too, which PyTorch's own counter leaves out."""
    aten = torch.ops.aten
    recurrent: dict[Any, Any] = {
        aten.mkldnn_rnn_layer: lambda *shapes, **others: _of_layer(shapes[0], shapes[1:3]),
        aten.mkldnn_rnn_layer_backward: lambda *shapes, **others: PASSES_BACK * _of_layer(shapes[0], shapes[1:3]),
        aten._cudnn_rnn: lambda *shapes, **others: _of_layer(shapes[0], shapes[1]),
        aten._cudnn_rnn_backward: lambda *shapes, **others: PASSES_BACK * _of_layer(shapes[0], shapes[1]),
    }
    with FlopCounterMode(display=False, custom_mapping=recurrent) as counter:
        program.step()
    return float(counter.get_total_flops())


def _of_layer(inputs: Any, weights: Any) -> int:
    """A multiplication and an addition for each number of the weights, time step and sample. inputs: (time, samples,
    width), or (samples, time, width). weights: shapes; of biases, which have one dimension, no product is made.
    """
    return 2 * inputs[0] * inputs[1] * sum(each[0] * each[1] for each in weights if len(each) == 2)
