"""The formats of a Report by name."""

from embbench.errors import UsageError, unknown
from embbench.report.table import Report

FORMATS = ("text", "md", "csv", "json")
PLAIN_WIDTH = 100


def render(report: Report, format_name: str, width: int = PLAIN_WIDTH, colour: bool = False) -> str:
    """The report in one of FORMATS. width, colour: of text only. Raises UsageError naming the nearest format."""
    check_format(format_name)
    if format_name == "text":
        from embbench.report.text import render_text

        return render_text(report, width, colour)
    if format_name == "md":
        from embbench.report.markdown import render_markdown

        return render_markdown(report)
    from embbench.report.data import render_csv, render_json

    return render_csv(report) if format_name == "csv" else render_json(report)


def check_format(format_name: str) -> str:
    """The name itself. Raises UsageError with the nearest valid one."""
    if format_name not in FORMATS:
        raise UsageError("--format: " + unknown("format", format_name, FORMATS))
    return format_name
