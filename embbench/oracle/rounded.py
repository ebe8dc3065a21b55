"""A table in fewer bits than float32. The rows of every honest program lie within intervals.

Where a number lies next to the middle between two neighbours, rounding to the nearest turns a difference in the last
bit of float32 into a difference in the last bit of the table. Intervals show where: nearly everywhere both ends round
to the same number of the table's type, and a program must have that number.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from embbench.cases.precision import FORMATS, Precision, rounded, unit
from embbench.cases.workload import HYPERPARAMETERS, Hyperparameters
from embbench.oracle.intervals import Interval
from embbench.oracle.optimizers import Optimizer

CONSTANT = 2.0**-24  # relative error of an optimizer's constant in float32


@dataclass
class RoundedOptimizer(Optimizer):
    """An optimizer on Intervals that rounds the state it stores."""

    precision: Precision | None = None

    def _numbers(self) -> Hyperparameters:
        told = HYPERPARAMETERS[self.name]
        kept = rounded(np.array(told.rate), self._known.table)
        rate = Interval(np.minimum(told.rate, kept), np.maximum(told.rate, kept))
        wide = {
            name: Interval(value * (1 - CONSTANT), value * (1 + CONSTANT))
            for name, value in vars(told).items()
            if name != "rate"
        }
        return replace(told, rate=cast(Any, rate), **cast(Any, wide))

    def _old(self, name: str, array: Any) -> Any:
        return Interval.of(super()._old(name, array))

    def _stored(self, state: Any) -> Any:
        known = self._known
        return state if known.wide_states else state.each(lambda end: rounded(end, known.table))

    @property
    def _known(self) -> Precision:
        assert self.precision is not None
        return self.precision


class RoundedTable:
    """The array that the optimizer moves, (R, D): the stored rows, or their master copy."""

    def __init__(self, precision: Precision, rows: np.ndarray) -> None:
        """rows: the stored rows. A master copy starts equal to them."""
        self._precision, self._moved = precision, Interval.of(rows).copy()

    @property
    def between(self) -> Interval:
        """The stored rows."""
        return self._moved.each(self.nearest)

    def train(
        self, optimizer: Optimizer, flow: Interval, summed: "Summed", rows: np.ndarray | None, apart: bool
    ) -> None:
        """One update. flow: gradients of the occurrences. summed: adds the values of equal rows. rows: rows that move;
        None for all. apart: whether to square the gradients before adding them, instead of squaring their sum.
        """
        gradient = self._gradient(flow, summed)
        optimizer.update(cast(Any, self._moved), cast(Any, gradient), rows, (flow**2).each(summed) if apart else None)
        if not self._precision.master:
            self._moved = self.between

    def decay(self, rows: np.ndarray, name: str) -> None:
        """Weight decay of rows without any other update. name: of HYPERPARAMETERS."""
        told = HYPERPARAMETERS[name]
        self._moved[rows] = self._moved[rows] * (1 - told.rate * told.decay)
        if not self._precision.master:
            self._moved = self.between

    def adopt(self, rows: np.ndarray) -> None:
        """Continues from stored rows (R, D) of a program, as far as they lie within the intervals. Stored rows are the
        rounding of a master copy within half a unit of them.
        """
        self._moved = self._moved.within(self._behind(rows))

    def resume(self, rows: np.ndarray, master: np.ndarray | None) -> None:
        """Continues from the rows (R, D) of a program that has already made steps, and from its master copy. Where the
        program does not show its master copy (None), the master copy is any array that rounds to the rows.
        """
        self._moved = self._behind(rows) if master is None else Interval.of(master)

    @property
    def master(self) -> Interval:
        """The array whose rounding is stored."""
        return self._moved

    def _behind(self, rows: np.ndarray) -> Interval:
        """The arrays that may round to the stored rows."""
        half = unit(rows, self._precision.table) / 2 if self._precision.master else 0.0
        return Interval(rows - half, rows + half)

    def _gradient(self, flow: Interval, summed: "Summed") -> Interval:
        """The gradient that reaches the optimizer. The bound on a sum of k numbers in any order is from Higham,
        Accuracy and Stability of Numerical Algorithms (2002), 4.2, with one rounding more, so that it also holds where
        only the total is rounded.
        """
        if self._precision.gradient == "float32":
            return flow.each(summed)
        most = 2.0 ** -FORMATS[self._precision.table][0]  # largest relative rounding error
        parts = flow.each(self.nearest)
        size = summed(np.maximum(np.abs(parts.low), np.abs(parts.high)))
        count = summed(np.ones_like(flow.low))
        total = parts.each(summed).wider(np.where(count > 1, ((1 + most) ** count - 1) * size, 0.0))
        return total.each(self.nearest)

    def nearest(self, values: np.ndarray) -> np.ndarray:
        """Values as they would be stored."""
        return rounded(values, self._precision.table)

    def unlike(self, rows: np.ndarray) -> str:
        """What shows that rows were not stored in the table's type; '' where nothing does."""
        if not (other := rows[self.nearest(rows) != rows]).size:
            return ""
        return f"rows have more bits than {self._precision.table}, in which the table is said to be kept: {other[0]!r}"


Summed = Callable[[np.ndarray], np.ndarray]
