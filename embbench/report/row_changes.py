"""Sentences about a single change of a case and its effect on the cost of a row."""

from collections.abc import Iterable

from embbench.analysis.collapse.collapse import Result
from embbench.cases.case import AXES
from embbench.cases.units import format_count
from embbench.report.row_costs import COST, WHOLE, RowCosts, differ, is_whole, rows_of, said, vocab_of


def changes(costs: RowCosts) -> Iterable[str]:
    """A sentence per vocabulary: the cases that differ from the usual case on a single axis."""
    plain = {vocab_of(each): each for each in costs.results if not costs.unusual(each)}
    for vocab, usual in sorted(plain.items()):
        others = [each for each in costs.results if vocab_of(each) == vocab and len(costs.unusual(each)) == 1]
        changed = [_beside(each, usual, costs) for each in others if not is_whole(each)]
        if changed:
            start = f"{costs.name(usual)} at {rows_of(usual)}, {costs.shown(usual, COST)} a row"
            yield f"Compared with {start}: {'; '.join(changed)}."


def _beside(one: Result, usual: Result, costs: RowCosts) -> str:
    (axis,) = costs.unusual(one)
    change, text = costs.ratio(one, usual, COST), f"{said(axis, one)} {costs.shown(one, COST)}"
    if change is None:
        return text
    return f"{text} ({('less' if change.center < 1 else 'more') if differ(change) else 'not shown to differ'})"


def whole_or_rows(costs: RowCosts) -> Iterable[str]:
    """The share of touched rows from which an update that passes over the whole table is faster."""
    pairs: dict[tuple[str, str], dict[bool, list[Result]]] = {}
    for whole in filter(is_whole, costs.results):
        for other in costs.results:
            if is_whole(other) or differ_in(whole, other) != ["update"]:
                continue
            change = costs.ratio(whole, other, WHOLE)
            if change is None or not differ(change):
                continue
            pair = pairs.setdefault((costs.name(whole), other.case.update), {})
            pair.setdefault(change.center < 1, []).append(whole)
    for (name, update), by_answer in pairs.items():
        faster, slower = (sorted(by_answer.get(key, []), key=vocab_of) for key in (True, False))
        parts = [f"faster than {update} {_touching(faster[-1], costs)}"] if faster else []
        parts += [f"slower than {update} {_touching(slower[0], costs)}"] if slower else []
        yield f"{name} passes over the whole table. It is {' and '.join(parts)}."


def differ_in(one: Result, other: Result) -> list[str]:
    """The axes on which two cases differ."""
    return [axis for axis in AXES if getattr(one.case, axis) != getattr(other.case, axis)]


def _touching(result: Result, costs: RowCosts) -> str:
    """'at 20k rows (1947 touched)'"""
    return f"at {rows_of(result)} ({format_count(round(costs.touched(result)))} touched)"
