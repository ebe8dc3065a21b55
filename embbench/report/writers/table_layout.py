"""A Table as lines of a terminal: columns aligned part by part, split into blocks where they are too wide.

Not Rich's own table: it wraps numbers where room is short, and takes a second for some hundred rows.
"""

from collections.abc import Sequence

from rich.text import Text

from embbench.report.table import CLASS, TOKENS, Cell, Row, Table

GAP = 2
NARROW_GAP = 1  # where a column does not fit beside the labels

_STATUS_STYLE = {"ok": "", "absent": "dim", "not measured": "dim", "invalid": "bold red", "mixed": "bold yellow"}


class TableLayout:
    """The layout of a table. blocks: indices of the columns printed side by side, at most `width` wide if each column
    fits. wrapped: whether headings have a word per line. stacked: whether ratios stand below the numbers, not beside
    them. The first layout without a second block is used.
    """

    def __init__(self, table: Table, width: int) -> None:
        self._table = table
        self._labels = _label_columns(table)
        self._label_widths = [max(map(len, column)) for column in self._labels]
        self._gap = GAP
        layouts = [(False, False), (True, False)]
        layouts += [(True, True)] if any(cell.ratio for row in table.rows for cell in row.cells) else []
        for self.wrapped, self.stacked in layouts:
            self._parts = [_part_widths([row.cells[at] for row in table.rows]) for at in range(len(table.columns))]
            self._widths = [self._column_width(at) for at in range(len(table.columns))]
            if sum(self._widths) + GAP * (len(self._widths) - 1) <= self._room(width):
                break
        if max(self._widths, default=0) > self._room(width):
            self._gap = NARROW_GAP
        self.blocks = _blocks(self._widths, self._room(width), self._gap)

    def _room(self, width: int) -> int:
        """Columns beside the labels."""
        return width - sum(size + self._gap for size in self._label_widths)

    def lines(self, block: Sequence[int]) -> list[Text]:
        """The lines of one block, headings included."""
        labels = list(zip(self._labels, self._label_widths, strict=True))
        headings = [[_right(column[0], width, "bold")] for column, width in labels]
        headings += [self._heading(at) for at in block]
        height = max(map(len, headings))
        lines = self._abreast([[Text()] * (height - len(heading)) + heading for heading in headings], block)
        lines.append(Text("─" * (sum(self._all(block)) + self._gap * (len(headings) - 1)), style="dim"))
        for number, row in enumerate(self._table.rows):
            cells = [[_right(column[number + 1], width, _label_style(column, number + 1))] for column, width in labels]
            cells += [self._cell(row, at) for at in block]
            if self.stacked and number:
                lines.append(Text())
            lines += self._abreast(cells, block)
        return lines

    def _abreast(self, cells: Sequence[list[Text]], block: Sequence[int]) -> list[Text]:
        """Cells of one or more lines side by side; every line of a cell is as wide as its column or empty."""
        lines = []
        for number in range(max(map(len, cells))):
            line = Text()
            for at, (cell, width) in enumerate(zip(cells, self._all(block), strict=True)):
                part = cell[number] if number < len(cell) else Text()
                line.append(" " * (self._gap * bool(at) + width - len(part)))
                line.append_text(part)
            lines.append(line)
        return lines

    def _all(self, block: Sequence[int]) -> list[int]:
        return [*self._label_widths, *(self._widths[at] for at in block)]

    def _heading(self, at: int) -> list[Text]:
        column, width = self._table.columns[at], self._widths[at]
        words = [_right(text, width, "bold") for text in self._label(at)]
        if not any(each.semantic for each in self._table.columns):
            return words
        # The semantic class is kept where empty, so that the labels of all columns end on one line.
        return [*words, _right(column.semantic, width, _class_style(column.semantic))]

    def _label(self, at: int) -> list[str]:
        label = self._table.columns[at].label
        return label.split() if self.wrapped else [label]

    def _cell(self, row: Row, at: int) -> list[Text]:
        cell, width = row.cells[at], self._widths[at]
        lines = self._number(cell, at) if cell.status == "ok" else [_status(cell, width)]
        if cell.semantic and not self._table.columns[at].semantic and not row.semantic:
            lines.append(_right(cell.semantic, width, "dim"))
        return lines

    def _number(self, cell: Cell, at: int) -> list[Text]:
        """Value, spread and ratio, aligned with the other rows."""
        value, spread, ratio = self._parts[at]
        beside = ratio + GAP if ratio and not self.stacked else 0
        start = self._widths[at] - beside - value - (spread + 1 if spread else 0)
        line = Text(" " * start + (cell.text + cell.mark).rjust(value))
        if spread:
            line.append(" " + cell.spread.ljust(spread), style="dim")
        if not ratio or (self.stacked and not cell.ratio):
            return [line]
        style = _ratio_style(cell, self._table.better)
        if self.stacked:
            return [line, _right(cell.ratio, self._widths[at], style)]
        line.append(" " * GAP)
        line.append(cell.ratio.rjust(ratio), style=style)
        return [line]

    def _column_width(self, at: int) -> int:
        cells, column = [row.cells[at] for row in self._table.rows], self._table.columns[at]
        value, spread, ratio = self._parts[at]
        number = value + (spread + 1 if spread else 0)
        number = max(number, ratio) if self.stacked else number + (ratio + GAP if ratio else 0)
        texts = [len(cell.text) for cell in cells if cell.status != "ok"]
        texts += [len(row.cells[at].semantic) for row in self._table.rows if not row.semantic]
        return max(number, *map(len, self._label(at)), len(column.semantic), *texts)


def _label_columns(table: Table) -> list[list[str]]:
    """The columns of labels, each with its heading first."""
    tokens = TOKENS if any(row.tokens for row in table.rows) else ()
    classes = (CLASS,) if any(row.semantic for row in table.rows) else ()
    columns = [[heading] for heading in (*table.row_axes, *classes, *tokens)]
    for row in table.rows:
        texts = [*row.labels, *(row.semantic for _ in classes), *(row.tokens or ("",) * len(tokens))]
        for column, text in zip(columns, texts, strict=True):
            column.append(text)
    return columns


def _part_widths(cells: Sequence[Cell]) -> tuple[int, int, int]:
    ok = [cell for cell in cells if cell.status == "ok"]
    return (
        max((len(cell.text + cell.mark) for cell in ok), default=0),
        max((len(cell.spread) for cell in ok), default=0),
        max((len(cell.ratio) for cell in ok), default=0),
    )


def _blocks(widths: Sequence[int], room: int, gap: int) -> list[list[int]]:
    blocks: list[list[int]] = [[]]
    left = room
    for at, width in enumerate(widths):
        if blocks[-1] and width > left:
            blocks.append([])
            left = room
        blocks[-1].append(at)
        left -= width + gap
    return blocks


def _status(cell: Cell, width: int) -> Text:
    return _right(cell.text, width, _STATUS_STYLE.get(cell.status, "yellow"))


def _label_style(column: Sequence[str], place: int) -> str:
    return _class_style(column[place]) if column[0] == CLASS else ""


def _class_style(semantic: str) -> str:
    return "dim" if "✓" in semantic else "red"


def _right(text: str, width: int, style: str = "") -> Text:
    padded = Text(" " * (width - len(text)))
    padded.append(text, style=style)
    return padded


def _ratio_style(cell: Cell, better: str) -> str:
    if not cell.proven or cell.against is None or better == "none":
        return "dim"
    return "green" if (cell.against.center < 1) == (better == "lower") else "red"
