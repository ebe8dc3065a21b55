"""How step time and peak memory grow with an axis, T(V) = a + b·V, and what of that is passes over the table."""

import msgspec

from embbench.model.sweep import Sweep
from embbench.results.measures import Measures
from embbench.stats.effects import ratio
from embbench.stats.fit import Fit, Held, Points, fit, leave_one_out, line
from embbench.stats.summary import Summary

MEMORY = ("device_step_peak", "host_peak")  # the first that was measured tells where the table lies


class Growth(msgspec.Struct, frozen=True):
    """time: seconds a step. memory: bytes at the peak, of `memory_metric`. faults: page faults a step. Each None where
    there are fewer than two values of the axis, or no line describes them.
    """

    sweep: Sweep
    time: Fit | None
    memory: Fit | None
    memory_metric: str
    faults: Fit | None

    @property
    def grows(self) -> bool | None:
        """Whether a step is shown to take longer on larger values; None where there is no interval to tell."""
        if self.time is None or (slope := self.time.coefficient(1)).low is None:
            return None
        return slope.low > 0

    def share(self, value: float) -> Summary | None:
        """Of a step at `value`, what grows with the axis: b·V / T(V), between 0 and 1. Of the two terms only b counts
        as uncertain: where it is larger a is smaller, and their sum is known far better than either.
        """
        if self.time is None or (whole := self.time.at(line(value)).center) <= 0:
            return None
        slope = self.time.coefficient(1)
        shares = (
            None if b is None else min(1.0, max(0.0, b * value / whole)) for b in msgspec.structs.astuple(slope)[:3]
        )
        return Summary(*shares, slope.n)

    def break_even(self) -> float | None:
        """The value from which on half of a step or more is what grows: a / b. None unless it is shown to grow."""
        if not self.grows or self.time is None:
            return None
        constant, slope = self.time.coefficients
        return max(0.0, constant) / slope


def grow(sweep: Sweep, measures: Measures) -> Growth:
    """The lines of one sweep."""
    metric = next((name for name in MEMORY if _points(sweep, name, measures)), "")
    time, memory, faults = (_line(sweep, name, measures) for name in ("step_time", metric, "faults_per_step"))
    return Growth(sweep, time, memory, metric, faults)


def held_out(sweep: Sweep, metric: str, measures: Measures) -> list[Held]:
    """Each measured value against the line through the others; [] below three."""
    points = _points(sweep, metric, measures)
    try:
        return leave_one_out(points) if len(points) > 2 else []
    except ValueError:  # the others' line is none
        return []


def passes(growth: Growth, rate: Summary) -> Summary | None:
    """How often a step reads or writes the whole table, by its slope in vocab. rate: bytes a second of a pass. None
    where it is not the table as a whole that grows: of a hybrid a part trains, and a product has its vectors besides.
    """
    if growth.time is None or growth.sweep.case.table in ("hybrid", "onehot"):
        return None
    return ratio(growth.time.coefficient(1), _seconds(_row(growth), rate))


def fault_passes(growth: Growth, page: int, touch: Summary, write: Summary, rate: Summary) -> float:
    """Passes that take as long as what the page faults of a step cost beyond writing the pages: a gradient that is
    given back to the system each step, and is asked for anew. page: bytes. touch, write, rate: bytes a second of a
    first write, a write, a pass.
    """
    if growth.faults is None:
        return 0.0
    seconds = growth.faults.coefficients[1] * page * (1 / touch.center - 1 / write.center)
    return max(0.0, seconds * rate.center / _row(growth))


def _points(sweep: Sweep, metric: str, measures: Measures) -> Points:
    """The axis' values with the metric's medians of their rounds."""
    found = {line(float(value)): list(measures.medians(each, metric).values()) for value, each in sweep.results.items()}
    return {features: values for features, values in found.items() if values and min(values) > 0}


def _line(sweep: Sweep, metric: str, measures: Measures) -> Fit | None:
    try:
        return fit(_points(sweep, metric, measures))
    except ValueError:  # fewer than two values, or no line describes them
        return None


def _row(growth: Growth) -> int:
    case = growth.sweep.case
    return case.dim * case.itemsize


def _seconds(amount: float, rate: Summary) -> Summary:
    """That `amount` takes at a rate."""
    low = None if rate.high is None else amount / rate.high
    high = None if rate.low is None else amount / rate.low
    return Summary(amount / rate.center, low, high, rate.n)
