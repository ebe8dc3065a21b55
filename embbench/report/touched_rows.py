"""What a touched row costs, in sentences: under a table of the table's part of a step. Every number of theirs stands in
that table; whether two differ is told by the interval of their ratio.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from embbench.report.figures import figures
from embbench.results.axes import axis_text
from embbench.results.collapse import Result
from embbench.results.measures import Absent, Measures
from embbench.spec.case import AXES, NO_UPDATE
from embbench.spec.metrics import METRICS
from embbench.spec.semantics import moves_others
from embbench.spec.units import format_count, format_quantity
from embbench.stats.effects import separates
from embbench.stats.summary import Summary

COST, DISPLACED, SHARE, STEP = "row_cost", "displaced_row_cost", "ceiling_share", "step_time"
PATH = ("contender", "table", "update", "optimizer")
TWICE = 2.0  # the claim: less cache-friendly access "can easily double the execution time"
LARGE = 1e6  # rows of a table that no cache holds

Curve = list[Result]  # of one path, by vocab


def about_touched_rows(results: Sequence[Result], measures: Measures) -> list[str]:
    """[] where no case has a row_cost."""
    known = [each for each in results if each.audited and _has(each, COST, measures)]
    if not known:
        return []
    curves = [found for found in _curves(known) if len(found) > 1]
    told = [_costs(curves, measures), _doubles(curves, measures), _ceiling(curves, measures)]
    told += [_dense(known, measures), *_changes(known, measures)]
    return [text for text in told if text]


def _curves(results: Sequence[Result]) -> list[Curve]:
    """Cases that are usual in all but path and vocab, a list a path."""
    others = [axis for axis in AXES if axis not in (*PATH, "vocab")]
    usual = {axis: Counter(getattr(each.case, axis) for each in results).most_common(1)[0][0] for axis in others}
    paths: dict[tuple, Curve] = {}
    for each in results:
        if all(getattr(each.case, axis) == value for axis, value in usual.items()):
            paths.setdefault(tuple(getattr(each.case, axis) for axis in PATH), []).append(each)
    return [sorted(found, key=_vocab) for found in paths.values()]


def _costs(curves: Sequence[Curve], measures: Measures) -> str:
    """Where the caches hold the table, far beyond, and behind other bytes."""
    told = []
    for curve in curves:
        if moves_others(curve[0].semantic):
            continue
        text = f"{_name(curve[0])}, {_shown(curve[0], COST, measures)} at {_rows(curve[0])} and "
        text += f"{_shown(curve[-1], COST, measures)} at {_rows(curve[-1])}"
        if all(_has(each, DISPLACED, measures) for each in (curve[0], curve[-1])):
            ends = (_shown(each, DISPLACED, measures) for each in (curve[0], curve[-1]))
            text += f" ({' and '.join(ends)} behind caches full of other bytes)"
        told.append(text)
    return f"What a touched row costs: {'; '.join(told)}." if told else ""


def _doubles(curves: Sequence[Curve], measures: Measures) -> str:
    """Whether a table that is less at home in the caches doubles the step."""
    sure: dict[bool | None, list[str]] = {}
    for curve in curves:
        if moves_others(curve[0].semantic):
            continue
        first, last = curve[0], curve[-1]
        change = measures.ratio(last, first, STEP)
        if change is None:
            continue
        text = f"{_name(first)} {_shown(first, STEP, measures)} at {_rows(first)}, {_shown(last, STEP, measures)} at "
        text += _rows(last)
        notices = next((each for each in curve[1:] if _longer(each, first, measures)), None)
        if notices is not None and notices is not last:
            text += f" (longer from {_rows(notices)} on)"
        doubled = separates(change, TWICE)
        sure.setdefault(None if doubled is not True else change.center > TWICE, []).append(text)
    parts = [
        (True, "Less cache-friendly access at least doubles a step of"),
        (False, "Less cache-friendly access does not double a step of"),
        (None, "Whether less cache-friendly access doubles a step is not shown of"),
    ]
    return " ".join(f"{text} {'; '.join(sure[key])}." for key, text in parts if key in sure)


def _longer(one: Result, other: Result, measures: Measures) -> bool:
    change = measures.ratio(one, other, STEP)
    return change is not None and change.center > 1 and separates(change, 1.0) is True


def _ceiling(curves: Sequence[Curve], measures: Measures) -> str:
    """How near the table's part is to what the machine reads and writes at random places, and which part is most."""
    told = []
    for curve in curves:
        last = curve[-1]
        if last.case.vocab < LARGE or not _has(last, SHARE, measures):
            continue
        text = f"{_name(last)} {_shown(last, SHARE, measures)}"
        parts = {
            name: found.center
            for name in ("lookup", "gradient", "update")
            if isinstance(found := measures.summary(last, f"table_{name}"), Summary)
        }
        told.append(f"{text}, most of its time being the {max(parts, key=lambda name: parts[name])}" if parts else text)
    return f"Of the time, reading and writing these rows at random places takes this share: {'; '.join(told)}." * bool(
        told
    )


