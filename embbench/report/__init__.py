"""Rounds -> Report -> text, Markdown, CSV, JSON. Reads numbers; measures, prints and imports no framework.

build(rounds, view, filter_text) -> Report; render(report, format) -> str.
"""

from embbench.report.assemble import build
from embbench.report.formats import FORMATS, PLAIN_WIDTH, check_format, render
from embbench.report.table import Report

__all__ = ["FORMATS", "PLAIN_WIDTH", "Report", "build", "check_format", "render"]
