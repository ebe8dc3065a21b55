"""How a verb shows its Document: on stdout, as wide as the terminal and in its colours, or in a file."""

from pathlib import Path

from embbench.cli.output import put
from embbench.report.document import Document

GREP_WIDTH = 1000  # columns of a list in a pipe: every item stays on its line, for grep


def show(
    document: Document, format_name: str, output: Path | None = None, *, details: bool = True, pipe: int | None = None
) -> None:
    """details: all of a text, not only its first screen; a file gets all of it. pipe: columns of a text that goes to a
    pipe, if not the usual ones. Raises UsageError for an unknown format, FileError where `output` cannot be written.
    """
    from embbench.report.writers import write

    whole = details or output is not None
    put(lambda width, colour: write(document, format_name, width, colour, whole), output, pipe)
