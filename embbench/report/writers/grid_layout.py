"""A Grid as lines of a terminal: split into blocks by columns where it is too wide, each with the first column.

Not Rich's own table: where room is short, Rich cuts the columns that may not be broken.
"""

import math
from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from embbench.plain import one_line
from embbench.report.document import Grid, Tone
from embbench.report.writers.wrapped import broken, longest_word

GAP = 2
BROKEN = 3  # lines, about, to which texts are broken before the grid is split

STYLES: dict[Tone, str] = {"": "", "good": "green", "bad": "bold red", "weak": "dim"}


class GridLayout:
    """The layout of a grid. blocks: indices of the columns printed side by side, at most `width` wide if each column
    fits beside the first. Texts are broken between words only, in columns that the grid allows to be broken; a word
    that is too wide makes its line too wide.
    """

    def __init__(self, grid: Grid, width: int) -> None:
        self._grid = grid
        self._width = width
        rows = [grid.headings, *grid.rows]
        self._columns = [[one_line(text) for text in column] for column in zip(*rows, strict=True)]
        self._widths = [max(map(cell_len, column)) for column in self._columns]
        breaks = grid.left if grid.wraps is None else grid.wraps
        self._words = [
            longest_word(column) if heading in breaks else whole
            for heading, column, whole in zip(grid.headings, self._columns, self._widths, strict=True)
        ]
        self._least = [
            max(word, min(math.ceil(whole / BROKEN), width // 2))
            for word, whole in zip(self._words, self._widths, strict=True)
        ]
        self.blocks = self._blocks()

    def lines(self, block: Sequence[int]) -> list[Text]:
        """The lines of one block, headings included."""
        widths = self._shrunk(block)
        lines = self._row(block, widths, 0, "dim", "dim")
        tones: tuple[Tone, ...] = self._grid.tones or ("",) * len(self._grid.rows)
        for number, tone in enumerate(tones, 1):
            lines += self._row(block, widths, number, "", STYLES[tone])
        return lines

    def _blocks(self) -> list[list[int]]:
        """All columns in one block if they fit, else as few blocks as hold them."""
        first, *others = range(len(self._columns))
        blocks, left = [[first]], self._width - self._least[first]
        for at in others:
            if len(blocks[-1]) > 1 and self._least[at] + GAP > left:
                blocks.append([first])
                left = self._width - self._least[first]
            blocks[-1].append(at)
            left -= self._least[at] + GAP
        return blocks

    def _shrunk(self, block: Sequence[int]) -> list[int]:
        """The widths of a block's columns: the widest columns shrink first, to `_least`, and further only where the
        block is still too wide.
        """
        widths = [self._widths[at] for at in block]
        for floors in (self._least, self._words):
            excess = sum(widths) + GAP * (len(block) - 1) - self._width
            for _ in range(excess):
                shrinkable = [place for place, at in enumerate(block) if widths[place] > floors[at]]
                if not shrinkable:
                    break
                widths[max(shrinkable, key=lambda place: widths[place])] -= 1
        return widths

    def _row(self, block: Sequence[int], widths: Sequence[int], number: int, style: str, last: str) -> list[Text]:
        """The lines of a row. number: 0 for the headings. style, last: of its cells, and of the grid's last cell."""
        cells = [broken(self._columns[at][number], width) for at, width in zip(block, widths, strict=True)]
        lines = []
        for height in range(max(map(len, cells))):
            line = Text()
            for place, (at, cell, width) in enumerate(zip(block, cells, widths, strict=True)):
                text = cell[height] if height < len(cell) else ""
                room = " " * (width - cell_len(text))
                left = self._grid.headings[at] in self._grid.left
                line.append(" " * (GAP * bool(place)) + ("" if left else room))
                line.append(text, last if at == len(self._columns) - 1 else style)
                line.append(room if left else "")
            lines.append(line)
        return lines
