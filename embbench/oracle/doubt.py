"""The error that honest rounding may cause in the gradient of a token.

Usually the error is a few roundings of the largest entry. But where gradients cancel in the steps of an LSTM, the
roundings of the cancelled numbers are large beside the rest: a token of 6.9e-5 among others of 1e-3 was off by 860
roundings in PyTorch and by 200 in NumPy (128 columns, 64 tokens, Adam's 113th step), and Adam makes a hundredth of a
step of it. The size of a gradient does not distinguish such tokens from tokens whose gradient became small without
cancelling. The same gradient in float32 does. Since it may be right by luck, other tokens are allowed some hundred
roundings by it too.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from embbench.workloads import ByName

EPSILON = {"float32": 2.0**-23, "float64": 2.0**-52}
DOUBT = 16  # roundings of a token's largest entry, of which 1 to 3 are seen where nothing cancels
# Times as far off as the float32 of here, which may be right by luck: of 120,000 tokens of 30 networks, another order
# of the same sums was off by up to 51 times as much.
LUCK = 64


def rounding_of(flow: np.ndarray, dtype: str, unsure: np.ndarray) -> np.ndarray:
    """(B, S, 1), where nothing cancels. flow: (B, S, D), the gradient by the rows looked up. unsure: (B,), by which
    share of its largest entry a token's gradient may be off besides.
    """
    return (DOUBT * EPSILON[dtype] + unsure[:, None, None]) * np.abs(flow).max(axis=-1, keepdims=True)


def cancelled(
    network: Callable[..., Any], weights: ByName, rows: np.ndarray, labels: np.ndarray, flow: np.ndarray
) -> np.ndarray:
    """(B, S, 1): the same by how far float32 is from `flow` (B, S, D). network: `Workload.scores_and_gradients`, whose
    arguments are the others. rows: (B, S, D), looked up.
    """
    short = {name: array.astype(np.float32) for name, array in weights.items()}
    _, _, tried, _ = network(short, rows.astype(np.float32), labels)
    return LUCK * np.abs(tried - flow).max(axis=-1, keepdims=True)
