"""The findings of `doctor` -> a Document."""

from collections.abc import Sequence

from embbench.report.document import Document, Facts
from embbench.report.findings import Finding


def doctor_document(findings: Sequence[Finding]) -> Document:
    """A line per finding, with its advice."""
    lines = []
    for each in findings:
        lines.append((each.level, each.what))
        lines += [("", f"→ {each.advice}")] if each.advice else []
    return Document(blocks=(Facts(tuple(lines), every=True),), data=findings)
