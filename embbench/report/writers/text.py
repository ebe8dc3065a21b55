"""A Document as text for a terminal or a pipe: colours only if requested, lines no wider than requested."""

from collections.abc import Iterable, Sequence
from functools import singledispatch

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from embbench.plain import one_line
from embbench.report.document import Block, Chart, Document, Facts, Grid, Heading, Listing, Notes, Sentences
from embbench.report.plot import Strips, Timeline
from embbench.report.plot_grid import grid_of
from embbench.report.table import Table
from embbench.report.writers.console import make_console, written
from embbench.report.writers.grid_layout import GridLayout
from embbench.report.writers.plot_text import draw_text
from embbench.report.writers.table_layout import TableLayout
from embbench.report.writers.wrapped import beside, broken, longest_word

GAP = 2


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
    names = [one_line(word) for word, _ in block.lines]
    room = console.width - GAP - longest_word(one_line(text) for _, text in block.lines)
    width = max(longest_word(names), min(max(map(cell_len, names), default=0), console.width // 2, room))
    start, before, lines = width + GAP, "", []
    for name, (word, text) in zip(names, block.lines, strict=True):
        shown = "" if word == before and not block.every else name
        lines += beside(broken(shown, width), "dim", broken(one_line(text), console.width - start), "", start)
        before = word
    _print_lines(lines, console)


@_print.register
def _sentences(block: Sentences, console: Console) -> None:
    for text in block.texts:
        console.print(Text(one_line(text), style="bold" if block.strong else ""))


@_print.register
def _notes(block: Notes, console: Console) -> None:
    for text in block.texts:
        _item(console, "! " if block.alarm else "• ", text, "bold red" if block.alarm else "")


@_print.register
def _listing(block: Listing, console: Console) -> None:
    _item(console, "", block.about)
    for line in block.text.splitlines():
        console.print(Text(f"  {line}"), no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)


@_print.register
def _chart(block: Chart, console: Console) -> None:
    if isinstance(block.plot, Strips | Timeline):  # a terminal has no room for so many marks
        _grid(grid_of(block.plot), console)
        return
    drawn = draw_text(block.plot, console.width, console.is_terminal)
    console.print(Text.from_ansi(drawn.rstrip("\n")), no_wrap=True, overflow="ignore", crop=False)


@_print.register
def _table(block: Table, console: Console) -> None:
    _title(console, block.metric, block.definition)
    layout = TableLayout(block, console.width)
    _print_blocks([layout.lines(columns) for columns in layout.blocks], console)
    for note in block.notes:
        _item(console, "  ", note, "dim")


@_print.register
def _grid(block: Grid, console: Console) -> None:
    if block.title:
        _title(console, block.title, block.about)
    layout = GridLayout(block, console.width)
    _print_blocks([layout.lines(columns) for columns in layout.blocks], console)


def _print_blocks(blocks: Iterable[Sequence[Text]], console: Console) -> None:
    """Blocks of lines, an empty line between two."""
    for number, lines in enumerate(blocks):
        if number:
            console.print()
        _print_lines(lines, console)


def _print_lines(lines: Iterable[Text], console: Console) -> None:
    """A line that is too wide is neither cut nor broken."""
    console.print(Text("\n").join(lines), no_wrap=True, overflow="ignore", crop=False)


def _title(console: Console, title: str, about: str) -> None:
    heading = Text(one_line(title), style="bold")
    if about:
        heading.append(f"  {one_line(about)}", style="dim not bold")
    console.print(heading)


def _item(console: Console, bullet: str, text: str, style: str = "") -> None:
    """A paragraph whose further lines are indented under its first."""
    start = cell_len(bullet)
    _print_lines(beside([bullet], style, broken(one_line(text), console.width - start), style, start), console)
