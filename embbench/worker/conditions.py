"""What disturbed the timed window, and what a reader should do about it."""

import statistics
from collections.abc import Sequence
from typing import Any

from embbench.host.load import Load, kernel_time
from embbench.store.round import Warning_

QUEUE_SHARE = 0.02  # share of the window that a thread was ready but had no CPU
STEAL_SHARE = 0.01
MORE_CPUS = 0.5  # allowed CPUs beyond `threads`: a framework's dispatching thread may use a part of a CPU
SPREAD = 0.10
COUNTERS = (
    "faults", "forced_switches", "own_switches", "processor", "queue_wait", "steal", "pressure", "quota_periods",
    "quota_throttled", "quota_seconds",
)  # fmt: skip


def conditions(before: Load, after: Load, seconds: float, steps: int) -> dict[str, Any]:
    """The window's counters as differences, for the Round."""
    told: dict[str, Any] = {"window": seconds, "steps": steps}
    for name in COUNTERS:
        first, last = getattr(before, name), getattr(after, name)
        if first is not None and last is not None:
            told[name] = max(last - first, 0)  # the wait of a thread that ended meanwhile is lost
    if (kernel := kernel_time(before, after)) is not None:
        told["kernel"] = kernel
    return told


def warnings(told: dict[str, Any], samples: Sequence[float], threads: int, cpus: int) -> tuple[Warning_, ...]:
    """At most one warning of each kind. samples: step_time values. cpus: number of CPUs for which steal is counted."""
    window = max(told["window"], 1e-9)
    found = []
    if told.get("queue_wait", 0) > QUEUE_SHARE * window * threads:
        share = told["queue_wait"] / window / threads
        text = f"the threads waited for a CPU {share:.0%} of the time: stop other programs, or use fewer --threads"
        found.append(Warning_("cpu-contention", text))
    if told.get("processor", 0) > (threads + MORE_CPUS) * window:
        cpus_used = told["processor"] / window
        text = f"the process used {cpus_used:.1f} CPUs with threads={threads}: a thread pool is not limited"
        found.append(Warning_("threads-not-pinned", text))
    if told.get("steal", 0) > STEAL_SHARE * window * cpus:
        share = told["steal"] / window / cpus
        text = f"the hypervisor gave {share:.0%} of the CPU time to others: measure again, or with --preset thorough"
        found.append(Warning_("steal", text))
    if stopped := told.get("quota_throttled", 0):
        text = (
            f"the CPU quota of its control group stopped the process in {stopped} of {told['quota_periods']} periods, "
            f"for {told['quota_seconds']:.3g} s of CPU time: use fewer --threads, or raise the quota"
        )
        found.append(Warning_("throttled-by-quota", text))
    if len(samples) >= 3:
        center = statistics.median(samples)
        spread = statistics.median(abs(value - center) for value in samples) / center
        if spread > SPREAD:
            text = f"the samples of a process spread by {spread:.0%}: see `embbench doctor`, then use more --rounds"
            found.append(Warning_("noisy", text))
    return tuple(found)
