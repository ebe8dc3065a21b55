"""What one change of a case does to the cost of a row, in sentences."""

from collections.abc import Iterable

from embbench.report.row_costs import COST, WHOLE, RowCosts, differ, is_whole, rows_of, said, vocab_of
from embbench.results.collapse import Result
from embbench.spec.case import AXES
from embbench.spec.units import format_count


def changes(costs: RowCosts) -> Iterable[str]:
    """Of each case that differs in one thing from the usual one with as many rows."""
    plain = {vocab_of(each): each for each in costs.results if not costs.unusual(each)}
    for vocab, usual in sorted(plain.items()):
        others = [each for each in costs.results if vocab_of(each) == vocab and len(costs.unusual(each)) == 1]
        told = [_beside(each, usual, costs) for each in others if not is_whole(each)]
        if told:
            start = f"{costs.name(usual)} at {rows_of(usual)}, {costs.shown(usual, COST)} a row"
            yield f"Against {start}: {'; '.join(told)}."


def _beside(one: Result, usual: Result, costs: RowCosts) -> str:
    (axis,) = costs.unusual(one)
    change, text = costs.ratio(one, usual, COST), f"{said(axis, one)} {costs.shown(one, COST)}"
    if change is None:
        return text
    return f"{text} ({('less' if change.center < 1 else 'more') if differ(change) else 'not shown to differ'})"


def whole_or_rows(costs: RowCosts) -> Iterable[str]:
    """From which share of touched rows on an update that goes through the whole table is the faster one."""
    found: dict[tuple[str, str], dict[bool, list[Result]]] = {}
    for whole in filter(is_whole, costs.results):
        for other in costs.results:
            if is_whole(other) or differ_in(whole, other) != ["update"]:
                continue
            change = costs.ratio(whole, other, WHOLE)
            if change is None or not differ(change):
                continue
            pair = found.setdefault((costs.name(whole), other.case.update), {})
            pair.setdefault(change.center < 1, []).append(whole)
    for (name, update), told in found.items():
        faster, slower = (sorted(told.get(key, []), key=vocab_of) for key in (True, False))
        parts = [f"faster {_touching(faster[-1], costs)}"] if faster else []
        parts += [f"slower {_touching(slower[0], costs)}"] if slower else []
        yield f"{name}, which goes through the whole table, is {' and '.join(parts)} than {update}."


def differ_in(one: Result, other: Result) -> list[str]:
    """The axes on which two cases differ."""
    return [axis for axis in AXES if getattr(one.case, axis) != getattr(other.case, axis)]


def _touching(result: Result, costs: RowCosts) -> str:
    """'at 20k rows, 1947 of them touched,'"""
    return f"at {rows_of(result)}, {format_count(round(costs.touched(result)))} of them touched,"
