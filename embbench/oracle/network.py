"""LSTM classifier, forward and backward, written for reading, in the precision of its arguments.

LSTM: Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000, gates in the order input, forget,
cell, output; no peepholes. Loss: softmax cross-entropy, mean over the batch.
"""

import numpy as np

ByName = dict[str, np.ndarray]


def loss_and_gradients(weights: ByName, inputs: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray, ByName]:
    """(loss, gradient by inputs (B, S, D), gradients by name of `weights`).

    inputs: (B, S, D), rows looked up. labels: (B,) int. weights: as `dense_arrays` names them.
    """
    _, loss, flow, gradients = scores_and_gradients(weights, inputs, labels)
    return loss, flow, gradients


def scores_and_gradients(
    weights: ByName, inputs: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, float, np.ndarray, ByName]:
    """The same with the scores (B, CLASSES), before softmax, in front."""
    layers = sum(name.startswith("w_input") for name in weights)
    outputs, tapes = inputs, []
    for layer in range(layers):
        outputs, tape = _lstm_forward(weights, layer, outputs)
        tapes.append(tape)
    last = outputs[:, -1]
    scores = last @ weights["head_weight"].T + weights["head_bias"]
    loss, scores_gradient = _cross_entropy(scores, labels)
    gradients: ByName = {"head_weight": scores_gradient.T @ last, "head_bias": scores_gradient.sum(0)}
    flow = np.zeros_like(outputs)
    flow[:, -1] = scores_gradient @ weights["head_weight"]
    for layer in reversed(range(layers)):
        flow = _lstm_backward(weights, layer, tapes[layer], flow, gradients)
    return scores, loss, flow, gradients


def _lstm_forward(weights: ByName, layer: int, inputs: np.ndarray) -> tuple[np.ndarray, ByName]:
    batch, length, _ = inputs.shape
    recurrent = weights[f"w_recurrent{layer}"]
    size = recurrent.shape[1]
    bias = sum(weights[name] for name in _biases(weights, layer))
    drive = inputs @ weights[f"w_input{layer}"].T + bias
    gates, cells = np.empty_like(drive), np.zeros((batch, length + 1, size), drive.dtype)
    hidden = np.zeros_like(cells)
    for t in range(length):
        pre = drive[:, t] + hidden[:, t] @ recurrent.T
        gates[:, t] = _sigmoid(pre)
        gates[:, t, 2 * size : 3 * size] = np.tanh(pre[:, 2 * size : 3 * size])
        i, f, g, o = np.split(gates[:, t], 4, axis=1)
        cells[:, t + 1] = f * cells[:, t] + i * g
        hidden[:, t + 1] = o * np.tanh(cells[:, t + 1])
    return hidden[:, 1:], {"inputs": inputs, "gates": gates, "cells": cells, "hidden": hidden}


def _lstm_backward(weights: ByName, layer: int, tape: ByName, flow: np.ndarray, gradients: ByName) -> np.ndarray:
    """Gradient by the layer's inputs from `flow`, the gradient by its outputs; adds the layer's to `gradients`."""
    recurrent, gates, cells = weights[f"w_recurrent{layer}"], tape["gates"], tape["cells"]
    pre_gradient = np.empty_like(gates)
    hidden_flow = cell_flow = np.zeros_like(cells[:, 0])
    for t in reversed(range(gates.shape[1])):
        i, f, g, o = np.split(gates[:, t], 4, axis=1)
        squashed = np.tanh(cells[:, t + 1])
        hidden_flow = flow[:, t] + hidden_flow
        cell_flow = cell_flow + hidden_flow * o * (1 - squashed**2)
        pre_gradient[:, t] = np.concatenate(
            [
                cell_flow * g * i * (1 - i),
                cell_flow * cells[:, t] * f * (1 - f),
                cell_flow * i * (1 - g**2),
                hidden_flow * squashed * o * (1 - o),
            ],
            axis=1,
        )
        cell_flow = cell_flow * f
        hidden_flow = pre_gradient[:, t] @ recurrent
    gradients[f"w_input{layer}"] = np.tensordot(pre_gradient, tape["inputs"], ([0, 1], [0, 1]))
    gradients[f"w_recurrent{layer}"] = np.tensordot(pre_gradient, tape["hidden"][:, :-1], ([0, 1], [0, 1]))
    for name in _biases(weights, layer):
        gradients[name] = pre_gradient.sum((0, 1))
    return pre_gradient @ weights[f"w_input{layer}"]


def _biases(weights: ByName, layer: int) -> list[str]:
    return [name for name in (f"bias{layer}", f"second_bias{layer}") if name in weights]


def _cross_entropy(scores: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    shifted = scores - scores.max(1, keepdims=True)
    log_share = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    rows = np.arange(len(labels))
    gradient = np.exp(log_share)
    gradient[rows, labels] -= 1
    return float(-log_share[rows, labels].mean()), gradient / len(labels)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * x))  # the form that cannot overflow
