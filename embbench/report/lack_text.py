"""Why a prediction or an explanation is incomplete, in sentences."""

from collections.abc import Iterable, Sequence
from functools import singledispatch

from embbench.analysis.collapse.axes import axis_text
from embbench.analysis.collapse.collapse import reason_of
from embbench.analysis.cost.lacks import (
    AxesTogether,
    Bend,
    Doubt,
    Drop,
    FallsToNothing,
    Lack,
    LineMisses,
    Mixed,
    NoInterval,
    NoNumber,
    NoSuchPath,
    OffTheLine,
    OneSize,
    OnlyBetween,
    TooFar,
    TooVague,
)
from embbench.analysis.cost.predict import Predicted
from embbench.cases.case import also_varying, label
from embbench.cases.units import format_quantity
from embbench.report.command import measure_commands
from embbench.report.figures import percent
from embbench.stats.fit import LeftOut


def why_text(made: Predicted) -> str:
    """Why a prediction has no time, or the basis of its time, with the command for a sharper prediction; '' where a
    line describes the times.
    """
    if made.lack is None:
        return ""
    return lack_text(made.lack) + ("" if made.measure is None else f"; measure: {measure_commands([made.measure])}")


def why_texts(made: Sequence[Predicted]) -> list[str]:
    """The same of many predictions: a text per reason, with its cases unless all of `made` have it."""
    by_reason: dict[str, list[Predicted]] = {}
    for each in made:
        if each.lack is not None:
            by_reason.setdefault(lack_text(each.lack), []).append(each)
    also = also_varying([each.case for each in made])
    texts = []
    for reason, having in by_reason.items():
        names = ", ".join(label(each.case, also) for each in having)
        about = "" if len(having) == len(made) or names in reason else f"{names}: "
        measures = [each.measure for each in having if each.measure is not None]
        texts.append(about + reason + (f"; measure: {measure_commands(measures)}" if measures else ""))
    return texts


@singledispatch
def lack_text(lack: Lack) -> str:
    """The lack as a clause without its full stop."""
    raise TypeError(f"no sentence for {type(lack).__name__}")


@lack_text.register
def _no_such_path(lack: NoSuchPath) -> str:
    others = "" if lack.others is None else f", only of cases that differ in {', '.join(lack.others)}"
    return f"there is no result of {label(lack.case)}{others}"


@lack_text.register
def _mixed(lack: Mixed) -> str:
    return f"the results are of {lack.count} machines or sets of versions: give the results of one"


@lack_text.register
def _one_size(lack: OneSize) -> str:
    measured = axis_text(lack.axis, lack.measured)
    return f"{lack.axis} was measured at {measured} only; a prediction needs two sizes or more"


@lack_text.register
def _too_far(lack: TooFar) -> str:
    return (
        f"{lack.axis} {axis_text(lack.axis, lack.asked)} is further than a factor of {lack.factor} from the measured "
        f"values ({_values(lack.axis, lack.measured, ', ')})"
    )


@lack_text.register
def _off_the_line(lack: OffTheLine) -> str:
    return f"{label(lack.case)} {_off(lack.held)}, so that no line is drawn beyond them"


@lack_text.register
def _line_misses(lack: LineMisses) -> str:
    return (
        f"a line through the times of {lack.sizes} sizes misses them by up to {percent(lack.worst)}: no line describes "
        "these times, so that no line is drawn beyond them"
    )


@lack_text.register
def _falls(lack: FallsToNothing) -> str:
    return "the times fall with the size: by their line, a step of this size would take no time"


@lack_text.register
def _together(lack: AxesTogether) -> str:
    return f"the times of {label(lack.case)} do not tell vocab and dim apart"


@lack_text.register
def _no_interval(lack: NoInterval) -> str:
    if len(lack.between) == 1:
        return f"{_values(lack.axis, lack.between)} was measured once, which gives no interval"
    between = f" between {_values(lack.axis, lack.between)}" if lack.between else ""
    return f"{lack.sizes} sizes were measured once each, which gives no interval{between}"


@lack_text.register
def _too_vague(lack: TooVague) -> str:
    return "the measured times scatter too much for a size so far away"


@lack_text.register
def _only_between(lack: OnlyBetween) -> str:
    return (
        f"no line describes the times of {label(lack.case)}: the interval is all that lies between "
        f"{_values(lack.axis, lack.between)}; for a narrower one"
    )


@singledispatch
def doubt_text(doubt: Doubt) -> str:
    """The reason to doubt a line, as a clause without its full stop."""
    raise TypeError(f"no sentence for {type(doubt).__name__}")


@doubt_text.register
def _no_number(doubt: NoNumber) -> str:
    value = axis_text(doubt.axis, getattr(doubt.result.case, doubt.axis))
    return f"{doubt.axis} {value} has no number: {reason_of(doubt.result) or doubt.result.status}"


@doubt_text.register
def _drop(doubt: Drop) -> str:
    small, large = (axis_text(doubt.axis, value) for value in (doubt.small, doubt.large))
    return (
        f"a step takes less time with {doubt.axis} {large} than with {small}, which no line describes: use more "
        "--rounds, and read what `embbench doctor` says"
    )


@doubt_text.register
def _bend(doubt: Bend) -> str:
    return f"{doubt.axis} {axis_text(doubt.axis, doubt.value)} {_off(doubt.held)}"


def _off(held: LeftOut) -> str:
    low, high = (format_quantity(max(0.0, each or 0.0), "s", 3) for each in (held.predicted.low, held.predicted.high))
    measured = format_quantity(held.measured, "s", 3)
    return f"takes {measured}, but {low} to {high} by the line of the other sizes: no line fits"


def _values(axis: str, values: Iterable[int], between: str = " and ") -> str:
    return between.join(axis_text(axis, value) for value in values)
