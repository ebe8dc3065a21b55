"""Grid -> Tables: one per metric, with the notes that belong to it."""

from collections.abc import Iterable, Sequence

import msgspec

from embbench.report.cells import FAILED_ROUNDS, GROWING, UNSTEADY, make_cell, shown
from embbench.report.figures import ABOUT, LENT, between_text, is_small
from embbench.report.project import AxisValues, Projection, ResultGrid, alike, reference_of
from embbench.report.table import STATUS_TEXT, Cell, Column, Row, Table
from embbench.results.axes import axis_text, joined, named, naming_axes
from embbench.results.collapse import Result, failure, reason_of
from embbench.results.drifting import is_unsteady
from embbench.results.measures import UPDATE_COST, Absent, Measures, Stream, workload
from embbench.spec.case import NO_UPDATE
from embbench.spec.metrics import METRICS, find_metric
from embbench.spec.units import format_count, format_quantity
from embbench.stats.summary import Summary, median

MOST_NOTES = 12  # of one kind; the rest is counted
MOST_NAMES = 3  # of cases in one note


def make_table(metric: str, projection: Projection, grid: ResultGrid, measures: Measures, by_row: bool) -> Table:
    """The table of one metric over the grid. by_row: see `tokens_vary_by_row`."""
    definition = find_metric(metric)
    rows = _with_classes(tuple(_row(row, metric, projection, grid, measures, by_row) for row in grid.rows))
    columns = tuple(
        Column(column, joined(projection.col, column), _class_of([row.cells[index] for row in rows]))
        for index, column in enumerate(grid.columns)
    )
    return Table(
        metric=metric,
        unit=definition.unit,
        better=definition.better,
        definition=definition.definition,
        row_axes=projection.row,
        col_axes=projection.col,
        columns=columns,
        rows=rows,
        notes=tuple(table_notes(metric, projection, grid, measures, [cell for row in rows for cell in row.cells])),
    )


def case_notes(results: Sequence[Result], measures: Measures, metrics: Sequence[str]) -> list[str]:
    """Why cases have no number, or fewer rounds than were started, or rounds that moved: one line each."""
    notes, axes = [], naming_axes(results)
    for result in results:
        bad = [round_ for round_ in result.rounds if round_.status != "ok"]
        if result.status == "ok" and bad:
            told = "; ".join(f"round {round_.round}: {_because(round_.status, failure(round_))}" for round_ in bad)
            notes.append(
                f"{FAILED_ROUNDS} {named(axes, result)}: {len(result.good)} of {len(result.rounds)} rounds; {told}"
            )
        elif result.status != "ok":
            notes.append(f"{named(axes, result)}: {_because(result.status, reason_of(result))}")
        moving = next(filter(None, (measures.moved(result, metric) for metric in metrics)), ())
        if result.status == "ok" and moving:
            count = len(measures.medians(result, "step_time"))
            mark = f"{UNSTEADY} " if is_unsteady(moving, count) else ""
            told = f"step times drifted in {len(moving)} of {count} rounds: {'; '.join(moving)}"
            notes.append(f"{mark}{named(axes, result)}: {told}")
        if result.status == "ok" and (told := _in_states(result, measures)):
            notes.append(f"{named(axes, result)}: {told}")
    return shortened(notes)


def _in_states(result: Result, measures: Measures) -> str:
    """A case's step_time in each state of the machine that it met; '' where that is the usual one alone."""
    states = measures.in_states(result)
    met = {name: medians for name, medians in states.items() if medians}
    if list(met) == list(states)[:1]:
        return ""
    return "; ".join(
        f"{format_quantity(median(medians), 's', 2)} in {len(medians)} rounds with {name}"
        for name, medians in met.items()
    )


def tokens_vary_by_row(grid: ResultGrid, measures: Measures) -> bool:
    """Whether the token stream's figures differ between rows but not within any row."""
    streams = [workload(_along_row(grid, row), measures) for row in grid.rows]
    return None not in streams and len(set(streams)) > 1


def tokens_text(stream: Stream) -> tuple[str, str, str]:
    """(U, U/N, multiplicity): ('1204', '0.588', '133')"""
    rows, share, most = stream
    return _count(rows), format_quantity(share, "1", 3), _count(most)


def shortened(notes: list[str]) -> list[str]:
    """At most MOST_NOTES, and how many more there are."""
    left = len(notes) - MOST_NOTES
    return notes if left <= 0 else [*notes[:MOST_NOTES], f"… and {left} more such cases (--format csv lists all)"]


def _row(
    values: AxisValues, metric: str, projection: Projection, grid: ResultGrid, measures: Measures, by_row: bool
) -> Row:
    cells = []
    for column in grid.columns:
        found = grid.cells.get((values, column), [])
        cells.append(make_cell(found, _reference(values, column, found, projection, grid), metric, measures))
    labels = tuple(
        "" if value == NO_UPDATE else axis_text(axis, value) for axis, value in zip(projection.row, values, strict=True)
    )
    stream = workload(_along_row(grid, values), measures) if by_row else None
    return Row(values, labels, tuple(cells), tokens_text(stream) if stream else ())


