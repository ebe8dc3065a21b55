"""Host memory: what is free, and the exact peak of this process between two moments."""

import ctypes
import gc
import os
import resource
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil

from embbench.host.groups import memory_groups

CLEAR_REFS = Path("/proc/self/clear_refs")
STATUS = Path("/proc/self/status")
ALLOCATOR_VARIABLES = (
    "LD_PRELOAD",
    "GLIBC_TUNABLES",
    "MALLOC_ARENA_MAX",
    "MALLOC_CONF",
    "MALLOC_MMAP_MAX_",
    "MALLOC_MMAP_THRESHOLD_",
    "MALLOC_TRIM_THRESHOLD_",
    "MALLOC_TOP_PAD_",
    "THP_MEM_ALLOC_ENABLE",
)
_PR_SET_CHILD_SUBREAPER = 36  # <linux/prctl.h>
# Bytes that processes have together: of less nobody knows, since a kernel counts what is resident in batches a CPU.
TOLD_TOGETHER = 32_000_000
ROLLUP = Path("/proc/self/smaps_rollup")
# Limit, use, and the key of memory.stat for cache, of both versions of control groups.
GROUP_FILES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


def allocator(environment: Mapping[str, str]) -> str:
    """What the environment tells allocators, 'NAME=value NAME=value'; '' where nothing. Whether freed memory stays with
    the process, and in pages of which size it comes, may decide most of a step.
    """
    return " ".join(f"{name}={environment[name]}" for name in ALLOCATOR_VARIABLES if environment.get(name))


def available_bytes() -> int:
    """What a new process can take without swapping: the machine's or, where lower, that of any control group above."""
    rooms = [group_room(directory) for chain in memory_groups() for directory in chain]
    return min([psutil.virtual_memory().available, *(room for room in rooms if room is not None)])


def group_room(directory: Path) -> int | None:
    """Bytes that a control group may still take, None where it has no limit. Page cache that the kernel would drop
    first counts as room.
    """
    for most, used, cache in GROUP_FILES:
        try:
            limits = [(directory / most).read_text().strip()]
            if (high := directory / "memory.high").exists():  # above it the kernel slows the group down
                limits.append(high.read_text().strip())
            taken = int((directory / used).read_text())
            told = [int(limit) for limit in limits if limit != "max"]
            return max(0, min(told) - taken + _counter(directory / "memory.stat", cache)) if told else None
        except (OSError, ValueError):
            continue
    return None


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


def huge_bytes() -> int:
    """Bytes of this process that lie in transparent huge pages; 0 where the system does not tell."""
    return _field(ROLLUP, "AnonHugePages") or 0


def peak_bytes() -> int:
    """Peak resident bytes since the last `reset_peak` that worked, else since the process began."""
    value = _field(STATUS, "VmHWM")
    if value is not None:
        return value
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def resident_bytes() -> int:
    """Resident bytes now."""
    return _field(STATUS, "VmRSS") or psutil.Process().memory_info().rss


def swapped_bytes() -> int:
    """Of this process, on a disk now; 0 where the system does not tell."""
    return _field(STATUS, "VmSwap") or 0


class _Heap(ctypes.Structure):
    """struct mallinfo2 of mallinfo(3)."""

    _NAMES = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = tuple((name, ctypes.c_size_t) for name in _NAMES.split())


def heap_bytes() -> int | None:
    """What this process has from `malloc` and has not freed, to the byte; None where the C library does not tell (only
    glibc from 2.33 on does). Pages that an allocator holds in reserve are not in it, as they are in what is resident.

    It takes 40 us where little is free, and 50 ms where a compiler left a hundred thousand free pieces.
    """
    ask = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if ask is None:
        return None
    ask.restype = _Heap
    told = ask()
    return told.uordblks + told.hblkhd


def children_bytes() -> dict[int, int]:
    """Process -> bytes that are its alone, for `descendants`, with its share of what they have together and this
    process has not. {} where the system does not tell.

    What they share with this one, as after a fork, is counted with this one. Peaks of others cannot be reset as this
    process's can, and would have that in them: these are the bytes of now.
    """
    told = {}
    for process in descendants():
        parts = [_field(_rollup(process), f"Private_{kind}") for kind in ("Clean", "Dirty")]
        if None not in parts:
            told[process] = sum(part for part in parts if part is not None)
    if not told:
        return {}
    together = _without_own(told) - sum(told.values())
    more = together // len(told) if together > TOLD_TOGETHER else 0
    return {process: own + more for process, own in told.items()}


def _without_own(processes: Iterable[int]) -> int:
    """Bytes that these processes have and this one has not, each page once: shares of pages add up to them (PSS in
    proc(5)). Files are left out, of which others have a share too.
    """
    before = _own()
    rollups = [ROLLUP, *map(_rollup, processes)]
    shares = sum(_field(each, f"Pss_{kind}") or 0 for each in rollups for kind in ("Anon", "Shmem"))
    return shares - max(before, _own())  # a thread of this process may take and free memory meanwhile


def _own() -> int:
    return sum(_field(STATUS, f"Rss{kind}") or 0 for kind in ("Anon", "Shmem"))


def _rollup(process: int) -> Path:
    return Path(f"/proc/{process}/smaps_rollup")


def adopt() -> None:
    """From now on a descendant whose parent ended is a child of this process, as a daemon that left its session. On
    Linux: prctl(2).
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants() -> set[int]:
    """All processes that came of this one, and all others of the session that it leads: without `adopt`, a process
    whose parent ended is no descendant any more.
    """
    own = os.getpid()
    try:
        found = {process.pid for process in psutil.Process().children(recursive=True)}
    except psutil.Error:  # one of them ended meanwhile
        found = set()
    if os.getsid(0) == own:
        found |= {process for process in psutil.pids() if _session(process) == own}
    return found - {own}


def _session(process: int) -> int | None:
    try:
        return os.getsid(process)
    except OSError:  # it ended, or belongs to someone else
        return None


def release_free() -> None:
    """Gives freed memory back to the system, so that `resident_bytes` counts what is in use."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:  # glibc's; other C libraries return large blocks by themselves
        trim(0)


def _field(path: Path, key: str) -> int | None:
    try:
        text = path.read_text()
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    return None


def _counter(stat: Path, key: str) -> int:
    """0 where the group does not tell: then none of its cache counts as room."""
    try:
        text = stat.read_text()
    except OSError:
        return 0
    fields = dict(line.split() for line in text.splitlines() if len(line.split()) == 2)
    return int(fields.get(key, 0))
