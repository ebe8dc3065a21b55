"""Are most of an array's elements where they should be? The norm of what is off cannot tell: rounding may decide about
a whole step of a single element, while decay that is left out, or gradients of 16 bits, move every element by little.
"""

import numpy as np

from embbench.oracle.doubt import EPSILON

MOST = 5e-5  # of what most elements move: float32 keeps below 1e-6, gradients in float16 make 2e-4
ROUNDINGS = 2  # of most elements in FEW steps; those of frameworks are off by 0.4
GATE = 4  # times these bounds, of most elements of one gate: of few, the median is less sure
GATES = 4  # of an LSTM, one after the other in each of its arrays
FEW = 3  # steps. Of more, each may round the same way, as decay alone does


def most_are_off(start: np.ndarray, want: np.ndarray, got: np.ndarray, dtype: str, steps: int = FEW) -> float | None:
    """By how much the median element is off, as a share of the median element's movement from `start` to `want`; None
    where rounding in `dtype` can explain it. Three arrays of one shape. steps: from `start` to `want`.
    """
    return _off(start, want, got, dtype, steps, 1.0)


def most_of_a_gate_are_off(
    start: np.ndarray, want: np.ndarray, got: np.ndarray, dtype: str, steps: int = FEW
) -> float | None:
    """The same of each gate of an array of an LSTM, which the median of all does not see; the largest share."""
    gates = zip(*(np.split(each, GATES) for each in (start, want, got)), strict=True)
    shares = [_off(*gate, dtype=dtype, steps=steps, times=GATE) for gate in gates]
    return max((share for share in shares if share is not None), default=None)


def _off(start: np.ndarray, want: np.ndarray, got: np.ndarray, dtype: str, steps: int, times: float) -> float | None:
    """times: the bounds."""
    off, movement, size = (float(np.median(np.abs(each))) for each in (got - want, want - start, want))
    rounding = ROUNDINGS * max(1.0, steps / FEW) * EPSILON[dtype] * size
    if off <= times * (MOST * movement + rounding):
        return None
    return off / movement if movement else float("inf")
