"""Sentences about the ratios of a table: in how many cases a column takes less or more time than the reference."""

from collections.abc import Sequence

from embbench.analysis.collapse.axes import joined
from embbench.report.folding import FOLDED_ROWS
from embbench.report.project import Projection
from embbench.report.table import Cell, Statement, Table

MOST_COLUMNS = 4  # that the sentences name
TIME = "step_time"


def count_ratios(table: Table, projection: Projection) -> list[Statement]:
    """A statement per column with several ratios. [] unless the table is of step times, its columns are held against
    one of them, and a column or every row has one class.
    """
    if table.metric != TIME or not projection.reference or not {*projection.reference} <= {*projection.col}:
        return []
    against = joined(tuple(projection.reference), tuple(projection.reference.values()))
    by_row, statements = all(row.semantic for row in table.rows), []
    for at, column in enumerate(table.columns):
        cells = [row.cells[at] for row in table.rows if row.cells[at].against is not None]
        if len(cells) > 1 and (column.semantic or by_row):
            semantic = f" ({column.semantic})" if column.semantic else ""
            statements.append(_statement(f"{column.label}{semantic}", against, cells))
    return statements if len(statements) <= MOST_COLUMNS else []


def _statement(name: str, against: str, cells: Sequence[Cell]) -> Statement:
    """'Of 18 cases, sparse (lazy ✓) takes less time than default in 8 (×0.028 to ×0.48); no difference is shown in
    10.'
    """
    proven = [each for each in cells if each.proven]
    sides = [("less", [each for each in proven if _center(each) < 1]), ("more", [e for e in proven if _center(e) > 1])]
    counts = [f"{word} time than {against} in {len(found)}{_range(found)}" for word, found in sides if found]
    takes = f"takes {', '.join(counts)}" if counts else f"is not shown to differ from {against}"
    alike = len(cells) - len(proven)
    rest = f"; no difference is shown in {alike}" if alike and counts else ""
    shown = proven if len(proven) <= FOLDED_ROWS else [end for _, found in sides if found for end in _ends(found)]
    return Statement(f"Of {len(cells)} cases, {name} {takes}{rest}.", _ids(shown), _ids(proven))


def _range(cells: Sequence[Cell]) -> str:
    """' (×0.028 to ×0.48)'"""
    return f" ({' to '.join(dict.fromkeys(each.ratio for each in _ends(cells)))})"


def _ends(cells: Sequence[Cell]) -> tuple[Cell, Cell]:
    return min(cells, key=_center), max(cells, key=_center)


def _ids(cells: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(case for each in cells for case in each.cases)


def _center(cell: Cell) -> float:
    assert cell.against is not None
    return cell.against.center
