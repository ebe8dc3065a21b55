"""Predictions of time and memory, from measured cases of the same path.

T = a + b·D + c·V·D: the network's input product grows with the columns, and the table's part with its bytes. Peak
memory has the same form. Where only the vocabulary was varied, T = a + c·V. No prediction goes along a fixed axis.
"""

from collections.abc import Callable, Sequence

import msgspec

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.between import SIZES, Neighbours, by_line, by_neighbours, neighbours
from embbench.analysis.cost.growth import MEMORY, off_line
from embbench.analysis.cost.lacks import (
    AxesTogether,
    FallsToNothing,
    Lack,
    LineMisses,
    Measure,
    Mixed,
    NoInterval,
    NoSuchPath,
    OffTheLine,
    OneSize,
    OnlyBetween,
    TooFar,
    TooVague,
)
from embbench.analysis.cost.to_measure import cheapest, itself, more_between, more_beyond
from embbench.cases.case import AXES, Case
from embbench.stats.fit import Features, Fit, LeftOut, Points, fit
from embbench.stats.summary import Summary, median

FURTHEST = 32  # times beyond the measured values: no prediction is made further away
VAGUE = 1.0  # relative half width above which there is no prediction

Describe = Callable[[Case], Features]


class Predicted(msgspec.Struct, frozen=True):
    """seconds, bytes: with prediction intervals; None where the fit does not support a prediction. metric: of the
    bytes. measured: number of measured (vocab, dim). lack: why there are no seconds, or their basis where no line
    describes the times. measure: what to measure for a better prediction.
    """

    case: Case
    seconds: Summary | None
    bytes: Summary | None
    metric: str
    measured: int
    lack: Lack | None = None
    measure: Measure | None = None


def predict(case: Case, results: Sequence[Result], measures: Measures) -> Predicted:
    """Predicts a case from the results that differ from it in vocab and dim only."""
    known = list(filter(measures.is_timed, results))
    path = [each for each in known if _path(each.case) == _path(case)]
    metric = next((name for name in MEMORY if any(measures.medians(each, name) for each in path)), "")
    if lack := _unsupported(case, path, known):
        more = None if isinstance(lack, Mixed) else cheapest(case, path, lack)
        return Predicted(case, None, None, metric, len(path), lack, more)
    times, sizes = (surface(path, name, measures) for name in ("step_time", metric))
    near = neighbours(case, path)
    if near is None:
        seconds, size = (_at(case, points, path) for points in (times, sizes))
        size = size if size is not None and size.relative is not None and size.relative <= VAGUE else None
        lack, measure = _beyond(case, seconds, times, path) or (None, None)
        return Predicted(case, None if lack else seconds, size, metric, len(path), lack, measure)
    seconds, size = (_inside(case, near, points, path) for points in (times, sizes))
    size = size if size is not None and size.relative is not None else None
    more = more_between(case, near)
    if seconds is None or seconds.relative is None:
        return Predicted(case, None, size, metric, len(path), NoInterval(len(path), near.axis, near.values), more)
    if _rests_on_neighbours(case, near, seconds, times, path):
        lack = OnlyBetween(case, near.axis, near.values)
        return Predicted(case, seconds, size, metric, len(path), lack, more)
    return Predicted(case, seconds, size, metric, len(path))


def _beyond(case: Case, seconds: Summary | None, times: Points, path: Sequence[Result]) -> tuple[Lack, Measure] | None:
    """Why there is no prediction of time for a case outside the measured range, and what to measure; None where there
    is a prediction.
    """
    if (bend := _bend(case, times, path)) is not None:
        at = next(each.case for each in path if _describe(path)(each.case) == bend.features)
        return OffTheLine(at, bend), itself(case)
    if (line := _fitted(times)) is not None and not line.bound_holds:
        return LineMisses(len(times), line.worst), itself(case)
    more = more_beyond(case, path)
    if seconds is None and line is not None:
        return FallsToNothing(), more
    if seconds is None:
        return AxesTogether(case), cheapest(case, path)
    if seconds.relative is None:
        return NoInterval(len(path)), more
    return (TooVague(), more) if seconds.relative > VAGUE else None


def _rests_on_neighbours(case: Case, near: Neighbours, seconds: Summary, times: Points, path: Sequence[Result]) -> bool:
    """Whether the time comes from the two neighbours, because no line describes the measured times."""
    if near.itself or not all(each in times for each in _ends(near, path)):
        return False  # a neighbour without a time: the seconds are a line's
    return seconds != _line(case, near, times, path)


def surface(path: Sequence[Result], metric: str, measures: Measures) -> Points:
    """Features of a case -> values of the metric, from the results of one path."""
    describe = _describe(path)
    found = {describe(each.case): list(measures.medians(each, metric).values()) for each in path} if metric else {}
    return {features: values for features, values in found.items() if values and min(values) > 0}


