"""How often a step reads or writes the whole table: measured, derived from what its update does, and what else takes as
long.
"""

import msgspec

from embbench.model.growth import Growth
from embbench.spec.semantics import table_itemsize
from embbench.stats.effects import ratio
from embbench.stats.summary import Summary

ROOTS_OWN = 2  # a read and a write, which what is derived has already


class Passes(msgspec.Struct, frozen=True):
    """Reads and writes of the whole table in a step. measured: by how step time grows. derived: by what the update
    does, 0 where nothing says. How many of the measured ones are something else: kernel, time in the system's kernel;
    roots, what the square root of the optimizer's state takes longer than to read and write it.
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
        """More than what is known of; fewer where below 0."""
        return self.measured.center - self.explained


def passes(growth: Growth, rate: Summary, derived: float) -> Passes | None:
    """By slopes in vocab. Memory that is given back to the system in each step and asked for anew comes by page faults:
    that is the kernel. rate: bytes a second of a pass. None where no rising line describes a step, or it is not
    the table as a whole that grows: of a hybrid a part trains, and a product has its vectors besides.
    """
    case = growth.sweep.case
    if growth.time is None or case.table in ("hybrid", "onehot"):
        return None
    semantic = next((each.semantic for each in growth.sweep.results.values()), "")
    row = _seconds(case.dim * table_itemsize(semantic, case.itemsize), rate)
    kernel, roots = (
        None if each is None or each.coefficients[1] <= 0 else ratio(each.coefficient(1), row)
        for each in (growth.kernel, growth.roots)
    )
    measured = ratio(growth.time.coefficient(1), row)
    return None if measured is None else Passes(measured, derived, kernel, _less(roots, ROOTS_OWN))


def _seconds(amount: float, rate: Summary) -> Summary:
    """That `amount` takes at a rate."""
    low = None if rate.high is None else amount / rate.high
    high = None if rate.low is None else amount / rate.low
    return Summary(amount / rate.center, low, high, rate.n)


def _less(summary: Summary | None, known: float) -> Summary | None:
    """What is beyond what is known; None where that is nothing."""
    if summary is None or summary.center <= known:
        return None
    low, high = (None if each is None else max(0.0, each - known) for each in (summary.low, summary.high))
    return Summary(summary.center - known, low, high, summary.n)
