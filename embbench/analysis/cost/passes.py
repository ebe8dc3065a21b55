"""Passes over the whole table in a step: measured, derived from the update, and other causes in the same unit."""

import msgspec

from embbench.analysis.cost.growth import Growth
from embbench.cases.semantics import table_itemsize
from embbench.stats.effects import ratio
from embbench.stats.summary import Summary

NEXT_TO_NOTHING = 1e-9  # share that replaces 0, which has no logarithm
ROOTS_OWN = 2  # a read and a write, which the derived passes include already


class Passes(msgspec.Struct, frozen=True):
    """Passes over the whole table in a step. measured: from the growth of step time. derived: from the declared update;
    0 where it is unknown. kernel, roots: measured passes with other causes: time in the system's kernel, and square
    roots of optimizer state beyond reading and writing it.
    """

    measured: Summary
    derived: float
    kernel: Summary | None
    roots: Summary | None

    @property
    def explained(self) -> float:
        return self.derived + sum(each.center for each in (self.kernel, self.roots) if each is not None)

    @property
    def unexplained(self) -> float:
        """Measured passes beyond the explained passes; below 0 for fewer."""
        return self.measured.center - self.explained


def passes(growth: Growth, rate: Summary, derived: float) -> Passes | None:
    """The passes, from slopes in vocab. The kernel's passes are page faults of memory that goes back to the system in
    each step and is allocated again. rate: bytes per second of a pass. None where no rising line describes a step, and
    where not only the table grows as a whole: in a hybrid table only a part trains, and a onehot product also has its
    vectors.
    """
    case = growth.sweep.case
    if growth.time is None or case.table in ("hybrid", "onehot"):
        return None
    semantic = next((each.semantic for each in growth.sweep.results.values()), "")
    row = _seconds(case.dim * table_itemsize(semantic, case.itemsize), rate)
    kernel, roots = (
        None if each is None or each.coefficients[1] <= 0 else _times(each.coefficient(1), row)
        for each in (growth.kernel, growth.roots)
    )
    measured = _times(growth.time.coefficient(1), row)
    return None if measured is None else Passes(measured, derived, kernel, _less(roots, ROOTS_OWN))


def _times(slope: Summary, row: Summary) -> Summary | None:
    """slope / row. An interval that reaches below 0 begins at 0: no part of a step takes less than no time. Dropping
    such an interval was rejected, because a ratio without an interval would look certain.
    """
    if slope.low is None or slope.low > 0 or slope.center <= 0:
        return ratio(slope, row)
    found = ratio(msgspec.structs.replace(slope, low=slope.center * NEXT_TO_NOTHING), row)
    return None if found is None or found.low is None else msgspec.structs.replace(found, low=0.0)


def _seconds(amount: float, rate: Summary) -> Summary:
    """Seconds for `amount` at a rate."""
    low = None if rate.high is None else amount / rate.high
    high = None if rate.low is None else amount / rate.low
    return Summary(amount / rate.center, low, high, rate.n)


def _less(summary: Summary | None, known: float) -> Summary | None:
    """The part beyond `known`; None where there is none."""
    if summary is None or summary.center <= known:
        return None
    low, high = (None if each is None else max(0.0, each - known) for each in (summary.low, summary.high))
    return Summary(summary.center - known, low, high, summary.n)