def _inside(case: Case, near: Neighbours, points: Points, path: Sequence[Result]) -> Summary | None:
    """The prediction for a case within the measured range. A measured case is predicted by itself, if repeats show its
    scatter; another case by the line, or by its neighbours where the line is too vague.
    """
    ends = _ends(near, path)
    if not all(each in points for each in ends):
        return _at(case, points, path)
    itself = by_neighbours(near.part(case), ends, points) if near.itself else None
    return itself or _line(case, near, points, path) or by_neighbours(near.part(case), ends, points)


def _line(case: Case, near: Neighbours, points: Points, path: Sequence[Result]) -> Summary | None:
    """The prediction by the line; None where it is too vague."""
    told = by_line(_describe(path)(case), _ends(near, path), points)
    return told if told is not None and told.relative is not None and told.relative <= VAGUE else None


def _ends(near: Neighbours, path: Sequence[Result]) -> tuple[Features, Features]:
    describe = _describe(path)
    return describe(near.below.case), describe(near.above.case)


def _at(case: Case, points: Points, path: Sequence[Result]) -> Summary | None:
    """The prediction by the line outside the measured range, on the line's side of the outermost point."""
    fitted = _fitted(points)
    if fitted is None or not fitted.bound_holds or (told := fitted.at(_describe(path)(case))).center <= 0:
        return None
    outer = _outermost(case, points, path)
    if outer is None or told.low is None or told.high is None:
        return told
    measured, rises = median(points[outer]), told.center >= fitted.at(outer).center
    center = max(told.center, measured) if rises else min(told.center, measured)
    return Summary(center, min(told.low, center), max(told.high, center), told.n)


def _fitted(points: Points) -> Fit | None:
    try:
        return fit(points)
    except ValueError:
        return None


def _outermost(case: Case, points: Points, path: Sequence[Result]) -> Features | None:
    """The largest measured point, for a case that is smaller in no size, or the smallest, for a case that is larger in
    no size; else None.
    """
    sizes = {_describe(path)(each.case): each.case for each in path if _describe(path)(each.case) in points}
    for sign, pick in ((1, max), (-1, min)):
        outer = pick(sizes, key=lambda each: sizes[each].table_bytes)
        if all(sign * getattr(case, axis) >= sign * getattr(sizes[outer], axis) for axis in SIZES):
            return outer
    return None


def _bend(case: Case, points: Points, path: Sequence[Result]) -> LeftOut | None:
    """The outermost point towards a case outside the measured range, if that point is off the line of the others: the
    case is then even further off. Else None.
    """
    bytes_of = {_describe(path)(each.case): each.case.table_bytes for each in path}
    outer = max if case.table_bytes > max(bytes_of.values()) else min
    if not points or min(bytes_of.values()) <= case.table_bytes <= max(bytes_of.values()):
        return None
    return off_line(points, outer(points, key=bytes_of.__getitem__))


def _describe(path: Sequence[Result]) -> Describe:
    varied = _varied(path)
    if varied == SIZES:
        return _by_both
    return _by_dim if varied == ("dim",) else _by_vocab


def _by_vocab(case: Case) -> Features:
    return (1.0, float(case.vocab))


def _by_dim(case: Case) -> Features:
    return (1.0, float(case.dim))


def _by_both(case: Case) -> Features:
    return (1.0, float(case.dim), float(case.vocab) * case.dim)


def _varied(path: Sequence[Result]) -> tuple[str, ...]:
    return tuple(axis for axis in SIZES if len({getattr(each.case, axis) for each in path}) > 1)


def _unsupported(case: Case, path: Sequence[Result], known: Sequence[Result]) -> Lack | None:
    """Why there is no prediction for the case; None where there may be one."""
    if not path:
        others = [axis for axis in AXES if axis not in SIZES]
        near = {axis for each in known for axis in others if getattr(each.case, axis) != getattr(case, axis)}
        return NoSuchPath(case, tuple(axis for axis in others if axis in near) if known else None)
    machines = {(each.machine, each.software) for each in path}
    if len(machines) > 1:
        return Mixed(len(machines))
    varied = _varied(path)
    for axis in SIZES:
        values = sorted({getattr(each.case, axis) for each in path})
        asked = getattr(case, axis)
        if axis not in varied and asked != values[0]:
            return OneSize(axis, values[0])
        if not values[0] / FURTHEST <= asked <= values[-1] * FURTHEST:
            return TooFar(axis, tuple(values), asked, FURTHEST)
    return None


def _path(case: Case) -> tuple[object, ...]:
    return tuple(getattr(case, name) for name in AXES if name not in (*SIZES, "seed"))
