"""A Document as GitHub Markdown: pipe tables, lists, paragraphs. Text from outside is escaped."""

import re
from collections.abc import Iterable
from functools import singledispatch

from embbench.plain import one_line
from embbench.report.document import Block, Chart, Document, Facts, Grid, Heading, Listing, Notes, Sentences
from embbench.report.plot import Strips, Timeline
from embbench.report.plot_grid import grid_of
from embbench.report.table import CLASS, TOKENS, Cell, Table
from embbench.report.writers.plot_text import draw_text

_SPECIAL = re.compile(r"([\\`*|<>\[\]~#$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;))")
# The beginnings of a list, of a horizontal line, and of the underline of a heading.
_BLOCK = re.compile(r"^(\d{1,9}(?=[.)](?:\s|$))|(?=[-+](?:\s|$)|[-=][-= ]*$))")
# GitHub links these in the rendered text, where no backslash is left: mentions and addresses, issues, URLs.
_LINKED = re.compile(r"@(?=\w)|#(?=\d)|\bGH-(?=\d)|(?<=:)(?=//)|\bwww(?=\.)", re.IGNORECASE)
_MARK = "\x00"  # holds the place until all else is escaped; one_line leaves no such character
CHART_WIDTH = 80
_APART = "&#8203;"  # a space of no width, as Renovate writes it


def write_markdown(document: Document) -> str:
    """All blocks of the document. Ends with a newline."""
    return "\n\n".join(map(_markdown, document.blocks)) + "\n"


@singledispatch
def _markdown(block: Block) -> str:
    raise TypeError(f"no Markdown for {type(block).__name__}")


@_markdown.register
def _heading(block: Heading) -> str:
    return f"## {escaped(block.text)}"


@_markdown.register
def _facts(block: Facts) -> str:
    return "\n".join(
        f"- **{escaped(word)}**: {escaped(text)}" if word else f"  {escaped(text)}" for word, text in block.lines
    )


@_markdown.register
def _sentences(block: Sentences) -> str:
    strong = "**" if block.strong else ""
    return "\n\n".join(f"{strong}{escaped(text)}{strong}" for text in block.texts)


@_markdown.register
def _notes(block: Notes) -> str:
    if block.alarm:
        return "\n\n".join(f"> **Warning:** {escaped(text)}" for text in block.texts)
    return _list(block.texts)


@_markdown.register
def _listing(block: Listing) -> str:
    return f"{escaped(block.about)}\n\n```text\n{block.text}\n```"


@_markdown.register
def _chart(block: Chart) -> str:
    if isinstance(block.plot, Strips | Timeline):
        return _grid(grid_of(block.plot))
    return f"```text\n{draw_text(block.plot, CHART_WIDTH, False).rstrip()}\n```"


@_markdown.register
def _table(block: Table) -> str:
    parts = [_titled(block.metric, block.definition), "\n".join(_lines(block))]
    if block.notes:
        parts.append(_list(block.notes))
    return "\n\n".join(parts)


@_markdown.register
def _grid(block: Grid) -> str:
    sides = ("---" if heading in block.left else "---:" for heading in block.headings)
    lines = [_line(map(escaped, block.headings)), _line(sides), *(_line(map(escaped, row)) for row in block.rows)]
    title = [_titled(block.title, block.about)] if block.title else []
    return "\n\n".join([*title, "\n".join(lines)])


def _titled(title: str, about: str) -> str:
    return f"**{escaped(title)}**" + (f": {escaped(about)}" if about else "")


def escaped(text: str) -> str:
    """The text on a single line, escaped so that GitHub shows it unchanged: no Markdown, HTML, mention, issue, link or
    boundary of a cell is left in it.
    """
    line = _LINKED.sub(lambda match: f"{match[0]}{_MARK}", one_line(text))
    line = _BLOCK.sub(r"\1\\", _SPECIAL.sub(r"\\\1", line))
    return line.replace(_MARK, _APART)


def _lines(table: Table) -> Iterable[str]:
    tokens = TOKENS if any(row.tokens for row in table.rows) else ()
    classes = (CLASS,) if any(row.semantic for row in table.rows) else ()
    labels = [*table.row_axes, *classes, *tokens]
    headings = [
        escaped(column.label) + (f"<br>{escaped(column.semantic)}" if column.semantic else "")
        for column in table.columns
    ]
    yield _line([*map(escaped, labels), *headings])
    yield _line(["---:"] * (len(labels) + len(headings)))
    for row in table.rows:
        texts = [*row.labels, *(row.semantic for _ in classes), *row.tokens]
        texts += [""] * (len(labels) - len(texts))
        cells = [_cell(cell, row.semantic or table.columns[index].semantic) for index, cell in enumerate(row.cells)]
        yield _line([*map(escaped, texts), *cells])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell, semantic: str) -> str:
    """semantic: the class that a heading or the row shows already; '' for none."""
    text = escaped(cell.text + cell.mark)
    if cell.spread:
        text += f" {escaped(cell.spread)}"
    if cell.ratio:
        text += f" ({escaped(cell.ratio)})"
    return text + (f"<br>{escaped(cell.semantic)}" if cell.semantic and not semantic else "")


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {escaped(item)}" for item in items)
