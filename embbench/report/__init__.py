"""Numbers -> Documents -> text, Markdown, CSV, JSON. Measures nothing, prints nothing, imports no framework.

A builder makes a Document (`build` and `results_document` for results); `writers.write` writes the Document.
"""

from embbench.report.assemble import build
from embbench.report.results_document import results_document
from embbench.report.table import Report
from embbench.report.writers import FORMATS, PLAIN_WIDTH, check_format, write

__all__ = ["FORMATS", "PLAIN_WIDTH", "Report", "build", "check_format", "results_document", "write"]
