"""Replaces files: the new file is written as a whole, or not at all."""

import contextlib
import os
import secrets
import stat
from pathlib import Path

STREAMS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
DESCRIPTORS = ("/dev/fd/", "/proc/self/fd/")
DEVICES = ("/dev/", "/proc/")


def replace_file(path: Path, data: bytes) -> None:
    """Replaces the file `path` by `data`. A reader, a power cut or a full disk finds either the old file or the new
    file.

    A file keeps its mode; a new file gets its mode from the umask. A symbolic link stays, and its target is replaced. A
    file that is not regular (a pipe, a terminal, /dev/null) is written to. Raises OSError with `path` as its file name;
    then the old file is unchanged, and no other file is left behind.
    """
    try:
        if not _write_to(path, data):
            _replace(Path(os.path.realpath(path)), data)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from None


def _write_to(path: Path, data: bytes) -> bool:
    """Writes to a file that cannot be replaced. Returns False if `path` is another kind of file."""
    name = os.path.abspath(path)  # noqa: PTH100 - Path.resolve would follow /dev/stdout to what it stands for
    number = name.rpartition("/")[2]
    if name in STREAMS or (name.startswith(DESCRIPTORS) and number.isdecimal()):
        with os.fdopen(os.dup(STREAMS.get(name, int(number) if number.isdecimal() else -1)), "wb") as file:
            file.write(data)  # opening by name would cut a file that the shell appends to
        return True
    try:
        regular = stat.S_ISREG(path.stat().st_mode) and not name.startswith(DEVICES)
    except FileNotFoundError:
        return False
    if regular:
        return False
    with path.open("wb") as file:
        file.write(data)
    return True


def _replace(path: Path, data: bytes) -> None:
    new = path.with_name(f".embbench-{secrets.token_hex(8)}")
    mode = _mode(path)
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(file, "wb") as out:
            if mode is not None:
                os.fchmod(out.fileno(), mode)
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        new.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            new.unlink()
        raise
    _sync(path.parent)


def _mode(path: Path) -> int | None:
    """The mode of the existing file; None if there is no file. Raises PermissionError for a read-only file: its owner
    does not want a change, although the directory would allow it.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return None
    if not os.access(path, os.W_OK):
        raise PermissionError(13, "Permission denied")
    return mode


def _sync(directory: Path) -> None:
    """Syncs the directory, so that the new name survives a power cut, as far as the file system can."""
    with contextlib.suppress(OSError):
        file = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
