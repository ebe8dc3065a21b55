"""A Document as text for a terminal or a pipe: colours only if requested, lines no wider than requested."""

from collections.abc import Callable, Iterable
from functools import singledispatch

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from embbench.plain import one_line
from embbench.report.document import Block, Chart, Document, Facts, Grid, Heading, Notes, Sentences, Tone
from embbench.report.table import Table
from embbench.report.writers.console import make_console, written
from embbench.report.writers.plot_text import draw_text
from embbench.report.writers.table_layout import TableLayout

GAP = 2
MOST_ROWS = 500  # of a grid that is fit to the width: Rich takes most of a minute for ten thousand
STYLES: dict[Tone, str] = {"": "", "good": "green", "bad": "bold red", "weak": "dim"}


def write_text(document: Document, width: int, colour: bool, details: bool) -> str:
    """width: columns available; a wider table is split by columns. details: all blocks, not only the first screen's.
    Ends with a newline.
    """
    blocks = document.blocks if details or not document.screen else document.screen
    parts = []
    for block in blocks:
        console = make_console(width, colour)
        _print(block, console)
        parts.append(written(console))
    return "\n".join(parts)


@singledispatch
def _print(block: Block, console: Console) -> None:
    raise TypeError(f"no text for {type(block).__name__}")


@_print.register
def _heading(block: Heading, console: Console) -> None:
    console.print(Text(one_line(block.text), style="bold"))


@_print.register
def _facts(block: Facts, console: Console) -> None:
    grid = RichTable.grid(padding=(0, GAP, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column()
    before = ""
    for word, text in block.lines:
        grid.add_row(
            Text("" if word == before and not block.every else one_line(word), style="dim"), Text(one_line(text))
        )
        before = word
    console.print(grid)


@_print.register
def _sentences(block: Sentences, console: Console) -> None:
    for text in block.texts:
        console.print(Text(one_line(text), style="bold" if block.strong else ""))


@_print.register
def _notes(block: Notes, console: Console) -> None:
    for text in block.texts:
        _item(console, "! " if block.alarm else "• ", text, "bold red" if block.alarm else "")


@_print.register
def _chart(block: Chart, console: Console) -> None:
    drawn = draw_text(block.plot, console.width, console.is_terminal)
    console.print(Text.from_ansi(drawn.rstrip("\n")), no_wrap=True, overflow="ignore", crop=False)


@_print.register
def _table(block: Table, console: Console) -> None:
    _title(console, block.metric, block.definition)
    layout = TableLayout(block, console.width)
    for number, columns in enumerate(layout.blocks):
        if number:
            console.print()
        console.print(Text("\n").join(layout.lines(columns)), no_wrap=True, overflow="ignore", crop=False)
    for note in block.notes:
        _item(console, "  ", note, "dim")


@_print.register
def _grid(block: Grid, console: Console) -> None:
    if block.title:
        _title(console, block.title, block.about)
    if len(block.rows) > MOST_ROWS:
        lines = _aligned(block)
        console.print(Text("\n".join(lines)), no_wrap=True, overflow="ignore", crop=False)
        return
    table = RichTable(box=None, pad_edge=False, header_style="dim")
    wraps = block.left if block.wraps is None else block.wraps
    for heading in block.headings:
        justify = "left" if heading in block.left else "right"
        table.add_column(one_line(heading), justify=justify, no_wrap=heading not in wraps, overflow="fold")
    tones: tuple[Tone, ...] = block.tones or ("",) * len(block.rows)
    for row, tone in zip(block.rows, tones, strict=True):
        *cells, last = (Text(one_line(cell)) for cell in row)
        last.stylize(STYLES[tone])
        table.add_row(*cells, last)
    console.print(table)


def _aligned(block: Grid) -> Iterable[str]:
    """The lines of a grid, aligned like a table, however wide."""
    rows = [block.headings, *(tuple(map(one_line, row)) for row in block.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    places: list[Callable[[str, int], str]] = [
        str.ljust if heading in block.left else str.rjust for heading in block.headings
    ]
    for row in rows:
        cells = (place(cell, width) for place, cell, width in zip(places, row, widths, strict=True))
        yield (" " * GAP).join(cells).rstrip()


def _title(console: Console, title: str, about: str) -> None:
    heading = Text(one_line(title), style="bold")
    if about:
        heading.append(f"  {one_line(about)}", style="dim not bold")
    console.print(heading)


def _item(console: Console, bullet: str, text: str, style: str = "") -> None:
    """A paragraph whose further lines are indented under its first."""
    grid = RichTable.grid()
    grid.add_column(no_wrap=True)
    grid.add_column()
    grid.add_row(Text(bullet, style=style), Text(one_line(text), style=style))
    console.print(Padding(grid, 0))
