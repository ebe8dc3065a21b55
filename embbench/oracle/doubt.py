"""The error that honest rounding may cause in the gradient of a token.

Usually the error is a few roundings of the largest entry. Where gradients cancel in the steps of an LSTM, the
roundings of the cancelled numbers are large beside the rest: a token of 6.9e-5 among others of 1e-3 was off by 860
roundings in PyTorch and by 200 in NumPy (128 columns, 64 tokens, Adam's 113th step), and Adam turns that into a
hundredth of a step. The size of a gradient does not distinguish such tokens from tokens whose gradient became small
without cancelling. The same gradient in float32 does. Since the float32 gradient may be right by luck, it allows all
other tokens some hundred roundings too.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from embbench.workloads import ByName

EPSILON = {"float32": 2.0**-23, "float64": 2.0**-52}
DOUBT = 16  # roundings of a token's largest entry; 1 to 3 occur where nothing cancels
# Times the error of this float32 gradient, which may be right by luck: in 120,000 tokens of 30 networks, another order
# of the same sums was off by up to 51 times as much.
LUCK = 64


def rounding_of(flow: np.ndarray, dtype: str, unsure: np.ndarray) -> np.ndarray:
    """(B, S, 1): the possible error of a token's gradient where nothing cancels. flow: (B, S, D), the gradient by the
    rows looked up. unsure: (B,), a further relative error, as a share of the token's largest entry.
    """
    return (DOUBT * EPSILON[dtype] + unsure[:, None, None]) * np.abs(flow).max(axis=-1, keepdims=True)


def cancelled(
    network: Callable[..., Any], weights: ByName, rows: np.ndarray, labels: np.ndarray, flow: np.ndarray
) -> np.ndarray:
    """(B, S, 1): the possible error of a token's gradient, from the distance of float32 from `flow` (B, S, D). network:
    `Workload.scores_and_gradients`, called with weights, rows (B, S, D), and labels.
    """
    short = {name: array.astype(np.float32) for name, array in weights.items()}
    _, _, tried, _ = network(short, rows.astype(np.float32), labels)
    return LUCK * np.abs(tried - flow).max(axis=-1, keepdims=True)
