"""Reading of files that a user names: regular files only, because a device may never end and a pipe may wait."""

import errno
import os
import stat
from pathlib import Path

_OTHER = {
    stat.S_ISDIR: "a directory",
    stat.S_ISFIFO: "a pipe",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
    stat.S_ISSOCK: "a socket",
}


def kind_of_file(mode: int) -> str:
    """'a pipe' or another kind of file; '' for a regular file."""
    return next((name for holds, name in _OTHER.items() if holds(mode)), "")


def read_file(path: Path, pipe: bool = False) -> bytes:
    """The content of a regular file. pipe: allows a pipe too, such as `<(...)` of a shell, which is read once.

    Raises OSError with the reason in `strerror`, also for a name with a NUL.
    """
    try:
        _check(path.stat().st_mode, path, pipe)  # opening a device may change its state
        # O_NONBLOCK: the file may have become a FIFO, and opening it would wait for a writer
        number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | (0 if pipe else os.O_NONBLOCK))
    except ValueError as error:
        raise OSError(0, str(error), str(path)) from None
    with os.fdopen(number, "rb") as file:
        _check(os.fstat(number).st_mode, path, pipe)
        return file.read()


def _check(mode: int, path: Path, pipe: bool) -> None:
    kind = kind_of_file(mode)
    if kind == "a directory":
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if kind and not (pipe and kind == "a pipe"):
        raise OSError(0, f"is {kind}, which cannot be read {'to its end' if pipe else 'twice'}", str(path))
