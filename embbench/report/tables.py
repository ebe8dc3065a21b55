"""Grid -> Tables: a table per metric, with its notes."""

from collections.abc import Iterable, Sequence

import msgspec

from embbench.analysis.collapse.axes import axis_text, joined, named, naming_axes
from embbench.analysis.collapse.collapse import Result, failure, reason_of
from embbench.analysis.collapse.drifting import Drift, is_unsteady
from embbench.analysis.collapse.measures import UPDATE_COST, Absent, AbsentReason, Measures, Stream, workload
from embbench.cases.case import NO_UPDATE
from embbench.cases.metrics import METRICS, find_metric
from embbench.cases.units import format_count, format_quantity
from embbench.report.cells import FAILED_ROUNDS, GROWING, UNSTEADY, make_cell, shown
from embbench.report.figures import ABOUT, LENT, between_text, is_small
from embbench.report.project import AxisValues, Projection, ResultGrid, denominator
from embbench.report.table import STATUS_TEXT, Cell, Column, Row, Table
from embbench.stats.summary import Summary, median

MOST_NOTES = 12  # of a kind; further notes are counted
MOST_NAMES = 3  # of cases in one note
UNBROKEN = ("ok", "unsupported", "skipped")  # statuses of rounds
ABSENT: dict[AbsentReason, str] = {
    "not measured": "{metric} was not measured",
    "unusual state": "{metric} was not measured in the usual state of the machine",
    "no frozen table": "{metric} needs the same case with a frozen table, and that case has no number here",
    "no step or rows": "{metric} needs step_time of both cases and unique_rows",
}  # a metric without meaning needs no note


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
    """A line per case that has no number, failed rounds, rounds that drifted, or several states of the machine; first
    those of cases with rounds that broke, then those measured in an unusual state of the machine only.
    """
    notes, axes = [], naming_axes(results)

    def place(result: Result) -> tuple[bool, bool]:
        unusual = result.audited and not measures.is_timed(result)
        return all(line.status in UNBROKEN for line in result.rounds), not unusual

    for result in sorted(results, key=place):
        bad = [line for line in result.rounds if line.status != "ok"]
        if result.status == "ok" and bad:
            failures = "; ".join(f"round {line.round + 1}: {_because(line.status, failure(line))}" for line in bad)
            passed = f"{len(result.good)} of {len(result.rounds)} rounds are ok"
            notes.append(f"{FAILED_ROUNDS} {named(axes, result)}: {passed}; {failures}")
        elif result.status != "ok":
            notes.append(f"{named(axes, result)}: {_because(result.status, reason_of(result))}")
        drifts = next(filter(None, (measures.drifts(result, metric) for metric in metrics)), ())
        if result.status == "ok" and drifts:
            count = len(measures.medians(result, "step_time"))
            mark = f"{UNSTEADY} " if is_unsteady(drifts, count) else ""
            notes.append(f"{mark}{named(axes, result)}: {_drifted(drifts, len(result.rounds))}")
        if result.status == "ok" and (medians := _in_states(result, measures)):
            notes.append(f"{named(axes, result)}: {medians}")
    return shortened(notes)


def _drifted(drifts: Sequence[Drift], rounds: int) -> str:
    """'drifted (trend)' of a single round; 'drifted in round 7 (trend)', whose number may be larger than `rounds`: a
    run with a time limit leaves numbers out.
    """
    if rounds == 1:
        return f"drifted ({drifts[0].course})"
    if len(drifts) == 1:
        return f"drifted in round {drifts[0].number} ({drifts[0].course})"
    names = ", ".join(f"round {each.number} ({each.course})" for each in drifts)
    return f"{len(drifts)} of {rounds} rounds drifted: {names}"


def _in_states(result: Result, measures: Measures) -> str:
    """The step times of a case in each state of the machine that it met; '' where it met the usual state only."""
    states = measures.in_states(result)
    met = [each for each in states if each.medians]
    if met == states[:1]:
        return ""
    told = "; ".join(
        f"{format_quantity(median(each.medians), 's', 2)} in {_rounds(len(each.medians))} with CPUs "
        f"{'far apart' if each.far else 'near each other'} "
        f"(core-to-core latency {format_quantity(each.latency / 1e9, 's', 2)})"
        for each in met
    )
    return told if states[0].medians else f"{told}, which is not the machine's usual state: measure more rounds"


def _rounds(count: int) -> str:
    return f"{count} round{'s' if count > 1 else ''}"


def tokens_vary_by_row(grid: ResultGrid, measures: Measures) -> bool:
    """Whether the token stream's figures differ between rows but not within any row."""
    streams = [workload(_along_row(grid, row), measures) for row in grid.rows]
    return None not in streams and len(set(streams)) > 1


def tokens_text(stream: Stream) -> tuple[str, str, str]:
    """(U, U/N, multiplicity): ('1204', '0.588', '133')"""
    rows, share, most = stream
    return _count(rows), format_quantity(share, "1", 3), _count(most)


def shortened(notes: list[str]) -> list[str]:
    """At most MOST_NOTES notes, and the number of further notes."""
    left = len(notes) - MOST_NOTES
    further = f"… and {left} more case{'s' if left > 1 else ''} (--format csv lists all)"
    return notes if left <= 0 else [*notes[:MOST_NOTES], further]


