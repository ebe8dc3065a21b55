"""Hardware events of this process, counted by the CPU: `perf_event_open` (Linux). Names as in perf_event_open(2)."""

import contextlib
import ctypes
import errno
import os
import platform
import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

CALLS = {"x86_64": 298, "aarch64": 241}  # machine -> number of the system call
TASKS = Path("/proc/self/task")
ATTRIBUTE = 112  # bytes of perf_event_attr, PERF_ATTR_SIZE_VER5
EXCLUDE_KERNEL, EXCLUDE_HYPERVISOR = 1 << 5, 1 << 6  # bits of the flags; only events of the process itself count
READ_TIMES = 1 | 2  # PERF_FORMAT_TOTAL_TIME_ENABLED, _RUNNING: events take turns if there are too few counters
HARDWARE, SOFTWARE, CACHE = 0, 1, 3  # PERF_TYPE_*
MISS, DATA_TLB = 1 << 16, 3  # PERF_COUNT_HW_CACHE_RESULT_MISS (of reads), PERF_COUNT_HW_CACHE_DTLB

# Event -> (type, config).
MISSES = {"cache_misses": (HARDWARE, 3), "tlb_misses": (CACHE, DATA_TLB | MISS)}

REASONS = {
    errno.ENOENT: "this CPU or its hypervisor has no such counters",
    errno.EACCES: "not permitted: see /proc/sys/kernel/perf_event_paranoid",
    errno.EPERM: "not permitted for this process",
    errno.ENOSYS: "this kernel has no perf_event_open",
}


class NotCounted(Exception):
    """The reason why events are not counted."""


def counted(run: Callable[[], None], events: Mapping[str, tuple[int, int]] = MISSES) -> dict[str, float] | str:
    """Number of events of all threads of this process during `run`; or one line with the reason why this machine does
    not count them. Threads that `run` starts are not counted.
    """
    try:
        with contextlib.ExitStack() as stack:
            opened = {name: stack.enter_context(_on_all_threads(*event)) for name, event in events.items()}
            before = {name: _sum(files) for name, files in opened.items()}
            run()
            return {name: _sum(files) - before[name] for name, files in opened.items()}
    except NotCounted as error:
        return str(error)


@contextlib.contextmanager
def _on_all_threads(kind: int, config: int) -> Iterator[list[int]]:
    files: list[int] = []
    try:
        threads = [int(each.name) for each in TASKS.iterdir()] if TASKS.exists() else []
        for thread in threads:
            with contextlib.suppress(ProcessLookupError):  # the thread ended meanwhile
                files.append(_open(kind, config, thread))
        if not files:
            raise NotCounted(f"hardware events are not counted on {platform.system()} {platform.machine()}")
        yield files
    finally:
        for file in files:
            os.close(file)


def _open(kind: int, config: int, thread: int) -> int:
    number = CALLS.get(platform.machine()) if platform.system() == "Linux" else None
    if number is None:
        raise NotCounted(f"hardware events are not counted on {platform.system()} {platform.machine()}")
    flags = EXCLUDE_KERNEL | EXCLUDE_HYPERVISOR
    told = struct.pack("IIQQQQQ", kind, ATTRIBUTE, config, 0, 0, READ_TIMES, flags).ljust(ATTRIBUTE, b"\0")
    system = ctypes.CDLL(None, use_errno=True)
    file = system.syscall(number, ctypes.create_string_buffer(told, ATTRIBUTE), thread, -1, -1, 0)
    if file < 0:
        code = ctypes.get_errno()
        if code == errno.ESRCH:
            raise ProcessLookupError(code, os.strerror(code))
        raise NotCounted(f"hardware events are not counted: {REASONS.get(code, os.strerror(code))}")
    return file


def _sum(files: list[int]) -> float:
    """Number of events of all threads, scaled up if events took turns on a counter."""
    return sum(map(_read, files))


def _read(file: int) -> float:
    value, enabled, running = struct.unpack("QQQ", os.read(file, 24))
    if enabled and not running:
        raise NotCounted("hardware events are not counted: no counter was free")
    return value * enabled / running if running else 0.0
