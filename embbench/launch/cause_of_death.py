"""Why a worker died, as far as the operating system knows."""

import re
import signal
from pathlib import Path

from embbench.host.groups import MOUNT, PROC, memory_groups

GROUP_FILES = ("memory.events", "memory.oom_control")  # of both versions of control groups


def oom_kills(proc: Path = PROC, mount: Path = MOUNT) -> tuple[int, ...]:
    """The kernel's counts of processes killed for memory: for the machine, and for each control group of this process.

    () if no count can be read. A count that grew between two moments means such a kill.
    """
    counts = [_count(proc / "vmstat", "oom_kill")]
    for chain in memory_groups(proc, mount):
        counts += [_count(directory / file, "oom_kill") for directory in chain for file in GROUP_FILES]
    return tuple(count for count in counts if count is not None)


def grown(before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    """Whether any count rose."""
    return len(before) == len(after) and any(now > then for then, now in zip(before, after, strict=True))


# Signals from outside. The launcher's own signals do not count (see `attempt`), and a program that fails by itself dies
# of SIGSEGV, SIGABRT, SIGBUS or SIGFPE.
OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)


def outside_signal(code: int) -> str | None:
    """The name of the signal from outside behind an exit code; None if there is none."""
    return signal.Signals(-code).name if -code in OUTSIDE else None


def name_exit(code: int) -> str:
    """'killed by SIGSEGV', 'ended with exit code 1'."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:  # a real-time signal
        return f"killed by signal {-code}"


def _count(path: Path, key: str) -> int | None:
    try:
        match = re.search(rf"^{key} (\d+)$", path.read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(match[1]) if match else None
