"""The files that a gate writes, and the annotations and the summary for GitHub."""

import os
import sys
from pathlib import Path

from embbench.cli.output import say
from embbench.cli.streams import ERRORS
from embbench.errors import FileError
from embbench.report.gate_report import GateResult, annotations, comment, junit, machine_readable, page, summary
from embbench.store.replacing import replace_file


def make_place(directory: Path) -> None:
    """Makes the directory of the reports before anything is measured. Raises FileError."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritten(error) from None


def annotate(gate_result: GateResult) -> None:
    """Writes annotations to stderr and the summary of a GitHub job. A summary that cannot be written is a warning,
    because the report files have the same text.
    """
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in annotations(gate_result):
            print(line, file=sys.stderr)
    if summary_file := os.environ.get("GITHUB_STEP_SUMMARY"):
        path = Path(summary_file)
        try:
            taken = path.stat().st_size if path.exists() else 0
            with path.open("a", encoding="utf-8", errors=ERRORS) as file:
                file.write(summary(gate_result, taken))
        except OSError as error:
            say(f"GITHUB_STEP_SUMMARY: {path}: {error.strerror}", "warning")


def write_reports(gate_result: GateResult, directory: Path) -> list[Path]:
    """Writes the reports into `directory` and returns their paths. Raises FileError."""
    texts = {
        "summary.md": summary(gate_result),
        "comment.md": comment(gate_result),
        "junit.xml": junit(gate_result),
        "gate.json": machine_readable(gate_result),
        "report.html": page(gate_result),
    }
    try:
        for name, text in texts.items():
            replace_file(directory / name, text.encode("utf-8", ERRORS))
    except OSError as error:
        raise _unwritten(error) from None
    return [directory / name for name in texts]


def _unwritten(error: OSError) -> FileError:
    return FileError(f"{error.filename}: {error.strerror}; name another place: --reports DIRECTORY")
