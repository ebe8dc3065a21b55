"""A Report as GitHub Markdown: pipe tables, notes and caption as lists."""

import re
from collections.abc import Iterable

from embbench.plain import one_line
from embbench.report.table import TOKENS, Cell, Report, Table

_SPECIAL = re.compile(r"([\\`*|<>\[\]~#$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;))")
# What begins a list, draws a rule, or makes a heading of the line above.
_BLOCK = re.compile(r"^(\d{1,9}(?=[.)](?:\s|$))|(?=[-+](?:\s|$)|[-=][-= ]*$))")
# GitHub links these in what is rendered, where no backslash is left: mentions and addresses, issues, URLs.
_LINKED = re.compile(r"@(?=\w)|#(?=\d)|\bGH-(?=\d)|(?<=:)(?=//)|\bwww(?=\.)", re.IGNORECASE)
_MARK = "\x00"  # of such a place, until all else is escaped; one_line leaves none
_APART = "&#8203;"  # a space of no width, as Renovate writes it


def render_markdown(report: Report) -> str:
    """Ends with a newline. Text from outside (reasons, names of machines) is escaped."""
    parts = [f"## {escaped(report.title)}"] if report.title else []
    parts += [f"> **Warning:** {escaped(alarm)}" for alarm in report.alarms]
    for table in report.tables:
        parts.append(f"**{escaped(table.metric)}**: {escaped(table.definition)}")
        parts.append("\n".join(_lines(table)))
        if table.notes:
            parts.append(_list(table.notes))
    parts += [escaped(sentence) for sentence in report.answer]
    if report.notes:
        parts.append(_list(report.notes))
    parts.append("\n".join(f"- **{escaped(word)}**: {escaped(text)}" for word, text in report.caption))
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Text that GitHub shows as it is, on one line: it is no Markdown, HTML, mention, issue, link or boundary of a
    cell.
    """
    told = _LINKED.sub(lambda found: f"{found[0]}{_MARK}", one_line(text))
    told = _BLOCK.sub(r"\1\\", _SPECIAL.sub(r"\\\1", told))
    return told.replace(_MARK, _APART)


def _lines(table: Table) -> Iterable[str]:
    tokens = TOKENS if any(row.tokens for row in table.rows) else ()
    labels = [*table.row_axes, *tokens]
    headings = [
        escaped(column.label) + (f"<br>{escaped(column.semantic)}" if column.semantic else "")
        for column in table.columns
    ]
    yield _line([*map(escaped, labels), *headings])
    yield _line(["---:"] * (len(labels) + len(headings)))
    for row in table.rows:
        told = [*row.labels, *row.tokens]
        told += [""] * (len(labels) - len(told))
        cells = [_cell(cell, table.columns[index].semantic) for index, cell in enumerate(row.cells)]
        yield _line([*map(escaped, told), *cells])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell, told: str) -> str:
    text = escaped(cell.text + cell.mark)
    if cell.spread:
        text += f" {escaped(cell.spread)}"
    if cell.ratio:
        text += f" ({escaped(cell.ratio)})"
    return text + (f"<br>{escaped(cell.semantic)}" if cell.semantic and not told else "")


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {escaped(item)}" for item in items)
