"""A fault of embbench itself: one line for the user, and a file with all details for the developers."""

import os
import platform
import sys
import tempfile
import traceback
from datetime import UTC, datetime

from embbench import __version__
from embbench.plain import one_line

LONGEST = 200  # characters of an exception's message


def fault(error: BaseException) -> str:
    """The line about an unexpected exception: its message, its place, and the file that now holds its trace."""
    said = one_line(traceback.format_exception_only(error)[-1])
    kind = said if len(said) <= LONGEST else f"{said[:LONGEST]}..."
    try:
        where = f"its trace is in {_write(error)}; please report it"
    except (OSError, MemoryError, RecursionError) as problem:
        where = f"its trace could not be written: {getattr(problem, 'strerror', None) or type(problem).__name__}"
    return f"a fault of embbench itself, not of the measured program: {kind} ({_place(error)}); {where}"


def _place(error: BaseException) -> str:
    """'audit.py line 88': where the exception was raised."""
    frames = traceback.extract_tb(error.__traceback__, limit=-1)
    return f"{os.path.basename(frames[-1].filename)} line {frames[-1].lineno}" if frames else "place unknown"  # noqa: PTH119


def _write(error: BaseException) -> str:
    """Writes the trace. Returns the name of the file. Raises OSError if no temporary directory is writable."""
    started = datetime.now(UTC).isoformat(timespec="seconds")
    report = (
        f"embbench {__version__}, Python {platform.python_version()}, {platform.platform()}, {started}\n"
        f"arguments: {sys.argv!r}\n\n{''.join(traceback.format_exception(error))}"
    )
    file, name = tempfile.mkstemp(prefix="embbench-fault-", suffix=".txt")
    with os.fdopen(file, "wb") as out:
        out.write(report.encode("utf-8", "backslashreplace"))
    return name
