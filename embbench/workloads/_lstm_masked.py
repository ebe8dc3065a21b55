"""LSTM with dropout masks and a linear head, forward and backward, in the precision of the arguments. The cell and the
loss are those of `_lstm`.

Masks come first by gate, because a framework may draw a mask per gate: axes G, B, T, with G = 4 (input, forget, cell,
output) or 1, B samples, T time steps. A size of 1 stands for a mask that is shared.
"""

from typing import NamedTuple

import numpy as np

from embbench.workloads import ByName, _lstm


class Masks(NamedTuple):
    """What the numbers of a step are multiplied by: 0 where they are dropped, else 1 / (1 - rate). None: no dropout.

    inputs: by layer, of its inputs, (G, B, T, columns). recurrent: by layer, of the hidden state that the gates read,
    (G, B, H). output: of the last hidden state, (B, H).
    """

    inputs: tuple[np.ndarray | None, ...]
    recurrent: tuple[np.ndarray | None, ...]
    output: np.ndarray | None = None


def no_masks(layers: int) -> Masks:
    return Masks((None,) * layers, (None,) * layers)


def loss_and_gradients(weights: ByName, inputs: np.ndarray, labels: np.ndarray, masks: Masks) -> tuple[float, ByName]:
    """The mean cross-entropy, and its gradients by name of `weights`. inputs: (B, T, columns). labels: (B,)."""
    outputs, tapes = inputs, []
    for layer, (by_input, recurrent) in enumerate(zip(masks.inputs, masks.recurrent, strict=True)):
        outputs, tape = _forward(weights, layer, outputs, _or_one(by_input, 4), _or_one(recurrent, 3))
        tapes.append(tape)
    kept = 1.0 if masks.output is None else masks.output
    read = outputs[:, -1] * kept
    loss, flow = _lstm.cross_entropy(read @ weights["head_weight"].T + weights["head_bias"], labels)
    gradients: ByName = {"head_weight": flow.T @ read, "head_bias": flow.sum(0)}
    back = np.zeros_like(outputs)
    back[:, -1] = (flow @ weights["head_weight"]) * kept
    for layer in reversed(range(len(tapes))):
        back = _backward(weights, layer, tapes[layer], back, gradients)
    return loss, gradients


def _or_one(mask: np.ndarray | None, axes: int) -> np.ndarray:
    return np.ones((1,) * axes) if mask is None else mask


def _by_gate(joined: np.ndarray) -> np.ndarray:
    """(4, H, ...) from (4 H, ...)."""
    return joined.reshape(4, -1, *joined.shape[1:])


def _forward(
    weights: ByName, layer: int, inputs: np.ndarray, by_input: np.ndarray, recurrent: np.ndarray
) -> tuple[np.ndarray, ByName]:
    kernel, loop = _by_gate(weights[f"w_input{layer}"]), _by_gate(weights[f"w_recurrent{layer}"])
    bias = _by_gate(np.sum([weights[name] for name in _lstm._biases(weights, layer)], axis=0))
    read = np.broadcast_to(inputs * by_input, (4, *inputs.shape))
    gates = read @ kernel[:, None].swapaxes(2, 3) + bias[:, None, None]  # (4, B, T, H)
    _, batch, length, size = gates.shape
    cells, hidden = (np.zeros((batch, length + 1, size)) for _ in range(2))
    for t in range(length):
        pre = gates[:, :, t] + (hidden[:, t] * recurrent) @ loop.swapaxes(1, 2)
        i, f, g, o = gates[:, :, t] = (*map(_lstm._sigmoid, pre[:2]), np.tanh(pre[2]), _lstm._sigmoid(pre[3]))
        cells[:, t + 1] = f * cells[:, t] + i * g
        hidden[:, t + 1] = o * np.tanh(cells[:, t + 1])
    tape = {"read": read, "gates": gates, "cells": cells, "hidden": hidden}
    return hidden[:, 1:], {**tape, "by_input": by_input, "recurrent": recurrent}


def _backward(weights: ByName, layer: int, tape: ByName, flow: np.ndarray, gradients: ByName) -> np.ndarray:
    """Gradient by the layer's inputs from `flow`, the gradient by its outputs; adds the gradients of its weights to
    `gradients`.
    """
    kernel, loop = _by_gate(weights[f"w_input{layer}"]), _by_gate(weights[f"w_recurrent{layer}"])
    gates, cells, recurrent = tape["gates"], tape["cells"], tape["recurrent"]
    before = np.empty_like(gates)  # gradient by what a gate's function gets
    hidden_flow = cell_flow = np.zeros_like(cells[:, 0])
    for t in reversed(range(gates.shape[2])):
        i, f, g, o = gates[:, :, t]
        squashed = np.tanh(cells[:, t + 1])
        hidden_flow = flow[:, t] + hidden_flow
        cell_flow = cell_flow + hidden_flow * o * (1 - squashed**2)
        before[:, :, t] = (
            cell_flow * g * i * (1 - i),
            cell_flow * cells[:, t] * f * (1 - f),
            cell_flow * i * (1 - g**2),
            hidden_flow * squashed * o * (1 - o),
        )
        cell_flow = cell_flow * f
        hidden_flow = ((before[:, :, t] @ loop) * recurrent).sum(0)
    state = tape["hidden"][:, :-1] * recurrent[:, :, None]
    for name, read in (("w_input", tape["read"]), ("w_recurrent", np.broadcast_to(state, gates.shape))):
        joined = np.einsum("gbth,gbtd->ghd", before, read, optimize=True)
        gradients[f"{name}{layer}"] = joined.reshape(-1, joined.shape[-1])
    for name in _lstm._biases(weights, layer):
        gradients[name] = before.sum((1, 2)).ravel()
    return ((before @ kernel[:, None]) * tape["by_input"]).sum(0)
