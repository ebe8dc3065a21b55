"""LSTM and linear head, forward and backward, in the precision of the arguments.

LSTM: Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000, gates in the order input, forget,
cell, output; no peepholes. Loss: softmax cross-entropy, mean over all labels.
"""

from collections.abc import Callable

import numpy as np

from embbench.cases.case import Case
from embbench.cases.workload import dense_weights
from embbench.workloads import ByName

Loss = Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]]  # scores, labels -> loss, gradient by scores
CarriedState = tuple[np.ndarray, np.ndarray]  # hidden state and cell, (B, H)


def start(case: Case, lstm_biases: int) -> ByName:
    """The initial weights by name. The second LSTM bias of some frameworks starts at zero.

    Both bias vectors get the same gradient, so their sum moves twice as far as a single bias vector.
    """
    initial = dense_weights(case)
    arrays: ByName = {}
    for layer, (w_input, w_recurrent, bias) in enumerate(initial.layers):
        arrays |= {f"w_input{layer}": w_input, f"w_recurrent{layer}": w_recurrent, f"bias{layer}": bias}
        if lstm_biases == 2:
            arrays[f"second_bias{layer}"] = np.zeros_like(bias)
    return arrays | {"head_weight": initial.head_weight, "head_bias": initial.head_bias}


def cross_entropy(scores: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """The mean over all labels, and its gradient. scores: (..., C). labels: (...)."""
    shifted = scores - scores.max(-1, keepdims=True)
    log_share = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    right = np.expand_dims(labels, -1)
    gradient = np.exp(log_share)
    np.put_along_axis(gradient, right, np.take_along_axis(gradient, right, -1) - 1, -1)
    return float(-np.take_along_axis(log_share, right, -1).mean()), gradient / labels.size


def squared_error(scores: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """The mean over all targets, and its gradient. scores: (..., 1). targets: (...)."""
    off = scores - targets[..., None]
    return float((off**2).mean()), 2 * off / targets.size


def network(
    weights: ByName, inputs: np.ndarray, labels: np.ndarray, at: slice, loss: Loss = cross_entropy
) -> tuple[np.ndarray, float, np.ndarray, ByName]:
    """See `Workload.scores_and_gradients`. at: the time steps whose hidden states the head reads. For a single step,
    scores are (B, C) and labels (B,), else (B, S, C) and (B, S).
    """
    layers = sum(name.startswith("w_input") for name in weights)
    outputs, tapes = inputs, []
    for layer in range(layers):
        outputs, tape = _lstm_forward(weights, layer, outputs)
        tapes.append(tape)
    read = outputs[:, at]
    assert labels.shape in (read.shape[:2], read.shape[:1])
    scores = (read @ weights["head_weight"].T + weights["head_bias"]).reshape(*labels.shape, -1)
    value, scores_gradient = loss(scores, labels)
    by_step = scores_gradient.reshape(*read.shape[:2], -1)
    gradients: ByName = {
        "head_weight": np.tensordot(by_step, read, ([0, 1], [0, 1])),
        "head_bias": by_step.sum((0, 1)),
    }
    flow = np.zeros_like(outputs)
    flow[:, at] = by_step @ weights["head_weight"]
    for layer in reversed(range(layers)):
        flow = _lstm_backward(weights, layer, tapes[layer], flow, gradients)
    return scores, value, flow, gradients


def last_hidden(weights: ByName, inputs: np.ndarray) -> np.ndarray:
    """(B, H): the last hidden state of the last layer. inputs: (B, S, D)."""
    for layer in range(sum(name.startswith("w_input") for name in weights)):
        inputs = _lstm_forward(weights, layer, inputs)[0]
    return inputs[:, -1]


def _lstm_forward(
    weights: ByName, layer: int, inputs: np.ndarray, begin: CarriedState | None = None
) -> tuple[np.ndarray, ByName]:
    """begin: the first state, else zeros."""
    batch, length, _ = inputs.shape
    recurrent = weights[f"w_recurrent{layer}"]
    size = recurrent.shape[1]
    bias = sum(weights[name] for name in _biases(weights, layer))
    drive = inputs @ weights[f"w_input{layer}"].T + bias
    gates, cells = np.empty_like(drive), np.zeros((batch, length + 1, size), drive.dtype)
    hidden = np.zeros_like(cells)
    if begin is not None:
        hidden[:, 0], cells[:, 0] = begin
    for t in range(length):
        pre = drive[:, t] + hidden[:, t] @ recurrent.T
        gates[:, t] = _sigmoid(pre)
        gates[:, t, 2 * size : 3 * size] = np.tanh(pre[:, 2 * size : 3 * size])
        i, f, g, o = _by_gate(gates[:, t])
        cells[:, t + 1] = f * cells[:, t] + i * g
        hidden[:, t + 1] = o * np.tanh(cells[:, t + 1])
    return hidden[:, 1:], {"inputs": inputs, "gates": gates, "cells": cells, "hidden": hidden}


def _lstm_backward(
    weights: ByName, layer: int, tape: ByName, flow: np.ndarray, gradients: ByName, end: CarriedState | None = None
) -> np.ndarray:
    """Gradient by the layer's inputs from `flow`, the gradient by its outputs; adds the gradients of its weights to
    `gradients`, and the gradient by its first state to `tape`, as "begin". end: the gradient by its last state.
    """
    recurrent, gates, cells = weights[f"w_recurrent{layer}"], tape["gates"], tape["cells"]
    pre_gradient = np.empty_like(gates)
    hidden_flow, cell_flow = end or (np.zeros_like(cells[:, 0]),) * 2
    for t in reversed(range(gates.shape[1])):
        i, f, g, o = _by_gate(gates[:, t])
        squashed = np.tanh(cells[:, t + 1])
        hidden_flow = flow[:, t] + hidden_flow
        cell_flow = cell_flow + hidden_flow * o * (1 - squashed**2)
        by_input, by_forget, by_cell, by_output = _by_gate(pre_gradient[:, t])
        by_input[:] = cell_flow * g * i * (1 - i)
        by_forget[:] = cell_flow * cells[:, t] * f * (1 - f)
        by_cell[:] = cell_flow * i * (1 - g**2)
        by_output[:] = hidden_flow * squashed * o * (1 - o)
        cell_flow = cell_flow * f
        hidden_flow = pre_gradient[:, t] @ recurrent
    tape["begin"] = hidden_flow, cell_flow
    gradients[f"w_input{layer}"] = np.tensordot(pre_gradient, tape["inputs"], ([0, 1], [0, 1]))
    gradients[f"w_recurrent{layer}"] = np.tensordot(pre_gradient, tape["hidden"][:, :-1], ([0, 1], [0, 1]))
    for name in _biases(weights, layer):
        gradients[name] = pre_gradient.sum((0, 1))
    return pre_gradient @ weights[f"w_input{layer}"]


def _by_gate(joined: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Views of the four gates, (B, H), from (B, 4 H). `np.split` was rejected: it takes a fifth of a small step."""
    size = joined.shape[1] // 4
    return joined[:, :size], joined[:, size : 2 * size], joined[:, 2 * size : 3 * size], joined[:, 3 * size :]


def _biases(weights: ByName, layer: int) -> list[str]:
    return [name for name in (f"bias{layer}", f"second_bias{layer}") if name in weights]


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * x))  # the form that cannot overflow
