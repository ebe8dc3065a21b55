"""A Report as text for a terminal or a pipe: colours only where asked for, lines no wider than asked for."""

import io
from collections.abc import Iterable, Sequence

from rich.box import Box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from embbench.report.table import TOKENS, Cell, Column, Report, Row, Table

GAP = 2  # between columns: one of padding and the divider of RULE
RULE = Box("    \n    \n ── \n    \n    \n    \n    \n    \n")  # one line under the headings, nothing else

_STATUS_STYLE = {"ok": "", "absent": "dim", "not measured": "dim", "invalid": "bold red", "mixed": "bold yellow"}


def render_text(report: Report, width: int, colour: bool) -> str:
    """`width`: columns available; tables that are wider are split by columns. Ends with a newline."""
    console = Console(
        file=io.StringIO(), width=width, force_terminal=colour, color_system="standard" if colour else None,
        highlight=False, emoji=False, legacy_windows=False,
    )  # fmt: skip
    if report.title:
        console.print(Text(report.title, style="bold"))
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
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _print_table(console: Console, table: Table, width: int) -> None:
    heading = Text(table.metric, style="bold")
    heading.append(f"  {table.definition}", style="dim")
    console.print(heading)
    blocks, stacked = _layout(table, width)
    for block in blocks:
        console.print(_rich(table, block, stacked))
    for note in table.notes:
        _item(console, "  ", note, "dim")
    console.print()


def _layout(table: Table, width: int) -> tuple[list[list[int]], bool]:
    """Columns of each block, and whether ratios stand below the numbers instead of beside them."""
    everything = list(range(len(table.columns)))
    labels = sum(size + GAP for size in _label_widths(table))
    for stacked in (False, True):
        sizes = [_column_width(table, index, stacked) + GAP for index in everything]
        if labels + sum(sizes) <= width:
            return [everything], stacked
    blocks: list[list[int]] = [[]]
    room = width - labels
    for index in everything:
        if blocks[-1] and sizes[index] > room:
            blocks.append([])
            room = width - labels
        blocks[-1].append(index)
        room -= sizes[index]
    return blocks, True


def _rich(table: Table, block: Sequence[int], stacked: bool) -> RichTable:
    rich = RichTable(box=RULE, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0), leading=int(stacked))
    labels = _labels(table)
    for axis in labels:
        rich.add_column(Text(axis, style="bold"), justify="right", no_wrap=True)
    for index in block:
        rich.add_column(_heading(table.columns[index]), justify="right", no_wrap=True)
    columns = {index: _lines([row.cells[index] for row in table.rows], table, index, stacked) for index in block}
    for number, row in enumerate(table.rows):
        cells = [columns[index][number] for index in block]
        rich.add_row(*(Text(label) for label in _row_labels(row, labels)), *cells)
    return rich


def _labels(table: Table) -> list[str]:
    tokens = TOKENS if any(row.tokens for row in table.rows) else ()
    return [*table.row_axes, *tokens]


def _row_labels(row: Row, labels: Sequence[str]) -> list[str]:
    told = [*row.labels, *row.tokens]
    return told + [""] * (len(labels) - len(told))


def _label_widths(table: Table) -> list[int]:
    labels = _labels(table)
    rows = [_row_labels(row, labels) for row in table.rows]
    return [max(len(text) for text in (label, *(row[at] for row in rows))) for at, label in enumerate(labels)]


def _heading(column: Column) -> Text:
    heading = Text(column.label, style="bold", justify="right")
    if column.semantic:
        heading.append(f"\n{column.semantic}", style="not bold dim" if "✓" in column.semantic else "not bold red")
    return heading


def _lines(cells: Sequence[Cell], table: Table, index: int, stacked: bool) -> list[Text]:
    """The cells of a column with numbers, spreads and ratios under each other."""
    value, spread, ratio = _part_widths(cells)
    return [_cell(cell, table, index, (value, spread, ratio), stacked) for cell in cells]


def _part_widths(cells: Sequence[Cell]) -> tuple[int, int, int]:
    ok = [cell for cell in cells if cell.status == "ok"]
    return (
        max((len(cell.text + cell.mark) for cell in ok), default=0),
        max((len(cell.spread) for cell in ok), default=0),
        max((len(cell.ratio) for cell in ok), default=0),
    )


def _cell(cell: Cell, table: Table, index: int, widths: tuple[int, int, int], stacked: bool) -> Text:
    text = Text(justify="right")
    if cell.status == "ok":
        value, spread, ratio = widths
        text.append((cell.text + cell.mark).rjust(value))
        if spread:
            text.append(" " + cell.spread.ljust(spread), style="dim")
        if ratio and (cell.ratio or not stacked):
            text.append("\n" if stacked else "  ")
            text.append(cell.ratio if stacked else cell.ratio.rjust(ratio), style=_ratio_style(cell, table.better))
    else:
        text.append(cell.text, style=_STATUS_STYLE.get(cell.status, "yellow"))
    if cell.semantic and not table.columns[index].semantic:
        text.append(f"\n{cell.semantic}", style="dim")
    return text


def _column_width(table: Table, index: int, stacked: bool) -> int:
    cells, column = [row.cells[index] for row in table.rows], table.columns[index]
    value, spread, ratio = _part_widths(cells)
    number = value + (spread + 1 if spread else 0)
    number = max(number, ratio) if stacked else number + (ratio + 2 if ratio else 0)
    texts = [len(cell.text) for cell in cells if cell.status != "ok"] + [len(cell.semantic) for cell in cells]
    return max(number, len(column.label), len(column.semantic), *texts)


def _ratio_style(cell: Cell, better: str) -> str:
    if not cell.proven or cell.against is None or better == "none":
        return "dim"
    return "green" if (cell.against.center < 1) == (better == "lower") else "red"


def _caption(console: Console, caption: Iterable[tuple[str, str]]) -> None:
    grid = RichTable.grid(padding=(0, GAP, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column()
    before = ""
    for word, text in caption:
        grid.add_row(Text("" if word == before else word, style="dim"), Text(text))
        before = word
    console.print(grid)


def _item(console: Console, bullet: str, text: str, style: str = "") -> None:
    """A paragraph whose further lines are indented under its first."""
    grid = RichTable.grid()
    grid.add_column(no_wrap=True)
    grid.add_column()
    grid.add_row(Text(bullet, style=style), Text(text, style=style))
    console.print(Padding(grid, 0))