def _row(
    values: AxisValues, metric: str, projection: Projection, grid: ResultGrid, measures: Measures, by_row: bool
) -> Row:
    cells = []
    for column in grid.columns:
        results = grid.cells.get((values, column), [])
        cells.append(make_cell(results, denominator(projection, grid, values, column), metric, measures))
    labels = tuple(
        "" if value == NO_UPDATE else axis_text(axis, value) for axis, value in zip(projection.row, values, strict=True)
    )
    stream = workload(_along_row(grid, values), measures) if by_row else None
    return Row(values, labels, tuple(cells), tokens_text(stream) if stream else ())


def table_notes(
    metric: str, projection: Projection, grid: ResultGrid, measures: Measures, cells: Sequence[Cell]
) -> Iterable[str]:
    """The legend of the marks in the cells of a metric, and the reasons of missing numbers."""
    if any(cell.ratio for cell in cells):
        reference = joined(tuple(projection.reference), tuple(projection.reference.values()))
        yield f"×: ratio to {reference}, otherwise the same case; the median of the ratios within rounds"
        if any(cell.apart for cell in cells):
            yield (
                "×: a case shows the ratio of both medians where some of its rounds have no partner in the same "
                "stretch of a run"
            )
        if any(cell.ratio.endswith("?") for cell in cells):
            yield "?: no difference is shown: the interval of the ratio includes 1, or a case has a single round"
    elif projection.reference and any(cell.status == "ok" for cell in cells):
        yield from _no_ratio(projection, grid)
    if METRICS[metric].treatment.counted and any(cell.summary and is_small(cell.summary) for cell in cells):
        yield "±: shown from 1 % on"
    if any(cell.mark.endswith(UNSTEADY) for cell in cells):
        yield f"{UNSTEADY}: no steady state: the samples of most rounds drift"
    if any(GROWING in cell.mark for cell in cells):
        yield f"{GROWING}: the memory grew with every step, so the peak depends on the number of steps"
    if metric == UPDATE_COST and any(cell.text.startswith("<") for cell in cells):
        yield "<: the interval includes 0; the number is its upper end"
    axes = naming_axes([cases[0] for cases in grid.cells.values()])
    results = [cases[0] for cases in grid.cells.values() if len(cases) == 1 and cases[0].status == "ok"]
    yield from shortened(
        [f"{text}: {named(axes, result)}" for result in results if (text := _about(result, metric, measures))]
    )
    alone = [named(axes, each) for each in results if _is_lent(measures.summary(each, metric))]
    if alone and metric != UPDATE_COST:  # a cost has two sides, and either may have the single round
        yield f"{LENT}: {', '.join(alone[:MOST_NAMES])}{_more(len(alone) - MOST_NAMES)}"
    yield from _missing(metric, axes, results, measures)


def _about(result: Result, metric: str, measures: Measures) -> str:
    """'about: 3 rounds between 31 and 160 ms' for a vague number; '' for others."""
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
    """The reasons why cases that are ok have no such number."""
    missing: dict[str, list[Result]] = {}
    for result in results:
        summary = measures.summary(result, metric)
        if isinstance(summary, Absent) and summary.reason in ABSENT:
            missing.setdefault(ABSENT[summary.reason].format(metric=metric), []).append(result)
    for reason, cases in missing.items():
        where = "" if len(cases) == len(results) else f": {', '.join(named(axes, case) for case in cases[:MOST_NAMES])}"
        yield reason + where + (_more(len(cases) - MOST_NAMES) if where else "")


def _is_lent(summary: Summary | Absent) -> bool:
    return isinstance(summary, Summary) and summary.lent


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""


def _no_ratio(projection: Projection, grid: ResultGrid) -> Iterable[str]:
    if len(grid.columns) * len(grid.rows) > 1:
        reference = ",".join(f"{axis}={axis_text(axis, value)}" for axis, value in projection.reference.items())
        yield f"no ratios: no case with a checked number has a counterpart with {reference}"


def _with_classes(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The rows with the class of their cells, where no row has several classes and some column has several."""
    classes = [{cell.semantic for cell in row.cells if cell.semantic} for row in rows]
    across = zip(*(row.cells for row in rows), strict=True)
    if any(len(known) > 1 for known in classes) or all(_class_of(list(cells)) for cells in across):
        return rows
    return tuple(
        msgspec.structs.replace(row, semantic=next(iter(known), "")) for row, known in zip(rows, classes, strict=True)
    )


def _class_of(cells: Sequence[Cell]) -> str:
    """The class of all cells; '' where the cells differ."""
    semantics = {cell.semantic for cell in cells if cell.semantic}
    return semantics.pop() if len(semantics) == 1 else ""


def _along_row(grid: ResultGrid, row: AxisValues) -> list[Result]:
    return [result for column in grid.columns for result in grid.cells.get((row, column), [])]


def _because(status: str, reason: str) -> str:
    text = STATUS_TEXT.get(status, status)
    return f"{text}: {reason}" if reason else text


def _count(value: float) -> str:
    return format_count(int(value)) if value == int(value) else format_quantity(value, "1", 4)
