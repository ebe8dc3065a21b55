"""Counters of disturbances of a process: page faults, context switches, waits for a CPU, steal, pressure."""

import os
import resource
from collections.abc import Iterable
from pathlib import Path

import msgspec

from embbench.host.limits import throttling

TASKS = Path("/proc/self/task")
PRESSURE = Path("/proc/pressure/cpu")
STAT = Path("/proc/stat")
TICKS = 100  # /proc counts in USER_HZ, which is 100 on every Linux that embbench meets


class Load(msgspec.Struct, frozen=True):
    """Counters since the start of the process or of the machine; None if the system has no such counter.

    processor: CPU seconds of all threads of this process. threads: CPU seconds of each living thread (outside the
    kernel, inside the kernel). queue_wait: seconds that threads were ready to run and waited for a CPU. steal: CPU
    seconds that the hypervisor gave to others. pressure: seconds in which some task of the machine waited for a CPU.
    quota_periods, quota_throttled, quota_seconds: see `limits.Throttling`.
    """

    faults: int
    forced_switches: int
    own_switches: int
    processor: float
    threads: dict[str, tuple[float, float]]
    queue_wait: float | None
    steal: float | None
    pressure: float | None
    quota_periods: int | None = None
    quota_throttled: int | None = None
    quota_seconds: float | None = None


def read_load() -> Load:
    """The present counters. Call it before and after a timed window, never within."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    quota = throttling()
    return Load(
        faults=page_faults(),
        forced_switches=usage.ru_nivcsw,
        own_switches=usage.ru_nvcsw,
        processor=usage.ru_utime + usage.ru_stime,
        threads=_threads(),
        queue_wait=queue_wait(),
        steal=_steal(),
        pressure=_pressure(),
        quota_periods=quota.periods if quota else None,
        quota_throttled=quota.throttled if quota else None,
        quota_seconds=quota.seconds if quota else None,
    )


def time_of_others(beside: Iterable[int] = ()) -> float | None:
    """CPU seconds that other processes have used; None if unknown. Only differences are meaningful, to a tick or two,
    so values may be below 0. In a container, all processes of the host count. beside: ids of processes that do not
    count.
    """
    usage, busy = resource.getrusage(resource.RUSAGE_SELF), _busy()
    return None if busy is None else busy - usage.ru_utime - usage.ru_stime - sum(map(_time_of, beside))


def _time_of(process: int) -> float:
    """CPU seconds of a process; 0 if it has ended."""
    fields = _read(Path(f"/proc/{process}/stat")).rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS if len(fields) > 12 else 0.0


def page_faults() -> int:
    """Page faults of this process so far, minor and major. A single system call, cheap enough between samples."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_minflt + usage.ru_majflt


def counted_cpus() -> int:
    """Number of CPUs that `Load.steal` adds up: all CPUs of the system. A process or its group may use fewer."""
    names = (line.partition(" ")[0] for line in _read(STAT).splitlines())
    return sum(name.startswith("cpu") and name != "cpu" for name in names) or os.cpu_count() or 1


def kernel_time(before: Load, after: Load) -> float | None:
    """Seconds in the kernel, between the two moments, of the thread that was longest there; None if unknown. Not the
    sum over all threads: while one thread is in the kernel, the others often wait, and a sum would hide how long the
    kernel held up everything.
    """
    spent = []
    for name, (user, kernel) in after.threads.items():
        first_user, first_kernel = before.threads.get(name, (0.0, 0.0))
        spent.append((user - first_user + kernel - first_kernel, kernel - first_kernel))
    return max(spent)[1] if spent else None


def _threads() -> dict[str, tuple[float, float]]:
    found = {}
    for task in TASKS.iterdir() if TASKS.is_dir() else ():
        fields = _read(task / "stat").rpartition(")")[2].split()  # the name before it may contain anything
        if len(fields) > 12:
            found[task.name] = (int(fields[11]) / TICKS, int(fields[12]) / TICKS)
    return found


def queue_wait() -> float | None:
    """Seconds that threads of this process were ready to run and waited for a CPU so far; None if unknown. The second
    field of schedstat, in nanoseconds, summed over the threads: the file of the process covers the main thread only.
    """
    waits = [_read(task / "schedstat").split() for task in TASKS.iterdir()] if TASKS.is_dir() else []
    known = [int(fields[1]) for fields in waits if len(fields) >= 2]
    return sum(known) / 1e9 if known else None


def _steal() -> float | None:
    fields = _read(STAT).partition("\n")[0].split()
    return int(fields[8]) / TICKS if len(fields) > 8 else None


def _busy() -> float | None:
    """CPU seconds that all processes used: user, nice, system, irq and softirq. user and nice include the time of
    guests (proc(5)).
    """
    fields = _read(STAT).partition("\n")[0].split()
    return sum(int(fields[at]) for at in (1, 2, 3, 6, 7)) / TICKS if len(fields) > 7 else None


def _pressure() -> float | None:
    some = _read(PRESSURE).partition("\n")[0]
    return int(some.partition("total=")[2]) / 1e6 if "total=" in some else None


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # the thread ended meanwhile, or the system has no such file
        return ""
