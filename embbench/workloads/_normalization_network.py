"""An LSTM, a one-hot vector beside its last hidden state, a dense layer and a head, with a norm at one of four places.
Forward and backward in NumPy, in the precision of the arguments.

Batch norm: Ioffe and Szegedy 2015, over all rows of a batch, for each column. Layer norm: Ba et al. 2016, over all
columns, for each row. Frameworks agree on both formulas, and differ in what `Convention` holds.
"""

from typing import NamedTuple

import numpy as np

from embbench.workloads import ByName
from embbench.workloads._lstm import _lstm_backward, _lstm_forward, cross_entropy

BATCH = ("batch_before", "batch_after", "batch_dense")
STATISTICS = ("norm_mean", "norm_variance")  # not trained; moved by each training step


class Convention(NamedTuple):
    """The defaults of a framework's norms. kept: weight of the old value in a moving average. unbiased: whether the
    moving variance divides by n - 1; the normalization of a batch divides by n everywhere.
    """

    epsilon: float
    kept: float
    unbiased: bool
    layer_epsilon: float

    def moved(self, old: ByName, mean: np.ndarray, variance: np.ndarray, count: int) -> ByName:
        """STATISTICS behind a step. mean, variance: of the batch, by n. count: its rows."""
        seen = variance * count / (count - 1) if self.unbiased else variance
        found = {"norm_mean": mean, "norm_variance": seen}
        return {name: self.kept * old[name] + (1 - self.kept) * found[name] for name in STATISTICS}


class Normed(NamedTuple):
    """A norm's output, and what its backward needs. centered: over the deviation, before scale and shift."""

    output: np.ndarray
    centered: np.ndarray
    inverse: np.ndarray
    axis: int
    mean: np.ndarray
    variance: np.ndarray


class Passed(NamedTuple):
    """A forward pass, and its tapes. normed: None without a norm and in predictions."""

    scores: np.ndarray
    tape: ByName
    joined: np.ndarray
    dense: np.ndarray
    normed: Normed | None


def normalize(values: np.ndarray, scale: np.ndarray, shift: np.ndarray, epsilon: float, axis: int) -> Normed:
    """values: (B, U). axis: 0 for batch norm, 1 for layer norm. scale, shift: (U,)."""
    mean, variance = values.mean(axis, keepdims=True), values.var(axis, keepdims=True)
    inverse = 1 / np.sqrt(variance + epsilon)
    centered = (values - mean) * inverse
    return Normed(centered * scale + shift, centered, inverse, axis, mean.ravel(), variance.ravel())


def _denormalize(normed: Normed, scale: np.ndarray, flow: np.ndarray, gradients: ByName) -> np.ndarray:
    """Gradient by the values from `flow`, the gradient by the output; adds those of scale and shift."""
    gradients["norm_scale"], gradients["norm_shift"] = (flow * normed.centered).sum(0), flow.sum(0)
    inner = flow * scale
    along = {"axis": normed.axis, "keepdims": True}
    pulled = inner - inner.mean(**along) - normed.centered * (inner * normed.centered).mean(**along)
    return pulled * normed.inverse


def loss_and_gradients(
    weights: ByName, batch: ByName, norm: str, convention: Convention
) -> tuple[float, ByName, Normed | None]:
    """Of a training step. batch: inputs (B, T, columns), onehots (B, K), labels (B,). Gradients are by name of
    `weights`, without STATISTICS.
    """
    passed = _forward(weights, batch, norm, convention, training=True)
    loss, flow = cross_entropy(passed.scores, batch["labels"])
    gradients: ByName = {"head_weight": flow.T @ np.maximum(passed.dense, 0), "head_bias": flow.sum(0)}
    flow = (flow @ weights["head_weight"]) * (passed.dense > 0)
    if passed.normed is not None and norm == "batch_dense":
        flow = _denormalize(passed.normed, weights["norm_scale"], flow, gradients)
    gradients["dense_weight"], gradients["dense_bias"] = flow.T @ passed.joined, flow.sum(0)
    flow = flow @ weights["dense_weight"]
    if passed.normed is not None and norm in ("batch_after", "layer_after"):
        flow = _denormalize(passed.normed, weights["norm_scale"], flow, gradients)
    flow = flow[:, : weights["w_recurrent0"].shape[1]]
    if passed.normed is not None and norm == "batch_before":
        flow = _denormalize(passed.normed, weights["norm_scale"], flow, gradients)
    by_step = np.zeros_like(passed.tape["hidden"][:, 1:])
    by_step[:, -1] = flow
    _lstm_backward(weights, 0, passed.tape, by_step, gradients)
    return loss, gradients, passed.normed


def scores_of(weights: ByName, batch: ByName, norm: str, convention: Convention, training: bool = False) -> np.ndarray:
    """(B, C). training: by the statistics of these rows, instead of the moving ones."""
    return _forward(weights, batch, norm, convention, training).scores


def _forward(weights: ByName, batch: ByName, norm: str, convention: Convention, training: bool) -> Passed:
    found: Normed | None = None

    def at(place: str, values: np.ndarray) -> np.ndarray:
        nonlocal found
        if norm not in (f"batch_{place}", f"layer_{place}"):
            return values
        scale, shift = weights["norm_scale"], weights["norm_shift"]
        if norm in BATCH and not training:
            off = (values - weights["norm_mean"]) / np.sqrt(weights["norm_variance"] + convention.epsilon)
            return off * scale + shift
        epsilon = convention.epsilon if norm in BATCH else convention.layer_epsilon
        found = normalize(values, scale, shift, epsilon, axis=0 if norm in BATCH else 1)
        return found.output

    hidden, tape = _lstm_forward(weights, 0, batch["inputs"])
    joined = at("after", np.concatenate([at("before", hidden[:, -1]), batch["onehots"]], 1))
    dense = at("dense", joined @ weights["dense_weight"].T + weights["dense_bias"])
    scores = np.maximum(dense, 0) @ weights["head_weight"].T + weights["head_bias"]
    return Passed(scores, tape, joined, dense, found)
