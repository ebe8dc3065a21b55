"""Texts broken between words. A word that is too wide stays whole: half a figure is a wrong figure. Not `textwrap`:
it counts characters, not the columns that they take.
"""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.text import Text


def longest_word(texts: Iterable[str]) -> int:
    """Columns of the widest word; 0 without a text."""
    return max((cell_len(word) for text in texts for word in text.split(" ")), default=0)


def broken(text: str, width: int) -> list[str]:
    """The lines of a text, each at most `width` columns wide if its words are."""
    if cell_len(text) <= width:
        return [text]
    lines: list[str] = []
    for word in text.split(" "):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def beside(name: Sequence[str], name_style: str, text: Sequence[str], style: str, start: int) -> list[Text]:
    """The lines of a text that begins at column `start`, beside the lines of its name."""
    lines = []
    for at in range(max(len(name), len(text))):
        word = name[at] if at < len(name) else ""
        further = text[at] if at < len(text) else ""
        lines.append(Text.assemble((word, name_style), " " * (start - cell_len(word)), (further, style)))
    return lines
