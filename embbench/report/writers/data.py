"""A Document for programs: JSON, and CSV as in RFC 4180, except that lines end with a newline."""

import csv
import io
from typing import Any

from embbench import wire
from embbench.plain import one_line
from embbench.report.document import Document

FORMULA = ("=", "+", "-", "@")


def write_json(document: Document) -> str:
    """Indented by two; ends with a newline."""
    return wire.document(document.data)


def write_csv(document: Document) -> str:
    """With a line of headings. A number that does not exist is an empty field."""
    assert document.sheet is not None  # `check_format` refuses documents without a sheet
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(document.sheet.headings)
    for row in document.sheet.rows:
        writer.writerow(["" if value is None else field(value) for value in row])
    return out.getvalue()


def field(value: Any) -> str:
    """A value as a cell. Text that a spreadsheet would take for a formula begins with an apostrophe; numbers stay."""
    if isinstance(value, str):
        text = one_line(value)
        return f"'{text}" if text.startswith(FORMULA) else text
    return str(value).lower() if isinstance(value, bool) else str(value)
