"""A single table with a column per metric and a row per case: `--col metric`."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from embbench.analysis.collapse.axes import axis_text, axis_value, varying
from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Measures
from embbench.cases.case import COUNT_AXES, NO_UPDATE
from embbench.cases.metrics import find_metric
from embbench.report.cells import make_cell, semantic_text
from embbench.report.project import ACROSS, Projection, ResultGrid
from embbench.report.table import CLASS, Cell, Column, Row, Table
from embbench.report.tables import table_notes

OTHERWISE = "otherwise"


def apart(projection: Projection, results: Sequence[Result]) -> Projection:
    """The projection with all varying axes in its rows, so that a row has a single case."""
    others = tuple(axis for axis in varying(results) if axis not in projection.row)
    return msgspec.structs.replace(projection, row=(*projection.row, *others))


def make_table_across(projection: Projection, shown: int, grid: ResultGrid, measures: Measures) -> Table:
    """projection, grid: of `apart`. shown: the number of row axes, from the first, that have columns of their own. A
    column OTHERWISE shows the unusual values of the further axes.
    """
    axes, others = projection.row[:shown], projection.row[shown:]
    usual = {axis: _usual(axis, grid.results) for axis in others}
    places: dict[tuple, int] = {}
    for values in grid.rows:
        places.setdefault(values[:shown], len(places))
    cases = [(values, grid.cells[values, ()]) for values in grid.rows]
    cases.sort(key=lambda row: (places[row[0][:shown]], _otherwise(row[1][0], usual) != ""))  # the usual case first
    rows = tuple(
        Row(
            (*values[:shown], *(details := (_otherwise(results[0], usual), semantic_text(results[0])))),
            (*_labels(axes, results[0]), *details),
            tuple(_cell(results, metric, measures) for metric in projection.metrics),
        )
        for values, results in cases
    )
    notes: dict[str, None] = {}
    for at, metric in enumerate(projection.metrics):
        notes[f"{metric}: {find_metric(metric).definition}"] = None
        cells = [row.cells[at] for row in rows]
        notes |= dict.fromkeys(table_notes(metric, projection, grid, measures, cells))
    return Table(
        metric=" · ".join(projection.metrics),
        unit="",
        better="",
        definition=", ".join(f"{axis} {axis_text(axis, value)}" for axis, value in usual.items() if value != NO_UPDATE),
        row_axes=(*axes, OTHERWISE, CLASS),
        col_axes=(ACROSS,),
        columns=tuple(Column((metric,), metric.replace("_", " ")) for metric in projection.metrics),
        rows=rows,
        notes=tuple(notes),
    )


def _cell(results: list[Result], metric: str, measures: Measures) -> Cell:
    return msgspec.structs.replace(make_cell(results, None, metric, measures), semantic="")


def _labels(axes: Sequence[str], result: Result) -> list[str]:
    values = ((axis, axis_value(result, axis)) for axis in axes)
    return ["" if value == NO_UPDATE else axis_text(axis, value) for axis, value in values]


def _otherwise(result: Result, usual: dict[str, int | str]) -> str:
    values = ((axis, axis_value(result, axis)) for axis in usual)
    unusual = [(axis, axis_text(axis, value)) for axis, value in values if value not in (usual[axis], "", NO_UPDATE)]
    return " ".join(f"{axis}={text}" if axis in (*COUNT_AXES, "ids") else text for axis, text in unusual)


def _usual(axis: str, results: Sequence[Result]) -> int | str:
    """The most frequent value, the earlier value at a tie."""
    return Counter(axis_value(result, axis) for result in results).most_common(1)[0][0]
