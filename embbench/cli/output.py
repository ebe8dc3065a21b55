"""Answers go to stdout, with the width and colours of the terminal, or to a file. Remarks go to stderr."""

import errno
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from embbench.cli.safe_stderr import discard
from embbench.cli.streams import ERRORS, fitted
from embbench.errors import FileError
from embbench.plain import one_line, screened

NARROWEST, WIDEST = 20, 1000  # columns; COLUMNS may hold any number

Render = Callable[[int, bool], str]  # columns, with colours -> text


def put(render: Render, output: Path | None = None, pipe: int | None = None, flag: str = "--output") -> None:
    """Writes an answer. pipe: columns where stdout is no terminal; None for PLAIN_WIDTH. flag: names `output`. Raises
    FileError where `output` cannot be written; the file is then unchanged. A closed stdout is no error and does not
    change the exit code.
    """
    from embbench.report.writers import PLAIN_WIDTH

    if output is not None:
        save(output, screened(render(PLAIN_WIDTH, False)), f"{flag} {one_line(str(output))}")
        return
    # The width of the terminal, or COLUMNS; PLAIN_WIDTH in a pipe.
    width = min(max(shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns, NARROWEST), WIDEST)
    if pipe is not None and not sys.stdout.isatty():
        width = pipe
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    tell(screened(render(width, colour), colour))


def tell(text: str) -> None:
    """Writes lines to stdout and flushes them, so that an error is raised here."""
    try:
        sys.stdout.write(fitted(text, sys.stdout.encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        discard(1)


def save(path: Path, text: str, name: str) -> None:
    """Replaces a file by UTF-8. name: the file's name for the user. Raises FileError, also for a file of rounds, which
    would be lost.
    """
    from embbench.store.replacing import replace_file

    try:
        _keep_results(path, name)
        replace_file(path, text.encode("utf-8", ERRORS))
    except BrokenPipeError:  # a closed pipe is no error, as with stdout
        return
    except OSError as error:
        raise _unwritten(name, error) from None


def check_place(path: Path, flag: str) -> None:
    """Raises FileError where `save` could not write the file."""
    name = f"{flag} {one_line(str(path))}"
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if path.is_file():
            _keep_results(path, name)
        real = Path(os.path.realpath(path))
        if not path.exists() and not real.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        if not os.access(path if path.exists() else real.parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise _unwritten(name, error) from None


def _keep_results(path: Path, name: str) -> None:
    from embbench.store.journal import is_journal

    if is_journal(path):
        raise FileError(f"{name}: holds results of `embbench run`, which would be lost; name another file")


def _unwritten(name: str, error: OSError) -> FileError:
    return FileError(f"{name}: {error.strerror}; name a file that can be written")


def say(text: str, who: str = "embbench") -> None:
    """Writes a remark to stderr, on a single line."""
    print(f"{who}: {one_line(text)}", file=sys.stderr)
