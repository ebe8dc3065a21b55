"""Time and memory of cases that were not measured, from those of the same path that were.

T = a + b·D + c·V·D: the LSTM's input product grows with the columns, the table's part with its bytes; likewise peak
memory. Where only the vocabulary was varied, T = a + c·V. Nothing is said of an axis that was not varied.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from embbench.model.between import SIZES, Neighbours, by_line, by_neighbours, neighbours
from embbench.model.command import command
from embbench.model.growth import MEMORY, off_line, told_of
from embbench.results.axes import axis_text
from embbench.results.collapse import Result
from embbench.results.measures import Measures
from embbench.spec.case import AXES, Case, label
from embbench.stats.fit import Features, Fit, LeftOut, Points, fit
from embbench.stats.summary import Summary, median

FURTHEST = 32  # times the largest measured value, or that part of the smallest: nothing is said beyond
VAGUE = 1.0  # relative half width from which on an interval says nothing
SPREAD = (0.04, 0.1, 0.2)  # of the asked vocabulary: what to measure for it, at less than it would cost itself
LEAST = 1000  # rows, of these

Describe = Callable[[Case], Features]


class Predicted(msgspec.Struct, frozen=True):
    """seconds, bytes: with prediction intervals; None where the fit does not support it. metric: of the bytes.
    measured: how many different (vocab, dim) stand behind it. why: there are no seconds, or what they rest on where no
    line describes those that were measured.
    """

    case: Case
    seconds: Summary | None
    bytes: Summary | None
    metric: str
    measured: int
    why: str = ""


def predict(case: Case, results: Sequence[Result], measures: Measures) -> Predicted:
    """A case by the results that differ from it in vocab and dim only."""
    known = list(filter(measures.is_timed, results))
    path = [each for each in known if _path(each.case) == _path(case)]
    metric = next((name for name in MEMORY if any(measures.medians(each, name) for each in path)), "")
    if why := _unsupported(case, path, known):
        return Predicted(case, None, None, metric, len(path), why)
    times, sizes = (surface(path, name, measures) for name in ("step_time", metric))
    near = neighbours(case, path)
    if near is None:
        seconds, size = (_at(case, points, path) for points in (times, sizes))
        why, note = _beyond(case, seconds, times, path), ""
        size = size if size is not None and size.relative is not None and size.relative <= VAGUE else None
    else:
        seconds, size = (_inside(case, near, points, path) for points in (times, sizes))
        size = size if size is not None and size.relative is not None else None
        why, note = "", _note(case, near, seconds, times, path)
        if seconds is None or seconds.relative is None:
            told = f"{len(path)} measured sizes, once each, tell no interval of what lies between {near.names}"
            once = f"{near.names} was measured once, which tells no interval"
            why = f"{once if near.itself else told}; measure: {_more_between(case, near)}"
    return Predicted(case, None if why else seconds, size, metric, len(path), why or note)


def _beyond(case: Case, seconds: Summary | None, times: Points, path: Sequence[Result]) -> str:
    """Why nothing can be said of the time of a case beyond all that were measured; '' where something can."""
    itself = command(case, vocab=[case.vocab], dim=[case.dim])
    if (bend := _bend(case, times, path)) is not None:
        at = next(each.case for each in path if _describe(path)(each.case) == bend.features)
        return f"{label(at)} {told_of(bend)}, and none is drawn beyond them; measure: {itself}"
    if (line := _fitted(times)) is not None and not line.bound_holds:
        told = f"a line through the times of {len(times)} sizes, not below 0 anywhere, misses them"
        told += f" by up to {line.worst:.0%}"
        return f"{told}: no line describes these times, and none is drawn beyond them; measure: {itself}"
    more = _more_beyond(case, path)
    if seconds is None and line is not None:
        return f"these times fall with the size, and by their line such a step would take no time; measure: {more}"
    if seconds is None:
        return f"the times of {label(case)} do not tell its axes apart; measure: {_more(case)}"
    if seconds.relative is None:
        return f"{len(path)} measured sizes, once each, tell no interval; measure: {more}"
    if seconds.relative > VAGUE:
        return f"what was measured scatters too much to say anything of so far away; measure: {more}"
    return ""


def _note(case: Case, near: Neighbours, seconds: Summary | None, times: Points, path: Sequence[Result]) -> str:
    """What the time rests on where no line describes those that were measured; '' where one does."""
    if seconds is None or near.itself or not all(each in times for each in _ends(near, path)):
        return ""  # a neighbour without a time: what was told is a line's
    if seconds == _line(case, near, times, path):
        return ""
    told = f"no line describes the times of {label(case)}: what lies between {near.names} is told"
    return f"{told}; for less, measure: {_more_between(case, near)}"


def surface(path: Sequence[Result], metric: str, measures: Measures) -> Points:
    """What one path's results say of a metric, by the features that they support."""
    describe = _describe(path)
    found = {describe(each.case): list(measures.medians(each, metric).values()) for each in path} if metric else {}
    return {features: values for features, values in found.items() if values and min(values) > 0}


