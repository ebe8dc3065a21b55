"""Sentences about the growth of a step with the vocabulary and with other axes."""

from embbench.analysis.collapse.axes import axis_text
from embbench.analysis.cost.explanation import Explanation
from embbench.analysis.cost.growth import ON_LINE, Growth
from embbench.analysis.cost.sweep import SIZES, UNITS
from embbench.cases.units import format_count, format_quantity
from embbench.report.alternatives import shown_bytes
from embbench.report.figures import brief, factor_text, percent
from embbench.stats.fit import Fit
from embbench.stats.fit import line as fitted
from embbench.stats.summary import Summary


def growth_with_rows(explanation: Explanation, growth: Growth, time: Fit) -> str:
    """The growth with the vocabulary. time: the line of `growth`."""
    values = growth.sweep.values
    line = _line_with_rows(growth, time)
    share = growth.share(explanation.case.vocab)
    assert share is not None
    if growth.grows is None:
        return f"{line}. {len(values)} sizes are too few for an interval."
    if not growth.grows and growth.rises:
        return _rise(growth)
    if not growth.grows:
        return f"No growth with the vocabulary is shown: {line}."
    text = f"{_share(share)} of a step grows with the vocabulary: {line}."
    half = growth.break_even()
    if half is not None and half >= 1:
        text += f" From {format_count(int(float(f'{half:.1e}')))} rows on, half of a step or more grows."
    return text


def memory_with_rows(growth: Growth) -> str:
    """The growth of peak memory with the vocabulary; '' where no rising line describes the peak."""
    if not growth.grows or growth.memory is None or growth.memory.coefficients[1] < 0:
        return ""
    base, row = growth.memory.coefficients
    return f"The peak is {shown_bytes(base)} + {shown_bytes(row * 1e6)} per million rows."


def growth_with(growth: Growth, time: Fit) -> str:
    """The growth with another axis. time: the line of `growth`."""
    axis, case, values = growth.sweep.axis, growth.sweep.case, growth.sweep.values
    slope = time.coefficient(1)
    others = {"vocab": format_count(case.vocab), **{name: getattr(case, name) for name in SIZES[1:]}}
    fixed = ", ".join(f"{name} {value}" for name, value in others.items() if name != axis)
    sizes = f"({len(values)} sizes, {values[0]} to {values[-1]}; {fixed})"
    if growth.rises and growth.grows is False:
        return _rise(growth, f"; {fixed}")
    if slope.center < 0:
        return f"No growth with {axis} is shown: {_ends(growth, time)} {sizes}."
    line = f"{brief(time.coefficients[0])} + {brief(slope.center)}"
    if slope.low is None or slope.high is None:
        return f"A step takes {line} per {UNITS[axis]} {sizes}. The sizes are too few for an interval."
    start = f"A step grows with {axis}: " if growth.grows else f"No growth with {axis} is shown: "
    return f"{start}{line} ({brief(max(0.0, slope.low))} to {brief(slope.high)}) per {UNITS[axis]} {sizes}."


def _rise(growth: Growth, fixed: str = "") -> str:
    """The growth of a step that no straight line describes. fixed: other axes."""
    assert growth.ratio is not None
    axis, values = growth.sweep.axis, growth.sweep.values
    low, high = (axis_text(axis, value) for value in (values[0], values[-1]))
    times = f"A step takes {factor_text(growth.ratio)} times as long with {axis} {high} as with {axis} {low}"
    return f"{times} ({len(values)} sizes{fixed}). No straight line describes the sizes in between."


def _line_with_rows(growth: Growth, time: Fit) -> str:
    values = growth.sweep.values
    constant, slope = time.coefficients
    sizes = f"{len(values)} sizes, {format_count(values[0])} to {format_count(values[-1])} rows"
    if slope < 0:  # more rows cannot save time
        line = f"{_ends(growth, time)} ({sizes}"
    else:
        line = f"T(V) = {brief(constant)} + {format_quantity(slope * 1e6, 's', 3)} per million rows ({sizes}"
    return line + (f", off by up to {percent(time.worst)})" if time.worst > ON_LINE else ")")


def _ends(growth: Growth, time: Fit) -> str:
    """'14 ms at 200k, 14 ms at 2M', from the fitted line."""
    values, axis = growth.sweep.values, growth.sweep.axis
    ends = ((brief(time.at(fitted(value)).center), axis_text(axis, value)) for value in (values[0], values[-1]))
    return ", ".join(f"{seconds} at {value}" for seconds, value in ends)


def _share(share: Summary) -> str:
    between = "" if share.low is None or share.high is None else f" ({percent(share.low)} to {percent(share.high)})"
    return f"{percent(share.center)}{between}"