def _dense(results: Sequence[Result], measures: Measures) -> str:
    """From which share of touched rows on an update of the whole table is the faster one."""
    told: dict[tuple, dict[bool, list[Result]]] = {}
    free = {"update"}
    for dense in (each for each in results if moves_others(each.semantic)):
        alike = [
            each
            for each in results
            if each.case.table == dense.case.table
            and not moves_others(each.semantic)
            and all(getattr(each.case, axis) == getattr(dense.case, axis) for axis in AXES if axis not in free)
        ]
        for sparse in alike:
            change = measures.ratio(dense, sparse, "table_time")
            if change is not None and separates(change, 1.0) is True:
                pair = (_name(dense), sparse.case.update)
                told.setdefault(pair, {}).setdefault(change.center < 1, []).append(dense)
    sentences = []
    for (name, update), found in told.items():
        dense_wins, sparse_wins = (sorted(found.get(key, []), key=_vocab) for key in (True, False))
        parts = [f"faster at {_share(dense_wins[-1], measures)}"] if dense_wins else []
        parts += [f"slower at {_share(sparse_wins[0], measures)}"] if sparse_wins else []
        sentences.append(f"{name}, which goes through the whole table, is {' and '.join(parts)} than {update}")
    return f"{'. '.join(sentences)}." if sentences else ""


def _share(result: Result, measures: Measures) -> str:
    """'20k rows, of which a batch touches 1,948'"""
    stream = measures.stream(result)
    touched = "" if stream is None else f", of which a batch touches {format_count(round(stream[0]))}"
    return f"{_rows(result)}{touched},"


def _changes(results: Sequence[Result], measures: Measures) -> Iterable[str]:
    """What one change of the case does to the cost of a row, against the same case as it usually is."""
    others = [axis for axis in AXES if axis not in (*PATH, "vocab")]
    usual = {axis: Counter(getattr(each.case, axis) for each in results).most_common(1)[0][0] for axis in others}
    plain = {
        (tuple(getattr(each.case, axis) for axis in PATH), each.case.vocab): each
        for each in results
        if all(getattr(each.case, axis) == value for axis, value in usual.items())
    }
    found: dict[int, list[str]] = {}
    for each in results:
        unlike = [axis for axis in others if getattr(each.case, axis) != usual[axis]]
        against = plain.get((tuple(getattr(each.case, axis) for axis in PATH), each.case.vocab))
        if len(unlike) == 1 and against is not None:
            (axis,) = unlike
            value = getattr(each.case, axis)
            name = value if axis == "tokens" else f"{axis} {axis_text(axis, value)}"
            found.setdefault(id(against), []).append(_beside(name, each, against, measures))
    for against in plain.values():
        if told := found.get(id(against)):
            start = f"{_name(against)} at {_rows(against)}, {_shown(against, COST, measures)} a row"
            yield f"Against {start}: {'; '.join(told)}."


def _beside(name: str, one: Result, other: Result, measures: Measures) -> str:
    change = measures.ratio(one, other, COST)
    apart = None if change is None else separates(change, 1.0)
    told = "not shown to differ" if apart is not True or change is None else "less" if change.center < 1 else "more"
    return f"{name} {_shown(one, COST, measures)} ({told})"


def _has(result: Result, metric: str, measures: Measures) -> bool:
    return not isinstance(measures.summary(result, metric), Absent)


def _shown(result: Result, metric: str, measures: Measures) -> str:
    """The number as the table has it."""
    found = measures.summary(result, metric)
    assert isinstance(found, Summary)
    text = format_quantity(found.center, METRICS[metric].unit, figures(found))
    return text.removesuffix("/row")


def _name(result: Result) -> str:
    case = result.case
    path = case.table if case.update == NO_UPDATE else case.update
    return f"{case.contender} {path} {case.optimizer}"


def _vocab(result: Result) -> int:
    return result.case.vocab


def _rows(result: Result) -> str:
    return f"{format_count(result.case.vocab)} rows"
