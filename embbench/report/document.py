"""A Document: the output of a verb, before it is text, Markdown, CSV or JSON.

A builder turns numbers into blocks. A writer turns blocks into a format and knows nothing of their meaning.
"""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from embbench.report.plot import Picture
from embbench.report.table import Table

Tone = Literal["", "good", "bad", "weak"]


class Heading(msgspec.Struct, frozen=True):
    """The question that the document answers, or its subject."""

    text: str


class Facts(msgspec.Struct, frozen=True):
    """Lines of (word, text). A word that the line before has too is shown once, unless `every` line shows its word."""

    lines: tuple[tuple[str, str], ...]
    every: bool = False


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """A table of texts. headings: of the columns. left: headings of the columns that are aligned to the left. wraps:
    headings of the columns whose texts may be broken; those in `left` if None. title, about: shown above. tones: of the
    last cell of each row; () for none. links: addresses of the first cell of each row, for pages; () for none.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left: tuple[str, ...] = ()
    wraps: tuple[str, ...] | None = None
    title: str = ""
    about: str = ""
    tones: tuple[Tone, ...] = ()
    links: tuple[str, ...] = ()


class Sentences(msgspec.Struct, frozen=True):
    """The answer, a paragraph per text. strong: whether the sentence sums the document up. tone: of the answer, for
    pages.
    """

    texts: tuple[str, ...]
    strong: bool = False
    tone: Tone = ""


class Notes(msgspec.Struct, frozen=True):
    """A list. alarm: whether the notes make the whole document doubtful."""

    texts: tuple[str, ...]
    alarm: bool = False


class Listing(msgspec.Struct, frozen=True):
    """Lines of a file, such as a diff, shown as they are. about: what they are, a sentence."""

    about: str
    text: str


class Chart(msgspec.Struct, frozen=True):
    """A picture as values; the writer draws it."""

    plot: Picture


Block = Heading | Facts | Grid | Table | Sentences | Notes | Listing | Chart


class Sheet(msgspec.Struct, frozen=True):
    """The lines of a CSV file. None is an empty field."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """blocks: all blocks, in the order of reading. screen: the blocks of a terminal's first screen; () for all blocks.
    data: the JSON values, in base units. sheet: the CSV lines; None where a verb has no CSV. page: makes the blocks of
    a page, with pictures; None for `blocks`.
    """

    blocks: tuple[Block, ...]
    data: Any
    screen: tuple[Block, ...] = ()
    sheet: Sheet | None = None
    page: Callable[[], tuple[Block, ...]] | None = None


def only_filled(*blocks: Block) -> tuple[Block, ...]:
    """The blocks that are not empty."""
    return tuple(block for block in blocks if _is_filled(block))


def _is_filled(block: Block) -> bool:
    if isinstance(block, Facts):
        return bool(block.lines)
    if isinstance(block, Grid):
        return bool(block.rows)
    return bool(block.texts) if isinstance(block, Sentences | Notes) else True
