"""How every file is written that takes another's place: whole, or not at all."""

import contextlib
import os
import secrets
import stat
from pathlib import Path

STREAMS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
DESCRIPTORS = ("/dev/fd/", "/proc/self/fd/")
DEVICES = ("/dev/", "/proc/")


def replace_file(path: Path, data: bytes) -> None:
    """Puts `data` in the place of what `path` names. A reader, a power cut and a full disk see the old file or the new.

    A file keeps its mode; a new one gets what the umask leaves. A symbolic link stays, and what it names is replaced.
    What is no regular file (a pipe, a terminal, /dev/null) is written to. Raises OSError with `path` as its file name;
    then the old file is as it was, and nothing is left beside it.
    """
    try:
        if not _write_to(path, data):
            _replace(Path(os.path.realpath(path)), data)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from None


def _write_to(path: Path, data: bytes) -> bool:
    """Writes to what cannot be replaced; whether `path` is such a thing."""
    name = os.path.abspath(path)  # noqa: PTH100 - Path.resolve would follow /dev/stdout to what it stands for
    number = name.rpartition("/")[2]
    if name in STREAMS or (name.startswith(DESCRIPTORS) and number.isdecimal()):
        with os.fdopen(os.dup(STREAMS.get(name, int(number) if number.isdecimal() else -1)), "wb") as file:
            file.write(data)  # opened anew, a file that the shell appends to would be cut
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
    """Of the file that is there; None where there is none. Raises PermissionError for one that is read-only, although
    its directory would let it be replaced: its owner said so.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return None
    if not os.access(path, os.W_OK):
        raise PermissionError(13, "Permission denied")
    return mode


def _sync(directory: Path) -> None:
    """So that the new name outlasts a power cut. Some file systems cannot; then it is as safe as they are."""
    with contextlib.suppress(OSError):
        file = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
