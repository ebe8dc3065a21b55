"""Time and memory of cases that were not measured, from those of the same path that were.

T = a + b·D + c·V·D: the LSTM's input product grows with the columns, the table's part with its bytes; likewise peak
memory. Where only the vocabulary was varied, T = a + c·V. Nothing is said of an axis that was not varied.
"""

from collections.abc import Callable, Sequence

import msgspec

from embbench.model.command import command
from embbench.model.growth import MEMORY, off_line, told_of
from embbench.results.axes import axis_text
from embbench.results.collapse import Result
from embbench.results.measures import Measures
from embbench.spec.case import AXES, Case, label
from embbench.stats.fit import Features, Held, Points, fit
from embbench.stats.summary import Summary

FURTHEST = 32  # times the largest measured value, or that part of the smallest: nothing is said beyond
VAGUE = 1.0  # relative half width from which on an interval says nothing
SPREAD = (0.04, 0.1, 0.2)  # of the asked vocabulary: what to measure for it, at less than it would cost itself

SIZES = ("vocab", "dim")

Describe = Callable[[Case], Features]


class Predicted(msgspec.Struct, frozen=True):
    """seconds, bytes: with prediction intervals; None where the fit does not support it, which `why` tells. metric: of
    the bytes. measured: how many different (vocab, dim) stand behind it.
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
    seconds, size = (_at(case, points, path) for points in (times, sizes))
    if (bend := _bend(case, times, path)) is not None:
        at = next(each.case for each in path if _describe(path)(each.case) == bend.features)
        itself = command(case, vocab=[case.vocab], dim=[case.dim])
        why = f"{label(at)} {told_of(bend)}, and none is drawn beyond them; measure: {itself}"
    elif seconds is None:
        why = f"the times of {label(case)} do not tell its axes apart; measure: {_more(case)}"
    elif seconds.relative is None:
        why = f"{len(path)} measured sizes, once each, tell no interval; measure: {_more(case)}"
    elif seconds.relative > VAGUE:
        why = f"what was measured scatters too much to say anything of so far away; measure: {_more(case)}"
    known_size = size if size is not None and size.relative is not None and size.relative <= VAGUE else None
    return Predicted(case, None if why else seconds, known_size, metric, len(path), why)


def surface(path: Sequence[Result], metric: str, measures: Measures) -> Points:
    """What one path's results say of a metric, by the features that they support."""
    describe = _describe(path)
    found = {describe(each.case): list(measures.medians(each, metric).values()) for each in path} if metric else {}
    return {features: values for features, values in found.items() if values and min(values) > 0}


def _at(case: Case, points: Points, path: Sequence[Result]) -> Summary | None:
    try:
        told = fit(points).at(_describe(path)(case))
    except ValueError:
        return None
    return told if told.center > 0 else None


def _bend(case: Case, points: Points, path: Sequence[Result]) -> Held | None:
    """The outermost point towards a case beyond all of them, where it does not lie on what the others say: what is
    beyond lies there even less.
    """
    bytes_of = {_describe(path)(each.case): each.case.table_bytes for each in path}
    outer = max if case.table_bytes > max(bytes_of.values()) else min
    if min(bytes_of.values()) <= case.table_bytes <= max(bytes_of.values()):
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
    if not varied:
        return f"only one size was measured; a line needs two, and three for its interval; measure: {_more(case)}"
    return ""


def _more(case: Case) -> str:
    """Measures what a prediction of the case rests on: smaller vocabularies of it."""
    vocabs = sorted({max(1000, round(case.vocab * share, -3)) for share in SPREAD})
    return command(case, vocab=(round(vocab) for vocab in vocabs), dim=[case.dim])


def _path(case: Case) -> tuple:
    return tuple(getattr(case, name) for name in AXES if name not in (*SIZES, "seed"))
