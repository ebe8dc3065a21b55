"""Counters of what disturbed a process: page faults, context switches, waiting for a CPU, steal, pressure, clocks."""

import os
import resource
from pathlib import Path

import msgspec

from embbench.host.devices import list_devices
from embbench.host.limits import throttling

TASKS = Path("/proc/self/task")
PRESSURE = Path("/proc/pressure/cpu")
STAT = Path("/proc/stat")
TICKS = 100  # /proc counts in USER_HZ, which is 100 on every Linux that embbench meets


class Load(msgspec.Struct, frozen=True):
    """Counters since the process or the machine began; None where the system has none.

    processor: seconds of CPU that this process used, all its threads. threads: of each that is alive (outside, inside
    the system's kernel). queue_wait: seconds that they waited, ready to run, for a CPU. steal: seconds of all CPUs that
    the hypervisor gave to others. pressure: seconds in which some task
    of the machine waited for a CPU. clocks, throttle: SM clock in Hz and throttle reasons (NVML's bit mask) of each
    CUDA device that tells them. quota_periods, quota_throttled, quota_seconds: see `limits.Throttling`.
    """

    faults: int
    forced_switches: int
    own_switches: int
    processor: float
    threads: dict[str, tuple[float, float]]
    queue_wait: float | None
    steal: float | None
    pressure: float | None
    clocks: tuple[int, ...] = ()
    throttle: tuple[int, ...] = ()
    quota_periods: int | None = None
    quota_throttled: int | None = None
    quota_seconds: float | None = None


def read_load() -> Load:
    """The counters now. Cheap; called before and after a timed window, never within."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    devices, quota = list_devices(), throttling()
    return Load(
        faults=page_faults(),
        forced_switches=usage.ru_nivcsw,
        own_switches=usage.ru_nvcsw,
        processor=usage.ru_utime + usage.ru_stime,
        threads=_threads(),
        queue_wait=queue_wait(),
        steal=_steal(),
        pressure=_pressure(),
        clocks=tuple(device.clock for device in devices if device.clock is not None),
        throttle=tuple(device.throttle for device in devices if device.throttle is not None),
        quota_periods=quota.periods if quota else None,
        quota_throttled=quota.throttled if quota else None,
        quota_seconds=quota.seconds if quota else None,
    )


def time_of_others() -> float | None:
    """Seconds of CPU that other processes have used, of which only differences say something, to a tick or two, and so
    below 0 at times; None where the system does not tell. Of a container these are all processes of its host.
    """
    usage, busy = resource.getrusage(resource.RUSAGE_SELF), _busy()
    return None if busy is None else busy - usage.ru_utime - usage.ru_stime


def page_faults() -> int:
    """Of this process so far, minor and major. One call of the system: may be asked between samples."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_minflt + usage.ru_majflt


def counted_cpus() -> int:
    """CPUs that `Load.steal` adds up, which are the system's: a process, or its group, may be granted a few of them."""
    names = (line.partition(" ")[0] for line in _read(STAT).splitlines())
    return sum(name.startswith("cpu") and name != "cpu" for name in names) or os.cpu_count() or 1


def kernel_time(before: Load, after: Load) -> float | None:
    """Seconds between the two that the thread that was busiest spent in the kernel; None where the system does not
    tell. Not of all threads: while one is in the kernel by itself the others wait, so that their sum would hide how
    long everything took.
    """
    spent = []
    for name, (user, kernel) in after.threads.items():
        first_user, first_kernel = before.threads.get(name, (0.0, 0.0))
        spent.append((user - first_user + kernel - first_kernel, kernel - first_kernel))
    return max(spent)[1] if spent else None


def _threads() -> dict[str, tuple[float, float]]:
    found = {}
    for task in TASKS.iterdir() if TASKS.is_dir() else ():
        fields = _read(task / "stat").rpartition(")")[2].split()  # a name before it may hold anything
        if len(fields) > 12:
            found[task.name] = (int(fields[11]) / TICKS, int(fields[12]) / TICKS)
    return found


def queue_wait() -> float | None:
    """Seconds that this process's threads waited, ready to run, for a CPU so far; None where the system does not tell.
    Second field of schedstat, nanoseconds, summed over the threads: the process's own file has the main one's.
    """
    waits = [_read(task / "schedstat").split() for task in TASKS.iterdir()] if TASKS.is_dir() else []
    known = [int(fields[1]) for fields in waits if len(fields) >= 2]
    return sum(known) / 1e9 if known else None


def _steal() -> float | None:
    fields = _read(STAT).partition("\n")[0].split()
    return int(fields[8]) / TICKS if len(fields) > 8 else None


def _busy() -> float | None:
    """Seconds of all CPUs that any process used: user, nice, system, irq and softirq, the first of which have the
    guests' time in them (proc(5)).
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
