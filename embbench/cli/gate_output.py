"""The files that a gate leaves behind, and what GitHub reads while the job runs."""

import os
import sys
from pathlib import Path

from embbench.cli.output import say
from embbench.cli.streams import ERRORS
from embbench.errors import FileError
from embbench.report.gate_report import GateResult, annotations, comment, junit, machine_readable, summary
from embbench.store.replacing import replace_file


def make_place(directory: Path) -> None:
    """Before anything is measured for it. Raises FileError."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritten(error) from None


def annotate(gate_result: GateResult) -> None:
    """In a GitHub job, annotations, on stderr since stdout is the answer's, and the job's summary. One that cannot be
    written is a warning: the files hold the same.
    """
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in annotations(gate_result):
            print(line, file=sys.stderr)
    if told := os.environ.get("GITHUB_STEP_SUMMARY"):
        path = Path(told)
        try:
            taken = path.stat().st_size if path.exists() else 0
            with path.open("a", encoding="utf-8", errors=ERRORS) as file:
                file.write(summary(gate_result, taken))
        except OSError as error:
            say(f"GITHUB_STEP_SUMMARY: {path}: {error.strerror}", "warning")


def write_reports(gate_result: GateResult, directory: Path) -> list[Path]:
    """Into `directory`. Raises FileError."""
    texts = {
        "summary.md": summary(gate_result),
        "comment.md": comment(gate_result),
        "junit.xml": junit(gate_result),
        "gate.json": machine_readable(gate_result),
    }
    try:
        for name, text in texts.items():
            replace_file(directory / name, text.encode("utf-8", ERRORS))
    except OSError as error:
        raise _unwritten(error) from None
    return [directory / name for name in texts]


def _unwritten(error: OSError) -> FileError:
    return FileError(f"{error.filename}: {error.strerror}; name another place: --reports DIRECTORY")
