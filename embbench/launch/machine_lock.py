"""One measuring embbench at a time on a machine: two at once would measure each other."""

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

# One file for all users of a machine, whatever their TMPDIR says: two of them must meet. A variable that names another
# file was rejected: whoever sets it measures beside others without a word. This project's tests set the constant.
LOCK = Path("/tmp/embbench.lock")
LOOK = 1.0  # seconds between two looks: rare, since the other one measures meanwhile
LONGEST = 120  # characters of a command


class Holder(msgspec.Struct, frozen=True):
    """Who measures now. born: when its process began, seconds since 1970. since: ISO 8601, UTC."""

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
    """Holds the machine while it is open; where another embbench holds it, waits for its end, and tells for whom.

    command: of this process, for those who wait for it. Returns early where `interrupts` says that the user stops.
    A process that was started by the holder, or is the holder, does not wait: its measuring is part of the holder's.
    The kernel frees what a dead process held. Raises UsageError naming the holder where `wait` is not given.
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
    """The locked file; -1 where there is nothing to hold. Raises UsageError, OSError."""
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
            os.close(file)  # somebody tidied up meanwhile, and the next one would lock another file
            continue
        if holder is not None and _is_ours(holder):
            return -1
        named = str(holder or "its process is not known")
        if not wait:
            raise UsageError(f"another embbench measures on this machine: {named}; wait for its end, or stop it")
        if told != named:
            tell(f"waiting for another embbench that measures on this machine: {named}; Ctrl-C gives up")
            told = named
        select.select([] if interrupts is None else [interrupts], [], [], LOOK)
    return -1


def _open() -> int:
    """Not `filelock`, which opens with O_CREAT and O_TRUNC: Linux refuses that for another user's file in a directory
    like /tmp (fs.protected_regular), and the holder's name would be lost. Raises OSError.
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
            os.fchmod(file, 0o666)  # for every user, whatever this one's umask
        if stat.S_ISREG(os.fstat(file).st_mode):
            return file
        os.close(file)
        raise OSError(None, "is no regular file")


def _open_existing(flags: int) -> int:
    try:
        return os.open(LOCK, os.O_RDWR | flags)
    except PermissionError:  # made by another program; it can be locked all the same
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
    with contextlib.suppress(OSError):  # a full disk, or a file that is not ours to write: it is locked all the same
        os.ftruncate(file, 0)
        os.pwrite(file, wire.encode(Holder(me.pid, me.create_time(), _user(), since, command)), 0)


def _read(file: int) -> Holder | None:
    try:
        return wire.decode(os.pread(file, 1 << 16, 0), _holder)
    except (OSError, msgspec.DecodeError):
        return None


def _is_ours(holder: Holder) -> bool:
    """Whether the holder is this process or one that started it."""
    me = psutil.Process()
    return any(each.pid == holder.process and abs(each.create_time() - holder.born) < 1 for each in (me, *me.parents()))


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a number without a name, as in a container
        return str(os.getuid())
