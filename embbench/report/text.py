"""A Report as text for a terminal or a pipe: colours only where asked for, lines no wider than asked for."""

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from embbench.plain import one_line
from embbench.report.console import make_console, written
from embbench.report.table import Report, Table
from embbench.report.table_layout import TableLayout

GAP = 2


def render_text(report: Report, width: int, colour: bool) -> str:
    """`width`: columns available; tables that are wider are split by columns. Ends with a newline."""
    console = make_console(width, colour)
    if report.title:
        console.print(Text(one_line(report.title), style="bold"))
        console.print()
    for alarm in report.alarms:
        _item(console, "! ", alarm, "bold red")
    for table in report.tables:
        _print_table(console, table, width)
    for sentence in report.answer:
        console.print(Text(sentence))
        console.print()
    for note in report.notes:
        _item(console, "• ", note)
    if report.notes:
        console.print()
    _caption(console, report.caption)
    return written(console)


def _print_table(console: Console, table: Table, width: int) -> None:
    heading = Text()
    heading.append(table.metric, style="bold")
    heading.append(f"  {table.definition}", style="dim")
    console.print(heading)
    grid = TableLayout(table, width)
    for number, block in enumerate(grid.blocks):
        if number:
            console.print()
        console.print(Text("\n").join(grid.lines(block)), no_wrap=True, overflow="ignore", crop=False)
    for note in table.notes:
        _item(console, "  ", note, "dim")
    console.print()


def _caption(console: Console, caption: Iterable[tuple[str, str]]) -> None:
    grid = RichTable.grid(padding=(0, GAP, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column()
    before = ""
    for word, text in caption:
        grid.add_row(Text("" if word == before else word, style="dim"), Text(one_line(text)))
        before = word
    console.print(grid)


def _item(console: Console, bullet: str, text: str, style: str = "") -> None:
    """A paragraph whose further lines are indented under its first."""
    grid = RichTable.grid()
    grid.add_column(no_wrap=True)
    grid.add_column()
    grid.add_row(Text(bullet, style=style), Text(one_line(text), style=style))
    console.print(Padding(grid, 0))
