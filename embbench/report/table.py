"""Report, Table and Cell: numbers in base units, beside the text that shows them."""

import msgspec

from embbench.stats.summary import Summary

STATUS_TEXT = {
    "invalid": "invalid",
    "oom_host": "out of memory",
    "oom_device": "out of device memory",
    "timeout": "timeout",
    "crash": "crash",
    "skipped": "skipped",
    "unsupported": "unsupported",
    "interrupted": "interrupted",
}
NO_CASE = "—"
TOKENS = ("U", "U/N", "most")  # headings of Row.tokens
CLASS = "class"  # heading of Row.semantic


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """status: ok, a Round's other status, 'not measured' (the metric), 'mixed' (several cases) or 'absent'.

    text, spread, ratio: '12.3 ms', '±2%', '×0.08'; text is the reason where there is no number. mark: '*' where
    some rounds failed, '~' where most rounds are not steady. semantic: class and audit as shown, 'lazy ✓'.
    proven: whether the ratio's interval excludes 1; None without an interval. apart: whether the ratio is a ratio of
    medians, because the rounds do not all make pairs. cases: ids of the cases in the cell.
    """

    status: str
    text: str
    spread: str = ""
    ratio: str = ""
    mark: str = ""
    semantic: str = ""
    summary: Summary | None = None
    against: Summary | None = None
    proven: bool | None = None
    apart: bool = False
    cases: tuple[str, ...] = ()


class Column(msgspec.Struct, frozen=True):
    """values: of the column axes. semantic: class and audit of all cells; '' where the cells differ."""

    values: tuple[int | str, ...]
    label: str
    semantic: str = ""


class Row(msgspec.Struct, frozen=True):
    """values: of the row axes. labels: their texts. tokens: texts under TOKENS, where the tokens vary by row, or ().
    semantic: class and audit of all cells, where the cells differ between columns but within no row; else ''.
    """

    values: tuple[int | str, ...]
    labels: tuple[str, ...]
    cells: tuple[Cell, ...]
    tokens: tuple[str, ...] = ()
    semantic: str = ""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """The table of a metric. rows[i].cells[j] belongs to columns[j]. notes: legend, reasons of missing numbers."""

    metric: str
    unit: str
    better: str
    definition: str
    row_axes: tuple[str, ...]
    col_axes: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A case and a metric, in base units, whatever the projection. axes: the axes of the case, with machine
    and software.
    rounds_unsteady: the ok rounds whose samples drift. against: the ratio to the case whose id is `reference`; None and
    '' without a ratio.
    """

    axes: dict[str, int | str]
    suite: str
    case_id: str
    metric: str
    unit: str
    summary: Summary | None
    status: str
    reason: str
    semantic: str
    audit_passed: bool | None
    rounds: int
    rounds_ok: int
    rounds_unsteady: int
    against: Summary | None = None
    reference: str = ""


class Statement(msgspec.Struct, frozen=True):
    """A sentence of the answer. cases: the ids of the cases whose figures it has, the most important first. others: the
    ids of further cases that it is about.
    """

    text: str
    cases: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


class ClaimRows(msgspec.Struct, frozen=True):
    """contenders: headings. rows: (claim, right value, a text per contender)."""

    contenders: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """alarms: reasons to doubt all tables, shown first. answer: sentences. brief: the answer for a table that shows few
    of its rows. notes: on single cases. caption: (word, text). sure: how sure the numbers are, in a line. measured:
    number of the selected cases that have a number. claims: None where no claim was made. curves: rows of
    `curve_table`; () without learning curves.
    """

    title: str
    alarms: tuple[str, ...]
    tables: tuple[Table, ...]
    answer: tuple[str, ...]
    brief: tuple[Statement, ...]
    notes: tuple[str, ...]
    caption: tuple[tuple[str, str], ...]
    sure: str
    records: tuple[Record, ...]
    measured: int
    machines: tuple[dict, ...]
    software: dict[str, dict[str, str]]
    claims: ClaimRows | None = None
    curves: tuple[tuple[str, ...], ...] = ()
