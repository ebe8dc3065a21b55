"""Shows the Document of a verb: on stdout, with the width and colours of the terminal, or in a file."""

from pathlib import Path
from typing import TYPE_CHECKING

from embbench.cli.output import put

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
