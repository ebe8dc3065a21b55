"""Files that a user names are read whole only where they end: a device may not, and a pipe that nobody writes waits."""

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
    """What it is, if no regular file: 'a pipe'; '' of a regular one."""
    return next((name for holds, name in _OTHER.items() if holds(mode)), "")


def read_file(path: Path, pipe: bool = False) -> bytes:
    """The content of a regular file. pipe: whether a pipe will do, which is read once: `<(...)` of a shell is one.

    Raises OSError, its `strerror` saying why; a name with a NUL in it is one too.
    """
    try:
        _check(path.stat().st_mode, path, pipe)  # to open a device may do something to it
        # O_NONBLOCK: where a FIFO has come in between, to open it would wait for who writes into it
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
        raise OSError(0, f"is {kind} and no file that can be read {'to its end' if pipe else 'twice'}", str(path))
