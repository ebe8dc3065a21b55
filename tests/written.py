"""Documents written whole, as tests look at them."""

from embbench.report.comparisons import Compared, comparison_document
from embbench.report.results_document import results_document
from embbench.report.table import Report
from embbench.report.writers import PLAIN_WIDTH, write


def render(report: Report, format_name: str, width: int = PLAIN_WIDTH, colour: bool = False) -> str:
    """A report with all its blocks."""
    return write(results_document(report), format_name, width, colour)


def render_comparisons(compared: Compared, format_name: str, width: int = PLAIN_WIDTH) -> str:
    """Comparisons as `compare` shows them."""
    return write(comparison_document(compared), format_name, width)
