"""A Report -> the values of its Document's JSON and CSV.

JSON, schema 1 (numbers in base units; null where a value is unknown; keys may be added, never changed):

{"schema": 1, "title": "…",
 "tables": [{"metric": "step_time", "unit": "s", "better": "lower", "definition": "…", "row": ["vocab"],
             "col": ["table", "update"], "columns": [{"axes": {"table": "frozen", "update": "none"}, "label": "frozen",
             "semantic": "frozen ✓"}, …],
             "rows": [{"axes": {"vocab": 200000}, "semantic": "",
             "cells": [{"status": "ok", "text": "12.3 ms ±2%", "center": 0.0123, "low": 0.0121, "high": 0.0125, "n": 3,
             "ratio": {"center": …, "low": …, "high": …, "proven": true} or null, "semantic": "frozen ✓",
             "cases": ["1f…"]}, …]}], "notes": ["…"]}],
             With `--col metric` there is one table: "metric" names all of its columns, whose "axes" are {"metric":
             "…"}; "unit" is "", since the records have the units; "row" ends in "otherwise" and "class".
 "answer": ["…"], "notes": ["…"], "alarms": ["…"], "caption": [{"word": "machine", "text": "…"}, …],
 "machine": {…} of the first round, "machines": [{…}, …], "software": {"contender": {"package": "version"}},
 "records": [an object per line of the CSV]}

CSV: a line per case and metric: the axes that the workloads have, then suite, case_id, metric, unit, center, low, high,
n, status, reason, class, audit_passed, rounds, rounds_ok, rounds_unsteady, ratio, ratio_low, ratio_high, reference. The
ratio is to the case whose case_id is `reference`, as the tables show it. A number that does not exist is an empty
field. Text that begins with =, +, - or @ gets an apostrophe in front.
"""

import math
from typing import Any

from embbench.analysis.collapse.axes import ALL_AXES
from embbench.report.document import Sheet
from embbench.report.table import Cell, Record, Report, Table
from embbench.stats.summary import Summary

SCHEMA = 1
NUMBERS = ("center", "low", "high", "n")
TAIL = ("status", "reason", "class", "audit_passed", "rounds", "rounds_ok", "rounds_unsteady")
RATIO = {"ratio": "center", "ratio_low": "low", "ratio_high": "high"}


def as_data(report: Report) -> dict[str, Any]:
    """The JSON values; the module docstring has their schema."""
    return {
        "schema": SCHEMA,
        "title": report.title,
        "tables": [_table(table) for table in report.tables],
        "answer": report.answer,
        "notes": report.notes,
        "alarms": report.alarms,
        "caption": [{"word": word, "text": text} for word, text in report.caption],
        "machine": report.machines[0] if report.machines else {},
        "machines": report.machines,
        "software": report.software,
        "records": [_record(record) for record in report.records],
    }


def as_sheet(report: Report) -> Sheet:
    """The CSV lines: a line per case and metric."""
    axes = [axis for axis in ALL_AXES if any(axis in record.axes for record in report.records)]
    headings = (*axes, "suite", "case_id", "metric", "unit", *NUMBERS, *TAIL, *RATIO, "reference")
    records = map(_record, report.records)
    return Sheet(headings, tuple(tuple(record.get(name) for name in headings) for record in records))


def _record(record: Record) -> dict[str, Any]:
    return {
        **record.axes,
        "suite": record.suite,
        "case_id": record.case_id,
        "metric": record.metric,
        "unit": record.unit,
        **_numbers(record.summary),
        "status": record.status,
        "reason": record.reason,
        "class": record.semantic,
        "audit_passed": record.audit_passed,
        "rounds": record.rounds,
        "rounds_ok": record.rounds_ok,
        "rounds_unsteady": record.rounds_unsteady,
        **{name: record.against and _finite(getattr(record.against, part)) for name, part in RATIO.items()},
        "reference": record.reference,
    }


def _numbers(summary: Summary | None) -> dict[str, float | int | None]:
    if summary is None:
        return dict.fromkeys(NUMBERS)
    return {name: _finite(getattr(summary, name)) for name in NUMBERS}


def _finite(value: float | None) -> float | None:
    return None if value is None or math.isinf(value) else value


def _table(table: Table) -> dict[str, Any]:
    return {
        "metric": table.metric,
        "unit": table.unit,
        "better": table.better,
        "definition": table.definition,
        "row": table.row_axes,
        "col": table.col_axes,
        "columns": [
            {
                "axes": dict(zip(table.col_axes, column.values, strict=True)),
                "label": column.label,
                "semantic": column.semantic,
            }
            for column in table.columns
        ],
        "rows": [
            {
                "axes": dict(zip(table.row_axes, row.values, strict=True)),
                "semantic": row.semantic,
                "cells": [_cell(cell) for cell in row.cells],
            }
            for row in table.rows
        ],
        "notes": table.notes,
    }


def _cell(cell: Cell) -> dict[str, Any]:
    against = None
    if cell.against is not None:
        against = {name: _finite(getattr(cell.against, name)) for name in ("center", "low", "high")}
        against["proven"] = cell.proven
    return {
        "status": cell.status,
        "text": " ".join(part for part in (cell.text + cell.mark, cell.spread) if part),
        **_numbers(cell.summary),
        "ratio": against,
        "semantic": cell.semantic,
        "cases": cell.cases,
    }
