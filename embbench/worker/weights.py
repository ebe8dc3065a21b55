"""Are most elements of an array where they should be? The norm of the error cannot answer that: rounding may decide
about a whole step of a single element, while missing decay or 16-bit gradients move every element by little.
"""

import numpy as np

from embbench.oracle.doubt import EPSILON

MOST = 5e-5  # allowed error as a share of the movement: float32 stays below 1e-6, float16 gradients reach 2e-4
ROUNDINGS = 2  # allowed roundings of the median element in FEW steps; frameworks are off by 0.4
GATE = 4  # multiple of both bounds for a single gate: the median of fewer elements is less certain
GATES = 4  # of an LSTM, one after the other in every array
FEW = 3  # steps; more steps may all round the same way, as decay does


def most_are_off(start: np.ndarray, want: np.ndarray, got: np.ndarray, dtype: str, steps: int = FEW) -> float | None:
    """The error of the median element as a share of the median movement from `start` to `want`; None if rounding in
    `dtype` can explain it. start, want, got: arrays of one shape. steps: from `start` to `want`.
    """
    return _off(start, want, got, dtype, steps, 1.0)


def most_of_a_gate_are_off(
    start: np.ndarray, want: np.ndarray, got: np.ndarray, dtype: str, steps: int = FEW
) -> float | None:
    """The largest share of a single gate in an array of an LSTM; the median over all gates may hide it."""
    parts = zip(*(np.split(each, GATES) for each in (start, want, got)), strict=True)
    shares = [_off(*part, dtype=dtype, steps=steps, times=GATE) for part in parts]
    return max((share for share in shares if share is not None), default=None)


def _off(start: np.ndarray, want: np.ndarray, got: np.ndarray, dtype: str, steps: int, times: float) -> float | None:
    """times: multiple of the bounds."""
    off, movement, size = (float(np.median(np.abs(each))) for each in (got - want, want - start, want))
    rounding = ROUNDINGS * max(1.0, steps / FEW) * EPSILON[dtype] * size
    if off <= times * (MOST * movement + rounding):
        return None
    return off / movement if movement else float("inf")
