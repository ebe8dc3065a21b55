"""Shows the Document of a verb: on stdout, with the width and colours of the terminal, or in a file."""

from pathlib import Path
from typing import TYPE_CHECKING

from embbench.cli.output import put, say

if TYPE_CHECKING:  # every command loads this module, and few show a document
    from embbench.report.document import Document

GREP_WIDTH = 1000  # columns of a list in a pipe: an item stays on its line, for grep


def show(
    document: "Document", format_name: str, output: Path | None = None, *, details: bool = True, pipe: int | None = None
) -> None:
    """details: show all blocks, not only the first screen; a file gets all blocks. pipe: columns of text in a pipe;
    None for PLAIN_WIDTH. Raises UsageError for an unknown format, FileError where `output` cannot be written.
    """
    from embbench.report.writers import write

    whole = details or output is not None
    put(lambda width, colour: write(document, format_name, width, colour, whole), output, pipe)


def save_page(document: "Document", asked: Path | None, results: Path) -> None:
    """Writes the page of a run where the user asked for it, else beside a results file in embbench's own folder."""
    from embbench.launch.resume import DIRECTORY
    from embbench.report.writers import write

    place = asked or (results.with_suffix(".html") if results.parent == DIRECTORY else None)
    if place is not None:
        put(lambda _width, _colour: write(document, "html"), place, flag="--page")
        say(f"page: {place}")
