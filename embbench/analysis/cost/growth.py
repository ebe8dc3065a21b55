"""How step time, parts of it and peak memory grow with an axis: T(V) = a + b·V."""

import statistics

import msgspec

from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.lacks import Bend
from embbench.analysis.cost.sweep import Sweep
from embbench.stats.fit import Features, Fit, LeftOut, Points, fit, leave_one_out, line
from embbench.stats.summary import CONFIDENCE, Summary

OWN = "step_time outside the kernel"  # page faults need not cost in proportion to the rows; the program itself does
ON_LINE = 0.1  # so far off a size may be in any case
WORTH = 0.02  # of a step: less than that is no part of it
MEMORY = ("device_step_peak", "host_peak")  # the first that was measured tells where the table lies


class Growth(msgspec.Struct, frozen=True):
    """time: seconds a step; own, kernel: of these, outside and in the system's kernel; roots: for square roots of the
    optimizer's state. memory: bytes at the peak, of `memory_metric`. Each None where there are fewer than two values of
    the axis, or no line describes them.
    """

    sweep: Sweep
    time: Fit | None
    memory: Fit | None
    memory_metric: str
    own: Fit | None
    kernel: Fit | None
    roots: Fit | None

    @property
    def grows(self) -> bool | None:
        """Whether a step, or what of it is its own, is shown to take longer on larger values; None where there is no
        interval to tell. The kernel's part need not be in proportion, and then hides in the whole what the rest shows.
        """
        known = [low for low in self._lows() if low is not None]
        return max(known) > 0 if known else None

    @property
    def confidence(self) -> float:
        """Of each line by itself, where either may show that a step grows: two chances for a false alarm must not be
        more than one (Bonferroni). Own time alone was rejected: where page faults are what grows, it shows nothing.
        """
        return 1 - (1 - CONFIDENCE) / max(1, len(self._lines()))

    def _lines(self) -> list[Fit]:
        return [each for each in (self.time, self.own) if each is not None]

    def _lows(self) -> list[float | None]:
        """Lower bounds of what a step takes longer for each unit of the axis, which hold together."""
        return [each.coefficient(1, self.confidence).low for each in self._lines()]

    def share(self, value: float) -> Summary | None:
        """Of a step at `value`, what grows with the axis: b·V / T(V), between 0 and 1. Of the two terms only b counts
        as uncertain: where it is larger a is smaller, and their sum is known far better than either. What of it is the
        step's own is not less than it is by itself; a is not less than its bound (see `fit`).
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
        """The value from which on half of a step or more is what grows: a / b. None unless it is shown to grow."""
        if not self.grows or self.time is None:
            return None
        constant, slope = self.time.coefficients
        return max(0.0, constant) / slope


def grow(sweep: Sweep, measures: Measures, seconds: str = "step_time") -> Growth:
    """The lines of one sweep. seconds: the metric that counts as its time; sizes without it are left out."""
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
    return Growth(sweep, time, memory, metric, own, kernel, roots)


def held_out(sweep: Sweep, metric: str, measures: Measures) -> list[LeftOut]:
    """Each measured value against the line through the others; [] below three. metric: a name, or OWN."""
    points = _own(sweep, measures) if metric == OWN else _points(sweep, metric, measures)
    try:
        return leave_one_out(points) if len(points) > 2 else []
    except ValueError:  # the others' line is none
        return []


def off_line(points: Points, features: Features) -> LeftOut | None:
    """One of the points where it is shown not to lie on what the others say, further than ON_LINE."""
    try:
        held = next((each for each in leave_one_out(points) if each.features == features), None)
    except ValueError:  # the others are too few
        return None
    if held is None or held.predicted.low is None or held.predicted.high is None:
        return None
    near = held.predicted.low <= held.measured <= held.predicted.high
    return None if near or abs(held.predicted.center / held.measured - 1) <= ON_LINE else held


def bends(sweep: Sweep, measures: Measures) -> list[Bend]:
    """Which ends of a sweep lie on no line with the rest."""
    points = _points(sweep, "step_time", measures)
    found = {value: off_line(points, line(float(value))) for value in {min(sweep.values), max(sweep.values)}}
    return [Bend(sweep.axis, value, held) for value, held in sorted(found.items()) if held]


def _points(sweep: Sweep, metric: str, measures: Measures) -> Points:
    """The axis' values with the metric's medians of their rounds."""
    found = {line(float(value)): list(measures.medians(each, metric).values()) for value, each in sweep.results.items()}
    return {features: values for features, values in found.items() if values and min(values) > 0}


def _own(sweep: Sweep, measures: Measures) -> Points:
    """Likewise, seconds of a step that are not the kernel's; {} unless it has a part of each: of a heap that grows
    once, what it takes in the timed window is no part of the median step.
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
    """Seconds below which no step of the sweep can be, however few its rows: that without training the table, which is
    a part of it, at the lower end of its interval; 0 where that was not measured.
    """
    siblings = (measures.frozen_sibling(each) for each in sweep.results.values() if each.case.table != "frozen")
    found = [measures.summary(each, "step_time") for each in siblings if each is not None and measures.is_timed(each)]
    told = [each for each in found if isinstance(each, Summary)]
    return min((each.center if each.low is None else each.low for each in told), default=0.0)


def _line(points: Points, least: float = 0.0) -> Fit | None:
    try:
        return fit(points, least)
    except ValueError:  # fewer than two values, or no line describes them
        return None
