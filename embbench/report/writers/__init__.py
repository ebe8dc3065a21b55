"""Writers: a Document -> text, Markdown, CSV, JSON or a page of HTML. A writer knows blocks but not their meaning."""

from embbench.errors import UsageError, unknown
from embbench.report.document import Document

FORMATS = ("text", "md", "csv", "json", "html")
WITHOUT_CSV = ("text", "md", "json", "html")  # formats of a verb whose document has no sheet
PLAIN_WIDTH = 100  # columns of text that goes to a pipe or a file


def write(
    document: Document, format_name: str, width: int = PLAIN_WIDTH, colour: bool = False, details: bool = True
) -> str:
    """The document in a format of FORMATS; ends with a newline. width (columns), colour and details (all blocks instead
    of the first screen) matter for text only. Raises UsageError as `check_format` does.
    """
    check_format(format_name, document.sheet is not None)
    if format_name == "text":
        from embbench.report.writers.text import write_text

        return write_text(document, width, colour, details)
    if format_name == "md":
        from embbench.report.writers.markdown import write_markdown

        return write_markdown(document)
    if format_name == "html":
        from embbench.report.writers.html import write_html

        return write_html(document)
    from embbench.report.writers.data import write_csv, write_json

    return write_csv(document) if format_name == "csv" else write_json(document)


def check_format(format_name: str, csv: bool = True) -> str:
    """Returns the name. csv: whether the verb has CSV. Raises UsageError with the nearest valid format."""
    valid = FORMATS if csv else WITHOUT_CSV
    if format_name not in valid:
        raise UsageError("--format: " + unknown("format", format_name, valid))
    return format_name
