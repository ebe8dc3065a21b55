"""The files that a gate leaves behind, and what GitHub reads while the job runs."""

import os
import sys
from pathlib import Path

from embbench.errors import FileError
from embbench.report.ruling import Ruling, annotations, comment, junit, machine_readable, summary


def write_reports(ruling: Ruling, directory: Path) -> list[Path]:
    """Into `directory`; in a GitHub job also to its summary and as annotations, on stderr since stdout is the answer's.

    Raises FileError.
    """
    texts = {
        "summary.md": summary(ruling),
        "comment.md": comment(ruling),
        "junit.xml": junit(ruling),
        "gate.json": machine_readable(ruling),
    }
    written = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (directory / name).write_text(text, encoding="utf-8")
            written.append(directory / name)
        if step_summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            with Path(step_summary).open("a", encoding="utf-8") as file:
                file.write(texts["summary.md"])
    except OSError as error:
        raise FileError(f"{error.filename}: {error.strerror}; name another place: --reports DIRECTORY") from None
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in annotations(ruling):
            print(line, file=sys.stderr)
    return written
