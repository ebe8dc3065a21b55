"""Interval arithmetic: bounds on the result of every honest float32 program.

Moore, "Interval Analysis" (1966): an operation gives the smallest and the largest result that its operands allow, and
then widens both outwards by the error of a rounding. An Interval replaces an array in `oracle.optimizers`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

UNIT = 2.0**-22  # a few roundings of float32: programs fuse and order the same operations differently


class Interval(np.lib.mixins.NDArrayOperatorsMixin):
    """Arrays of lower and of upper ends, with equal shapes. NumPy's operators and the functions of OPERATIONS work."""

    def __init__(self, low: Any, high: Any) -> None:
        self.low, self.high = np.asarray(low, np.float64), np.asarray(high, np.float64)

    @classmethod
    def of(cls, value: Any) -> "Interval":
        """An Interval from exact numbers; an Interval is returned unchanged."""
        return value if isinstance(value, Interval) else cls(np.array(value), np.array(value))

    def each(self, function: Callable[[np.ndarray], np.ndarray]) -> "Interval":
        """The result of a non-decreasing function without rounding of its own."""
        return Interval(function(self.low), function(self.high))

    def within(self, other: "Interval") -> "Interval":
        """The intersection; where the two are disjoint, the end of this interval that is nearest to the other."""
        return other.each(self.nearest)

    def nearest(self, values: np.ndarray) -> np.ndarray:
        """The numbers in the interval that are nearest to `values`."""
        return np.clip(values, self.low, self.high)

    def wider(self, by: np.ndarray | float) -> "Interval":
        return Interval(self.low - by, self.high + by)

    def mean(self, axis: int, keepdims: bool = False) -> "Interval":
        return _outwards(self.each(lambda end: end.mean(axis, keepdims=keepdims)))

    def copy(self) -> "Interval":
        return self.each(np.copy)

    def __getitem__(self, where: Any) -> "Interval":
        return self.each(lambda end: end[where])

    def __setitem__(self, where: Any, value: "Interval") -> None:
        self.low[where], self.high[where] = value.low, value.high

    @property
    def shape(self) -> tuple[int, ...]:
        return self.low.shape

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **_: Any) -> Any:
        if method != "__call__" or ufunc not in OPERATIONS:
            return NotImplemented
        return _outwards(OPERATIONS[ufunc](*inputs))

    def __array_function__(self, func: Any, _types: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Functions that rearrange an array without computing."""
        if func not in (np.zeros_like, np.broadcast_to):
            return NotImplemented
        return Interval(*(np.array(func(end, *args[1:], **kwargs)) for end in (self.low, self.high)))


def _outwards(result: Interval) -> Interval:
    return Interval(result.low - UNIT * np.abs(result.low), result.high + UNIT * np.abs(result.high))


def _add(one: Any, other: Any) -> Interval:
    one, other = Interval.of(one), Interval.of(other)
    return Interval(one.low + other.low, one.high + other.high)


def _subtract(one: Any, other: Any) -> Interval:
    one, other = Interval.of(one), Interval.of(other)
    return Interval(one.low - other.high, one.high - other.low)


def _multiply(one: Any, other: Any) -> Interval:
    return _corners(np.multiply, Interval.of(one), Interval.of(other))


def _divide(one: Any, other: Any) -> Interval:
    """The divisor must be above 0."""
    return _corners(np.true_divide, Interval.of(one), Interval.of(other))


def _corners(operate: Callable[..., np.ndarray], one: Interval, other: Interval) -> Interval:
    ends = [operate(first, second) for first in (one.low, one.high) for second in (other.low, other.high)]
    return Interval(np.minimum.reduce(ends), np.maximum.reduce(ends))


def _power(base: Interval, exponent: int) -> Interval:
    """A whole exponent. The minimum of an even power is 0 where 0 lies between the ends."""
    ends = base.low**exponent, base.high**exponent
    least = np.minimum(*ends)
    if exponent % 2 == 0:
        least = np.where((base.low < 0) & (base.high > 0), 0.0, least)
    return Interval(least, np.maximum(*ends))


def _root(square: Interval) -> Interval:
    return square.each(lambda end: np.sqrt(np.maximum(end, 0.0)))


OPERATIONS: dict[Any, Callable[..., Interval]] = {
    np.add: _add,
    np.subtract: _subtract,
    np.multiply: _multiply,
    np.true_divide: _divide,
    np.power: _power,
    np.square: lambda base: _power(base, 2),
    np.sqrt: _root,
}