def _inside(case: Case, near: Neighbours, points: Points, path: Sequence[Result]) -> Summary | None:
    """Of a size that was measured, by itself, as far as repeats tell how it scatters; else by the line, or where that
    is too vague to be of any use, by the neighbours.
    """
    ends = _ends(near, path)
    if not all(each in points for each in ends):
        return _at(case, points, path)
    itself = by_neighbours(near.part(case), ends, points) if near.itself else None
    return itself or _line(case, near, points, path) or by_neighbours(near.part(case), ends, points)


def _line(case: Case, near: Neighbours, points: Points, path: Sequence[Result]) -> Summary | None:
    """None where it is that vague."""
    told = by_line(_describe(path)(case), _ends(near, path), points)
    return told if told is not None and told.relative is not None and told.relative <= VAGUE else None


def _ends(near: Neighbours, path: Sequence[Result]) -> tuple[Features, Features]:
    describe = _describe(path)
    return describe(near.below.case), describe(near.above.case)


def _more_between(case: Case, near: Neighbours) -> str:
    """Measures what tells more of a case between two."""
    sizes: dict[str, Iterable[int]] = {axis: [getattr(case, axis)] for axis in SIZES}
    return command(case, **{**sizes, near.axis: near.nearer(getattr(case, near.axis))})


def _at(case: Case, points: Points, path: Sequence[Result]) -> Summary | None:
    """Beyond all that were measured, by the line, but on the same side of the outermost point as the line itself."""
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
    """The largest measured point where the case is smaller in no size, or the smallest where it is larger in none; None
    where it lies among them.
    """
    sizes = {_describe(path)(each.case): each.case for each in path if _describe(path)(each.case) in points}
    for sign, pick in ((1, max), (-1, min)):
        outer = pick(sizes, key=lambda each: sizes[each].table_bytes)
        if all(sign * getattr(case, axis) >= sign * getattr(sizes[outer], axis) for axis in SIZES):
            return outer
    return None


def _bend(case: Case, points: Points, path: Sequence[Result]) -> LeftOut | None:
    """The outermost point towards a case beyond all of them, where it does not lie on what the others say: what is
    beyond lies there even less.
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


def _unsupported(case: Case, path: Sequence[Result], known: Sequence[Result]) -> str:
    """Why nothing can be said of the case, and which command changes that; '' where something can."""
    if not path:
        others = [axis for axis in AXES if axis not in SIZES]
        near = {axis for each in known for axis in others if getattr(each.case, axis) != getattr(case, axis)}
        told = f", only others (by {', '.join(axis for axis in others if axis in near)})" if known else ""
        return f"no result of {label(case)}{told}; measure: {_more(case)}"
    machines = {(each.machine, each.software) for each in path}
    if len(machines) > 1:
        return f"{len(machines)} machines or sets of versions are mixed: give the results of one"
    varied = _varied(path)
    for axis in SIZES:
        values = sorted({getattr(each.case, axis) for each in path})
        asked, told = getattr(case, axis), ", ".join(axis_text(axis, value) for value in values)
        if axis not in varied and asked != values[0]:
            return f"{axis} was measured at {told} only, {axis_text(axis, asked)} is asked; measure: {_more(case)}"
        if not values[0] / FURTHEST <= asked <= values[-1] * FURTHEST:
            return (
                f"{axis} {axis_text(axis, asked)} is further than a factor of {FURTHEST} from what was measured "
                f"({told}); measure: {_more(case)}"
            )
    return ""


def _more(case: Case) -> str:
    """Measures what a prediction of the case rests on: smaller vocabularies of it, or where these would be of too few
    rows to tell a line, those from it on. None is further than FURTHEST from it.
    """
    small = case.vocab * min(SPREAD) < LEAST
    shares = (1, 2, 4) if small else SPREAD
    vocabs = sorted({case.vocab * share if small else round(case.vocab * share, -3) for share in shares})
    return command(case, vocab=(round(vocab) for vocab in vocabs), dim=[case.dim])


def _more_beyond(case: Case, path: Sequence[Result]) -> str:
    """Likewise of a case beyond all that were measured; itself where those reach as far as what would be advised."""
    most = max(each.case.vocab for each in path)
    reached = case.vocab * max(SPREAD) <= most < case.vocab
    return command(case, vocab=[case.vocab], dim=[case.dim]) if reached else _more(case)


def _path(case: Case) -> tuple[object, ...]:
    return tuple(getattr(case, name) for name in AXES if name not in (*SIZES, "seed"))
