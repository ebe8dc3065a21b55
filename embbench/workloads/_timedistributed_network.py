"""The network of the workload `timedistributed`, by NumPy: a convolution of frames, an LSTM, a head per time step.

The convolution's front maps a frame (SIDE, SIDE) to FILTERS numbers: 3x3 cross-correlation without padding, ReLU, mean
over all places.
"""

import numpy as np

from embbench.workloads import ByName
from embbench.workloads._lstm import network
from embbench.workloads._timedistributed_expected import KERNEL, SIDE


def loss_and_gradients(weights: ByName, inputs: np.ndarray, labels: np.ndarray) -> tuple[float, ByName]:
    """Cross-entropy, mean over batch and time, and its gradients by name. inputs: (B, T, COLUMNS). labels: (B, T)."""
    if "conv_weight" not in weights:
        _, loss, _, gradients = network(weights, inputs, labels, at=slice(None))
        return loss, gradients
    windows, pre = _convolve(weights, inputs)
    _, loss, flow, gradients = network(weights, _pool(pre), labels, at=slice(None))
    places = pre.shape[2] * pre.shape[3]
    by_place = (flow / places)[:, :, None, None] * (pre > 0)
    by_filter = np.tensordot(by_place, windows, ([0, 1, 2, 3], [0, 1, 2, 3]))
    return loss, {**gradients, "conv_weight": by_filter, "conv_bias": by_place.sum((0, 1, 2, 3))}


def features(weights: ByName, inputs: np.ndarray) -> np.ndarray:
    """(B, T, FILTERS): of the front. inputs: (B, T, COLUMNS)."""
    return _pool(_convolve(weights, inputs)[1])


def _pool(pre: np.ndarray) -> np.ndarray:
    return np.maximum(pre, 0).mean((2, 3))


def _convolve(weights: ByName, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(windows (B, T, Y, X, KERNEL, KERNEL), convolution before ReLU (B, T, Y, X, FILTERS))."""
    frames = inputs.reshape(*inputs.shape[:2], SIDE, SIDE)
    windows = np.lib.stride_tricks.sliding_window_view(frames, (KERNEL, KERNEL), axis=(2, 3))
    return windows, np.tensordot(windows, weights["conv_weight"], ([4, 5], [1, 2])) + weights["conv_bias"]
