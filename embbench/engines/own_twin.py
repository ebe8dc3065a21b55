"""Whether two programs train alike: their weights after the same few steps.

Weights of equal training differ by rounding only, which is counted in units of the last place (ulp) of the weight. A
single weight may differ more, because Adam divides a gradient by its own size: a gradient that is rounding itself then
gives a step of any sign. So a share of the weights that moved may differ.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

STEPS = 4
ULPS = 32
OF_MOVEMENT = 2e-4  # difference that is allowed, as a share of the movement
MOST_OFF = 0.002  # of the numbers of a weight that moved: a few rows that occur twice in a batch must show


class Trained(NamedTuple):
    """Weights by name before and after STEPS steps."""

    before: dict[str, np.ndarray]
    after: dict[str, np.ndarray]

    def of_rows(self, rows: Mapping[str, np.ndarray]) -> "Trained":
        """The same with some rows only of the named weights."""
        before, after = (
            {name: each[rows[name]] if name in rows else each for name, each in weights.items()} for weights in self
        )
        return Trained(before, after)


class Twin(NamedTuple):
    """same: whether the programs train alike. identical: bit by bit. difference: the largest of a number. off: the
    weight with the largest share of numbers that differ; '' without.
    """

    same: bool
    identical: bool
    difference: float
    off: str


def compare(own: Trained, other: Trained, jittered: Trained | None = None) -> Twin:
    """Compares the weights that both have. jittered: the own program with weights that differ in their last place.
    Numbers that this changes by more than rounding are left out: their gradient is rounding itself, such as that of a
    key's bias in attention, and Adam divides it by its own size.
    """
    names = [name for name in own.after if name in other.after]
    differences = {name: _largest(own.after[name], other.after[name]) for name in names}
    steady = {name: None if jittered is None else ~_off(own, jittered, name) for name in names}
    shares = {name: share_off(own.before[name], own.after[name], other.after[name], steady[name]) for name in names}
    off = max(shares, key=lambda name: shares[name], default="")
    same = not off or shares[off] <= MOST_OFF
    identical = all(np.array_equal(own.after[name], other.after[name]) for name in names)
    return Twin(same, identical, max(differences.values(), default=0.0), "" if same else off)


def share_off(before: np.ndarray, own: np.ndarray, other: np.ndarray, steady: np.ndarray | None = None) -> float:
    """The share of the numbers that moved in either program and differ by more than rounding. steady: where a number
    counts; None for all.
    """
    if own.shape != other.shape:
        return 1.0
    moved = (own != before) | (other != before)
    if steady is not None:
        moved &= steady
    return float(np.mean(_differ(before, own, other)[moved])) if moved.any() else 0.0


def _off(own: Trained, other: Trained, name: str) -> np.ndarray:
    return _differ(own.before[name], own.after[name], other.after[name])


def _differ(before: np.ndarray, own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Where numbers differ by more than rounding."""
    start, one, two = (each.astype(np.float64) for each in (before, own, other))
    ulp = np.spacing(np.maximum(np.abs(own), np.abs(other))).astype(np.float64)
    return ~(np.abs(one - two) <= ULPS * ulp + OF_MOVEMENT * np.abs(one - start))


def _largest(own: np.ndarray, other: np.ndarray) -> float:
    if own.shape != other.shape or not own.size:
        return 0.0
    return float(np.abs(own.astype(np.float64) - other).max())
