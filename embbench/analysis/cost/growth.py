"""Growth of step time, its parts and peak memory with an axis: T(V) = a + b·V."""

import statistics

import msgspec

from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.lacks import Bend
from embbench.analysis.cost.sweep import Sweep
from embbench.stats.fit import Features, Fit, LeftOut, Points, fit, leave_one_out, line
from embbench.stats.summary import CONFIDENCE, Summary

OWN = "step_time outside the kernel"  # unlike page faults, it is proportional to the rows
ON_LINE = 0.1  # share: a size this close to the line is never off
WORTH = 0.02  # of a step: a smaller part counts as none
MEMORY = ("device_step_peak", "host_peak")  # the first measured metric shows the place of the table


class Growth(msgspec.Struct, frozen=True):
    """time: seconds of a step. own, kernel: seconds outside and inside the system's kernel. roots: seconds for square
    roots of optimizer state. memory: peak bytes, by `memory_metric`. None where the axis has fewer than two values, or
    no line describes the numbers. ratio: seconds at the largest value over seconds at the smallest value.
    """

    sweep: Sweep
    time: Fit | None
    memory: Fit | None
    memory_metric: str
    own: Fit | None
    kernel: Fit | None
    roots: Fit | None
    ratio: Summary | None = None

    @property
    def rises(self) -> bool:
        """Whether a step is shown to take longer at the largest value than at the smallest value, on a line or not."""
        return self.ratio is not None and self.ratio.low is not None and self.ratio.low > 1

    @property
    def grows(self) -> bool | None:
        """Whether a step, or its part outside the kernel, is shown to take longer on larger values; None without an
        interval. The kernel's part need not be proportional and may hide the growth of the rest.
        """
        known = [low for low in self._lows() if low is not None]
        return max(known) > 0 if known else None

    @property
    def confidence(self) -> float:
        """The confidence of each line, because either line may show growth (Bonferroni). Own time alone was rejected:
        it shows nothing where page faults grow.
        """
        return 1 - (1 - CONFIDENCE) / max(1, len(self._lines()))

    def _lines(self) -> list[Fit]:
        return [each for each in (self.time, self.own) if each is not None]

    def _lows(self) -> list[float | None]:
        """Lower bounds of the slopes, in seconds per unit of the axis, which hold together."""
        return [each.coefficient(1, self.confidence).low for each in self._lines()]

    def share(self, value: float) -> Summary | None:
        """The share of a step at `value` that grows with the axis: b·V / T(V), between 0 and 1. Only b counts as
        uncertain: a larger b means a smaller a, and their sum is known far better. The lower bound is at least that of
        the own part; a is at least its bound (see `fit`).
        """
        if self.time is None or (whole := self.time.at(line(value)).center) <= 0:
            return None
        slope = self.time.coefficient(1)
        low = None if slope.low is None else max(each for each in self._lows() if each is not None)
        most = max(0.0, 1 - self.time.least / whole)
        longest = max(whole, self.time.free[0] + self.time.free[1] * value)
        shares = ((slope.center, whole), (low, longest), (slope.high, whole))
        center, low, high = (None if b is None else min(most, max(0.0, b * value / of)) for b, of in shares)
        assert center is not None
        return Summary(center if low is None else max(low, center), low, high, slope.n)

    def break_even(self) -> float | None:
        """The value from which half of a step or more grows with the axis: a / b. None unless growth is shown."""
        if not self.grows or self.time is None:
            return None
        constant, slope = self.time.coefficients
        return max(0.0, constant) / slope


def grow(sweep: Sweep, measures: Measures, seconds: str = "step_time") -> Growth:
    """The lines of a sweep. seconds: the metric of its time; sizes without this metric are left out."""
    known = {value: each for value, each in sweep.results.items() if measures.medians(each, seconds)}
    sweep = msgspec.structs.replace(sweep, results=known or sweep.results)
    metric = next((name for name in MEMORY if _points(sweep, name, measures)), "")
    names = (seconds, metric, "kernel_time", "phase_square_root")
    least = _least(sweep, measures) if seconds == "step_time" and sweep.axis == "vocab" else 0.0
    bounds = (least, 0.0, 0.0, 0.0)
    time, memory, kernel, roots = (
        _line(_points(sweep, name, measures), bound) for name, bound in zip(names, bounds, strict=True)
    )
    own = _line(_own(sweep, measures)) if seconds == "step_time" else None
    smallest, largest = (sweep.results[pick(sweep.values)] for pick in (min, max))
    ratio = measures.ratio(largest, smallest, seconds) if len(sweep.values) > 1 else None
    return Growth(sweep, time, memory, metric, own, kernel, roots, ratio)


def held_out(sweep: Sweep, metric: str, measures: Measures) -> list[LeftOut]:
    """Every measured value against the line through the others; [] below three values. metric: a name, or OWN."""
    points = _own(sweep, measures) if metric == OWN else _points(sweep, metric, measures)
    try:
        return leave_one_out(points) if len(points) > 2 else []
    except ValueError:  # no line through the others
        return []


def off_line(points: Points, features: Features) -> LeftOut | None:
    """The point at `features`, if it is shown to be off the line of the others by more than ON_LINE; else None."""
    try:
        held = next((each for each in leave_one_out(points) if each.features == features), None)
    except ValueError:  # the others are too few
        return None
    if held is None or held.predicted.low is None or held.predicted.high is None:
        return None
    near = held.predicted.low <= held.measured <= held.predicted.high
    return None if near or abs(held.predicted.center / held.measured - 1) <= ON_LINE else held


def bends(sweep: Sweep, measures: Measures) -> list[Bend]:
    """The ends of a sweep that are off the line of the rest."""
    points = _points(sweep, "step_time", measures)
    found = {value: off_line(points, line(float(value))) for value in {min(sweep.values), max(sweep.values)}}
    return [Bend(sweep.axis, value, held) for value, held in sorted(found.items()) if held]


def _points(sweep: Sweep, metric: str, measures: Measures) -> Points:
    """Features of the axis' values -> medians of the rounds."""
    found = {line(float(value)): list(measures.medians(each, metric).values()) for value, each in sweep.results.items()}
    return {features: values for features, values in found.items() if values and min(values) > 0}


def _own(sweep: Sweep, measures: Measures) -> Points:
    """Features -> seconds of a step outside the kernel; {} where the kernel takes too little. The growth of a heap in
    the timed window is no part of the median step.
    """
    found = {}
    for value, each in sweep.results.items():
        whole, kernel = measures.medians(each, "step_time"), measures.medians(each, "kernel_time")
        own = [seconds - kernel[place] for place, seconds in whole.items() if place in kernel]
        if own and min(own) > 0:
            found[line(float(value))] = own
        if kernel and statistics.median(kernel.values()) < WORTH * statistics.median(whole.values()):
            return {}
    return found


def _least(sweep: Sweep, measures: Measures) -> float:
    """The least seconds of a step of the sweep, at any number of rows: the lower end of a step with a frozen table; 0
    without such a step.
    """
    siblings = (measures.frozen_sibling(each) for each in sweep.results.values() if each.case.table != "frozen")
    found = [measures.summary(each, "step_time") for each in siblings if each is not None and measures.is_timed(each)]
    times = [each for each in found if isinstance(each, Summary)]
    return min((each.center if each.low is None else each.low for each in times), default=0.0)


def _line(points: Points, least: float = 0.0) -> Fit | None:
    try:
        return fit(points, least)
    except ValueError:  # fewer than two values, or no line describes them
        return None
