"""Only one embbench measures on a machine at a time: two would disturb each other."""

import contextlib
import fcntl
import getpass
import os
import select
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psutil

from embbench import wire
from embbench.errors import UsageError
from embbench.launch.interrupts import Interrupts
from embbench.plain import one_line

# One file for all users of a machine, whatever their TMPDIR says: two users must meet. A variable for another file was
# rejected: its user would silently measure at the same time as others. This project's tests set the constant.
LOCK = Path("/tmp/embbench.lock")
LOOK = 1.0  # seconds between two attempts: rare, since the other embbench measures meanwhile
LONGEST = 120  # characters of a command


class Holder(msgspec.Struct, frozen=True):
    """The process that measures now. born: start of the process, seconds since 1970. since: ISO 8601, UTC."""

    process: int
    born: float
    user: str
    since: str
    command: str

    def __str__(self) -> str:
        return f"process {self.process} of {one_line(self.user)}, since {one_line(self.since)}, {self._command}"

    @property
    def _command(self) -> str:
        told = one_line(self.command)
        return told if len(told) <= LONGEST else f"{told[:LONGEST]}..."


_holder = msgspec.json.Decoder(Holder)


@contextlib.contextmanager
def alone(
    command: str, tell: Callable[[str], None], wait: bool = True, interrupts: Interrupts | None = None
) -> Iterator[None]:
    """A context manager that holds the machine. If another embbench holds it, waits for its end and reports whom it
    waits for.

    command: of this process, for processes that wait for it. Returns early if `interrupts` says that the user stops. A
    process that was started by the holder, or is the holder, does not wait: it is part of the holder's measurement. The
    kernel frees the lock of a dead process. Raises UsageError naming the holder if `wait` is False.
    """
    file = -1
    try:
        try:
            file = _take(tell, wait, interrupts)
            _sign(file, command)
        except OSError as error:
            tell(f"warning: {LOCK}: {error.strerror}: another embbench may measure at the same time")
        yield
    finally:
        if file >= 0:
            with contextlib.suppress(OSError):
                os.ftruncate(file, 0)
            os.close(file)


def _take(tell: Callable[[str], None], wait: bool, interrupts: Interrupts | None) -> int:
    """The locked file; -1 if there is nothing to lock. Raises UsageError, OSError."""
    told = ""
    while not interrupts:
        file = _open()
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read(file)
            os.close(file)
        except BaseException:
            os.close(file)
            raise
        else:
            if _is_there(file):
                return file
            os.close(file)  # the file was deleted meanwhile, and the next process would lock another file
            continue
        if holder is not None and _is_ours(holder):
            return -1
        named = str(holder or "process unknown")
        if not wait:
            raise UsageError(f"another embbench measures on this machine: {named}; wait until it ends, or stop it")
        if told != named:
            tell(f"waiting for another embbench that measures on this machine: {named}; Ctrl-C stops the waiting")
            told = named
        select.select([] if interrupts is None else [interrupts], [], [], LOOK)
    return -1


def _open() -> int:
    """Opens the lock file. `filelock` is no choice: it opens with O_CREAT and O_TRUNC. Linux refuses that for another
    user's file in a directory like /tmp (fs.protected_regular), and the holder's name would be lost. Raises OSError.
    """
    flags = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    while True:
        try:
            file = _open_existing(flags)
        except FileNotFoundError:
            try:
                file = os.open(LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL | flags, 0o666)
            except FileExistsError:
                continue
            os.fchmod(file, 0o666)  # for every user, whatever the umask
        if stat.S_ISREG(os.fstat(file).st_mode):
            return file
        os.close(file)
        raise OSError(None, "not a regular file")


def _open_existing(flags: int) -> int:
    try:
        return os.open(LOCK, os.O_RDWR | flags)
    except PermissionError:  # made by another program; locking works anyway
        return os.open(LOCK, os.O_RDONLY | flags)


def _is_there(file: int) -> bool:
    try:
        return os.path.samestat(os.fstat(file), LOCK.lstat())
    except FileNotFoundError:
        return False


def _sign(file: int, command: str) -> None:
    if file < 0:
        return
    me = psutil.Process()
    since = datetime.now(UTC).isoformat(timespec="seconds")
    with contextlib.suppress(OSError):  # a full disk, or a read-only file: the lock works anyway
        os.ftruncate(file, 0)
        os.pwrite(file, wire.encode(Holder(me.pid, me.create_time(), _user(), since, command)), 0)


def _read(file: int) -> Holder | None:
    try:
        return wire.decode(os.pread(file, 1 << 16, 0), _holder)
    except (OSError, msgspec.DecodeError):
        return None


def _is_ours(holder: Holder) -> bool:
    """Whether the holder is this process or an ancestor of it."""
    me = psutil.Process()
    return any(each.pid == holder.process and abs(each.create_time() - holder.born) < 1 for each in (me, *me.parents()))


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user id without a name, as in a container
        return str(os.getuid())
