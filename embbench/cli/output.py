"""Where an answer goes: stdout, as wide as the terminal and in its colours, or a file."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from embbench.errors import FileError

Render = Callable[[int, bool], str]  # columns, whether in colours -> text


def put(render: Render, output: Path | None = None) -> None:
    """Raises FileError where `output` cannot be written."""
    from embbench.report import PLAIN_WIDTH

    if output is None:
        # Of the terminal; COLUMNS wins, as everywhere. PLAIN_WIDTH in a pipe.
        width = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns
        sys.stdout.write(render(width, sys.stdout.isatty() and not os.environ.get("NO_COLOR")))
        return
    try:
        output.write_text(render(PLAIN_WIDTH, False), encoding="utf-8")
    except OSError as error:
        raise FileError(f"--output {output}: {error.strerror}; name a file that can be written") from None
