"""The table of a first screen: a long table folds to the rows that the answer speaks of, and counts the others."""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from embbench.analysis.collapse.axes import axis_text, listed
from embbench.report.metric_columns import OTHERWISE
from embbench.report.project import ACROSS
from embbench.report.table import CLASS, Row, Statement, Table

MOST_ROWS = 12  # of a table that is shown whole
FOLDED_ROWS = 10  # of a folded table
MOST_METRICS = 2  # columns of a table with a column per metric

Item = TypeVar("Item")


def is_long(table: Table) -> bool:
    return len(table.rows) > MOST_ROWS


def first_statements(statements: Sequence[Statement], table: Table) -> Sequence[Statement]:
    """The first statements, at least one, whose figures stand in FOLDED_ROWS rows."""
    for count in range(len(statements), 1, -1):
        cases = {case for statement in statements[:count] for case in statement.cases}
        if sum(not cases.isdisjoint(_cases(row)) for row in table.rows) <= FOLDED_ROWS:
            return statements[:count]
    return statements[:1]


def folded(table: Table, statements: Sequence[Statement], every_metric: bool) -> Table:
    """The table, and a note that counts what is left out. A long table has the rows of the statements; its first rows
    if there are no statements. A table with a column per metric has its first metrics, unless it has `every_metric`.
    """
    rows = _important(table.rows, statements) if is_long(table) else table.rows
    across = table.col_axes == (ACROSS,) and not every_metric
    columns = table.columns[:MOST_METRICS] if across else table.columns
    fixed = [at for at in range(len(table.row_axes)) if _is_fixed(table, rows, at)] if len(rows) > 1 else []
    left = [(len(table.rows) - len(rows), "row"), (len(table.columns) - len(columns), "metric")]
    told = [at for at in fixed if rows[0].labels[at]]
    counts = [f"{count} more {what}{'s' if count > 1 else ''}" for count, what in left if count]
    others = [f"also with {_others(table, rows, at)}" for at in told]
    return msgspec.structs.replace(
        table,
        metric=" · ".join(str(column.values[0]) for column in columns) if across else table.metric,
        definition=", ".join([*(_value(table, rows[0], at) for at in told), *filter(None, [table.definition])]),
        row_axes=_without(table.row_axes, fixed),
        columns=columns,
        rows=tuple(
            msgspec.structs.replace(
                row,
                values=_without(row.values, fixed),
                labels=_without(row.labels, fixed),
                cells=row.cells[: len(columns)],
            )
            for row in rows
        ),
        notes=(*table.notes, f"{', '.join([*counts, *others])}: --details") if counts else table.notes,
    )


def _important(rows: Sequence[Row], statements: Sequence[Statement]) -> Sequence[Row]:
    """At most FOLDED_ROWS rows: those with figures of the statements in their order, then those of other cases."""
    cases = [case for statement in statements for case in statement.cases]
    cases += [case for statement in statements for case in statement.others]
    ranks = {case: rank for rank, case in reversed([*enumerate(cases)])}
    named = [row for row in rows if not ranks.keys().isdisjoint(_cases(row))]
    named.sort(key=lambda row: min(ranks[case] for case in _cases(row) if case in ranks))
    return (named or rows)[:FOLDED_ROWS]


def _cases(row: Row) -> list[str]:
    return [case for cell in row.cells for case in cell.cases]


def _is_fixed(table: Table, rows: Sequence[Row], at: int) -> bool:
    """Whether the shown rows share a value of a row axis that other rows have not: it needs no column."""
    if table.row_axes[at] in (OTHERWISE, CLASS):
        return len(rows) < len(table.rows) and not any(row.labels[at] for row in rows)
    return len({row.values[at] for row in rows}) == 1 < len({row.values[at] for row in table.rows})


def _value(table: Table, row: Row, at: int) -> str:
    """'optimizer adam'"""
    return f"{table.row_axes[at]} {axis_text(table.row_axes[at], row.values[at])}"


def _others(table: Table, rows: Sequence[Row], at: int) -> str:
    """'optimizer adagrad'"""
    shown = {row.values[at] for row in rows}
    values = dict.fromkeys(row.values[at] for row in table.rows if row.values[at] not in shown)
    return f"{table.row_axes[at]} {listed(axis_text(table.row_axes[at], value) for value in values)}"


def _without(texts: Sequence[Item], places: Sequence[int]) -> tuple[Item, ...]:
    return tuple(text for at, text in enumerate(texts) if at not in places)
