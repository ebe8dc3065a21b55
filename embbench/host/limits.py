"""Limits of control groups on this process: CPU time (quota) and memory (limit), and how often the quota stopped it."""

import math
from pathlib import Path

import msgspec

from embbench.host.groups import MOUNT, PROC, groups
from embbench.host.texts import read_text

NONE_V1 = 1 << 60  # bytes; version 1 writes 'no limit' as the largest whole number of pages, near 2^63
# In both versions. memory.high is a limit too: the kernel reclaims memory from a group above it and slows it down.
MEMORY_FILES = ("memory.max", "memory.high", "memory.limit_in_bytes")


class Throttling(msgspec.Struct, frozen=True):
    """Sums over all groups of this process with a quota, since the creation of each group. periods: periods in which
    the group wanted to run. throttled: periods in which the spent quota stopped the group. seconds: stopped time, added
    up over CPUs.
    """

    periods: int
    throttled: int
    seconds: float


def cpu_quota(proc: Path = PROC, mount: Path = MOUNT) -> float | None:
    """CPUs that this process may use on average: the lowest quota of its control group and of all groups above; None
    without a quota (cgroup v2: cpu.max; v1: cpu.cfs_quota_us divided by cpu.cfs_period_us).
    """
    quotas = [_quota(each) for chain in groups("cpu", proc, mount) for each in chain]
    return min((each for each in quotas if each is not None), default=None)


def memory_limit(total: float = math.inf, proc: Path = PROC, mount: Path = MOUNT) -> int | None:
    """Bytes that all processes of this control group may take together: the lowest limit of the group and of all groups
    above; None if no limit is below `total`, the bytes of the machine.
    """
    chains = groups("memory", proc, mount)
    limits = [_number(each / name) for chain in chains for each in chain for name in MEMORY_FILES]
    lowest = min((each for each in limits if each is not None), default=math.inf)
    return int(lowest) if lowest < min(total, NONE_V1) else None


def throttling(proc: Path = PROC, mount: Path = MOUNT) -> Throttling | None:
    """None if no group has a quota, or no group counts periods."""
    found = [_counted(each) for chain in groups("cpu", proc, mount) for each in chain if _quota(each) is not None]
    known = [each for each in found if each is not None]
    if not known:
        return None
    periods, throttled = sum(each.periods for each in known), sum(each.throttled for each in known)
    return Throttling(periods, throttled, sum(each.seconds for each in known))


def _quota(group: Path) -> float | None:
    both = read_text(group / "cpu.max").split()  # '150000 100000', 'max 100000'
    quota, period = (
        (_positive(both[0]), _positive(both[1]))
        if len(both) == 2
        else (_number(group / "cpu.cfs_quota_us"), _number(group / "cpu.cfs_period_us"))  # -1: none
    )
    return quota / period if quota and period else None


def _counted(group: Path) -> Throttling | None:
    lines = (line.split() for line in read_text(group / "cpu.stat").splitlines())
    fields = {line[0]: int(line[1]) for line in lines if len(line) == 2 and line[1].isdecimal()}
    if "nr_throttled" not in fields:
        return None
    seconds = fields.get("throttled_usec", 0) / 1e6 + fields.get("throttled_time", 0) / 1e9  # v2, v1
    return Throttling(fields.get("nr_periods", 0), fields["nr_throttled"], seconds)


def _number(path: Path) -> int | None:
    return _positive(read_text(path).strip())


def _positive(text: str) -> int | None:
    """The number; None for 'max', '-1' and other text."""
    return int(text) or None if text.isascii() and text.isdecimal() else None
