"""Host memory: what is free, and the exact peak of this process between two moments."""

import ctypes
import gc
import resource
import sys
from pathlib import Path

import psutil

CLEAR_REFS = Path("/proc/self/clear_refs")
STATUS = Path("/proc/self/status")


def available_bytes() -> int:
    """What a new process can take without swapping: the machine's or, where lower, the control group's."""
    free = psutil.virtual_memory().available
    limits = [_group_room(Path("/sys/fs/cgroup"), "memory.max", "memory.current")]
    limits.append(_group_room(Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes", "memory.usage_in_bytes"))
    return min([free, *(limit for limit in limits if limit is not None)])


def reset_peak() -> bool:
    """Starts a new peak at the resident memory of now. False where the system cannot (see `peak_bytes`).

    Writing 5 to clear_refs resets VmHWM (proc(5)). A sampling thread was rejected: it misses short peaks and
    takes CPU time from what is measured.
    """
    try:
        CLEAR_REFS.write_text("5")
    except OSError:
        return False
    return True


def peak_bytes() -> int:
    """Peak resident bytes since the last `reset_peak` that worked, else since the process began."""
    value = _status("VmHWM")
    if value is not None:
        return value
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def resident_bytes() -> int:
    """Resident bytes now."""
    return _status("VmRSS") or psutil.Process().memory_info().rss


def release_free() -> None:
    """Gives freed memory back to the system, so that `resident_bytes` counts what is in use."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:  # glibc's; other C libraries return large blocks by themselves
        trim(0)


def _status(key: str) -> int | None:
    try:
        text = STATUS.read_text()
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    return None


def _group_room(directory: Path, most: str, used: str) -> int | None:
    try:
        limit = (directory / most).read_text().strip()
        return None if limit == "max" else max(0, int(limit) - int((directory / used).read_text()))
    except (OSError, ValueError):
        return None
