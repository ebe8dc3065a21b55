"""Host memory: the free memory, and the exact peak of this process between two moments."""

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
# Least shared bytes: smaller amounts are noise, since a kernel counts resident pages in batches per CPU.
TOLD_TOGETHER = 32_000_000
ROLLUP = Path("/proc/self/smaps_rollup")
# Limit, use, and the key of memory.stat for cache, for both versions of control groups.
GROUP_FILES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


def allocator(environment: Mapping[str, str]) -> str:
    """The environment's settings for allocators, 'NAME=value NAME=value'; '' without settings. Whether freed memory
    stays with the process, and the size of its pages, may decide most of a step.
    """
    return " ".join(f"{name}={environment[name]}" for name in ALLOCATOR_VARIABLES if environment.get(name))


def available_bytes() -> int:
    """Bytes that a new process can take without swapping, by the machine and all control groups of this process."""
    rooms = [group_room(directory) for chain in memory_groups() for directory in chain]
    return min([psutil.virtual_memory().available, *(room for room in rooms if room is not None)])


def group_room(directory: Path) -> int | None:
    """Bytes that a control group may still take; None without a limit. Page cache counts as free, since the kernel
    drops it first.
    """
    for most, used, cache in GROUP_FILES:
        try:
            limits = [(directory / most).read_text().strip()]
            if (high := directory / "memory.high").exists():  # above memory.high the kernel slows the group down
                limits.append(high.read_text().strip())
            taken = int((directory / used).read_text())
            told = [int(limit) for limit in limits if limit != "max"]
            return max(0, min(told) - taken + _counter(directory / "memory.stat", cache)) if told else None
        except (OSError, ValueError):
            continue
    return None


def reset_peak() -> bool:
    """Resets the peak to the present resident memory. False if the system cannot do that (see `peak_bytes`).

    Writing 5 to clear_refs resets VmHWM (proc(5)). A sampling thread was rejected: it misses short peaks and takes CPU
    time from the measured program.
    """
    try:
        CLEAR_REFS.write_text("5")
    except OSError:
        return False
    return True


def huge_bytes() -> int:
    """Bytes of this process in transparent huge pages; 0 if unknown."""
    return _field(ROLLUP, "AnonHugePages") or 0


def peak_bytes() -> int:
    """Peak of resident bytes since the last successful `reset_peak`, or since the start of the process."""
    value = _field(STATUS, "VmHWM")
    if value is not None:
        return value
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def resident_bytes() -> int:
    """Present resident bytes."""
    return _field(STATUS, "VmRSS") or psutil.Process().memory_info().rss


def swapped_bytes() -> int:
    """Swapped-out bytes of this process; 0 if unknown."""
    return _field(STATUS, "VmSwap") or 0


class _Heap(ctypes.Structure):
    """struct mallinfo2 of mallinfo(3)."""

    _NAMES = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = tuple((name, ctypes.c_size_t) for name in _NAMES.split())


def heap_bytes() -> int | None:
    """Bytes that this process has from `malloc` and has not freed; None if unknown (only glibc from 2.33 on knows it).
    Unlike resident memory, it does not include pages that the allocator holds in reserve.

    Takes 40 us with few free pieces, and 50 ms when a compiler left a hundred thousand free pieces.
    """
    ask = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if ask is None:
        return None
    ask.restype = _Heap
    told = ask()
    return told.uordblks + told.hblkhd


def children_bytes() -> dict[int, int]:
    """Process id -> bytes, for `descendants`: bytes that only the process has, and its share of the bytes that
    descendants have together without this process. {} if unknown.

    Bytes shared with this process, as after a fork, count for this process. These are present bytes, not peaks: the
    peak of another process cannot be reset, and would include shared bytes.
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
    """Bytes that these processes have and this process has not, every page counted once: the sum of shares of pages
    (PSS in proc(5)). Pages of files are left out, since other processes share them too.
    """
    before = _own()
    rollups = [ROLLUP, *map(_rollup, processes)]
    shares = sum(_field(each, f"Pss_{kind}") or 0 for each in rollups for kind in ("Anon", "Shmem"))
    return shares - max(before, _own())  # threads of this process may allocate and free memory meanwhile


def _own() -> int:
    return sum(_field(STATUS, f"Rss{kind}") or 0 for kind in ("Anon", "Shmem"))


def _rollup(process: int) -> Path:
    return Path(f"/proc/{process}/smaps_rollup")


def adopt() -> None:
    """Makes this process the parent of all descendants whose parent ends, such as daemons. Linux only: prctl(2)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants() -> set[int]:
    """Ids of all descendants of this process, and of all other processes of the session that it leads: without `adopt`,
    a process whose parent ended is no longer a descendant.
    """
    own = os.getpid()
    try:
        found = {process.pid for process in psutil.Process().children(recursive=True)}
    except psutil.Error:  # a process ended meanwhile
        found = set()
    if os.getsid(0) == own:
        found |= {process for process in psutil.pids() if _session(process) == own}
    return found - {own}


def _session(process: int) -> int | None:
    try:
        return os.getsid(process)
    except OSError:  # the process ended, or belongs to another user
        return None


def release_free() -> None:
    """Returns freed memory to the system, so that `resident_bytes` counts only memory in use."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:  # glibc; other C libraries return large blocks themselves
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
    """Bytes of page cache of the group; 0 if unknown: then no cache counts as free."""
    try:
        text = stat.read_text()
    except OSError:
        return 0
    fields = dict(line.split() for line in text.splitlines() if len(line.split()) == 2)
    return int(fields.get(key, 0))
