"""Scores of a model from its logits, by NumPy alone, so that every framework is scored by the same arithmetic."""

import numpy as np


def log_shares(logits: np.ndarray) -> np.ndarray:
    """(..., C): logarithms of softmax, in float64."""
    wide = np.asarray(logits, np.float64)
    wide = wide - wide.max(-1, keepdims=True)
    return wide - np.log(np.exp(wide).sum(-1, keepdims=True))


def log_losses(log_probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(M,) nats: minus the logarithm of the share of the right class. log_probabilities: (M, C). labels: (M,)."""
    return -np.take_along_axis(log_probabilities, labels[:, None], -1)[:, 0]


def accuracy(scores: np.ndarray, labels: np.ndarray) -> float:
    """The share of right answers; k classes that tie for the best count as 1/k of an answer, and
    an answer with a NaN is wrong. scores: (M, C).
    """
    best = scores == scores.max(-1, keepdims=True)
    right = np.take_along_axis(best, labels[:, None], -1)[:, 0]
    return float((right / np.maximum(best.sum(-1), 1)).mean())


def standard_error(values: np.ndarray) -> float:
    """Of the mean of independent values (M,), M > 1."""
    return float(values.std(ddof=1) / len(values) ** 0.5)


def area_under_roc(inside: np.ndarray, outside: np.ndarray) -> float:
    """P(score inside > score outside) + P(equal) / 2, over all pairs."""
    ordered = np.sort(outside)
    below = np.searchsorted(ordered, inside, side="left")
    not_above = np.searchsorted(ordered, inside, side="right")
    return float((below + not_above).mean() / (2 * len(outside)))


def accepted_outside(inside: np.ndarray, outside: np.ndarray, known: float = 0.95) -> float:
    """The share of `outside` that is accepted where at least the share `known` of `inside` is. Scores that equal the
    threshold are accepted; the threshold is a score of `inside`, the largest that accepts enough.
    """
    threshold = np.sort(inside)[::-1][int(np.ceil(known * len(inside))) - 1]
    return float((outside >= threshold).mean())