def _reference(
    row: AxisValues, column: AxisValues, found: list[Result], projection: Projection, grid: ResultGrid
) -> Result | None:
    """The result for the ratio; None where there is none, several, or one that differs in an axis not shown."""
    if not projection.reference or len(found) != 1:
        return None
    against = reference_of(projection, grid, row, column)
    if len(against) != 1 or against[0] is found[0]:
        return None
    return against[0] if alike(found[0], against[0], tuple(projection.reference)) else None


def table_notes(
    metric: str, projection: Projection, grid: ResultGrid, measures: Measures, cells: Sequence[Cell]
) -> Iterable[str]:
    """What the reader must know of the cells of one metric."""
    if any(cell.ratio for cell in cells):
        reference = joined(tuple(projection.reference), tuple(projection.reference.values()))
        yield f"×: against {reference}, otherwise the same case; the median of the ratios within rounds"
        if any(cell.apart for cell in cells):
            yield (
                "×: of some, the ratio of both medians: not every round of one has a round of the other that was "
                "measured in the same stretch"
            )
        if any(cell.ratio.endswith("?") for cell in cells):
            yield "?: not shown to differ from it: the interval of the ratio includes 1, or there is one round only"
    elif projection.reference and any(cell.status == "ok" for cell in cells):
        yield from _no_ratio(projection, grid)
    if METRICS[metric].treatment.counted and any(cell.summary and is_small(cell.summary) for cell in cells):
        yield "±: left out where below 1 %"
    if any(cell.mark.endswith(UNSTEADY) for cell in cells):
        yield f"{UNSTEADY}: not a steady state: in most rounds the samples trend, jump or had not settled"
    if any(GROWING in cell.mark for cell in cells):
        yield f"{GROWING}: its memory grew with each step: the more steps, the higher the peak"
    if metric == UPDATE_COST and any(cell.text.startswith("<") for cell in cells):
        yield "<: the interval includes 0; the figure is its upper end"
    axes = naming_axes([found[0] for found in grid.cells.values()])
    results = [found[0] for found in grid.cells.values() if len(found) == 1 and found[0].status == "ok"]
    yield from shortened(
        [f"{told}: {named(axes, each)}" for each in results if (told := _about(each, metric, measures))]
    )
    alone = [named(axes, each) for each in results if _is_lent(measures.summary(each, metric))]
    if alone and metric != UPDATE_COST:  # of a cost it may be the other side that has one round
        yield f"{LENT}: {', '.join(alone[:MOST_NAMES])}{_more(len(alone) - MOST_NAMES)}"
    yield from _missing(metric, axes, results, measures)


def _about(result: Result, metric: str, measures: Measures) -> str:
    """'about: 3 rounds between 31 and 160 ms' of a number that is vague; '' of others."""
    summary, unit = measures.summary(result, metric), METRICS[metric].unit
    if isinstance(summary, Absent) or not shown(summary, metric)[0].startswith(ABOUT):
        return ""
    known = measures.medians(result, metric).values()
    if len(known) > 1:
        return f"about: {len(known)} rounds {between_text(min(known), max(known), unit)}"
    assert summary.low is not None
    assert summary.high is not None
    return f"about: {between_text(summary.low, summary.high, unit)}"


def _missing(metric: str, axes: Sequence[str], results: Sequence[Result], measures: Measures) -> Iterable[str]:
    """Why cases that are ok have no such number."""
    missing: dict[str, list[Result]] = {}
    for result in results:
        summary = measures.summary(result, metric)
        if isinstance(summary, Absent) and summary.reason:
            missing.setdefault(summary.reason, []).append(result)
    for reason, cases in missing.items():
        where = "" if len(cases) == len(results) else f": {', '.join(named(axes, case) for case in cases[:MOST_NAMES])}"
        yield reason + where + (_more(len(cases) - MOST_NAMES) if where else "")


def _is_lent(summary: Summary | Absent) -> bool:
    return isinstance(summary, Summary) and summary.lent


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""


def _no_ratio(projection: Projection, grid: ResultGrid) -> Iterable[str]:
    if len(grid.columns) * len(grid.rows) > 1:
        told = ",".join(f"{axis}={axis_text(axis, value)}" for axis, value in projection.reference.items())
        yield f"no ratios: no cell with a checked number has its counterpart with {told}"


def _with_classes(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The rows with the class of their cells, where each row has one class and some column has several."""
    along, across = [list(row.cells) for row in rows], zip(*(row.cells for row in rows), strict=True)
    if all(_class_of(list(cells)) for cells in across) or not all(map(_class_of, along)):
        return rows
    classes = map(_class_of, along)
    return tuple(msgspec.structs.replace(row, semantic=name) for row, name in zip(rows, classes, strict=True))


def _class_of(cells: Sequence[Cell]) -> str:
    """The class that all of the cells have; '' where they differ."""
    semantics = {cell.semantic for cell in cells if cell.semantic}
    return semantics.pop() if len(semantics) == 1 else ""


def _along_row(grid: ResultGrid, row: AxisValues) -> list[Result]:
    return [result for column in grid.columns for result in grid.cells.get((row, column), [])]


def _because(status: str, reason: str) -> str:
    text = STATUS_TEXT.get(status, status)
    return f"{text}: {reason}" if reason else text


def _count(value: float) -> str:
    return format_count(int(value)) if value == int(value) else format_quantity(value, "1", 4)
