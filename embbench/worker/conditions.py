"""What disturbed the timed window, and what a reader should do about it."""

import statistics
from collections.abc import Sequence
from typing import Any

from embbench.host.load import Load, kernel_time
from embbench.store.round import Warning_

QUEUE_SHARE = 0.02  # of the window, per thread, spent ready but without a CPU
STEAL_SHARE = 0.01
MORE_CPUS = 0.5  # used beyond `threads`: a framework's own dispatching thread may take a part of one
SPREAD = 0.10
COUNTERS = (
    "faults", "forced_switches", "own_switches", "processor", "queue_wait", "steal", "pressure", "quota_periods",
    "quota_throttled", "quota_seconds",
)  # fmt: skip
THROTTLED = 0x20 | 0x40 | 0x80  # NVML: software thermal, hardware thermal, hardware power brake slowdown


def conditions(before: Load, after: Load, seconds: float, steps: int) -> dict[str, Any]:
    """The window's counters as differences, for the Round."""
    told: dict[str, Any] = {"window": seconds, "steps": steps}
    for name in COUNTERS:
        first, last = getattr(before, name), getattr(after, name)
        if first is not None and last is not None:
            told[name] = max(last - first, 0)  # a thread that ended meanwhile took what it had waited with it
    if (kernel := kernel_time(before, after)) is not None:
        told["kernel"] = kernel
    if after.clocks:
        told |= {"clocks": [before.clocks, after.clocks], "throttle": [before.throttle, after.throttle]}
    return told


def warnings(told: dict[str, Any], samples: Sequence[float], threads: int, cpus: int) -> tuple[Warning_, ...]:
    """At most one warning of each kind. samples: step_time values. cpus: that steal is counted of."""
    window = max(told["window"], 1e-9)
    found = []
    if told.get("queue_wait", 0) > QUEUE_SHARE * window * threads:
        share = told["queue_wait"] / window / threads
        text = f"its threads waited {share:.0%} of the time for a CPU: stop other programs, or use fewer --threads"
        found.append(Warning_("cpu-contention", text))
    if told.get("processor", 0) > (threads + MORE_CPUS) * window:
        text = f"it kept {told['processor'] / window:.1f} CPUs busy with threads={threads}: some pool is not pinned"
        found.append(Warning_("threads-not-pinned", text))
    if told.get("steal", 0) > STEAL_SHARE * window * cpus:
        share = told["steal"] / window / cpus
        text = f"the hypervisor gave {share:.0%} of the CPUs to others: measure again, or with --preset thorough"
        found.append(Warning_("steal", text))
    if stopped := told.get("quota_throttled", 0):
        text = (
            f"its control group's quota of CPU time stopped it in {stopped} of {told['quota_periods']} periods, for "
            f"{told['quota_seconds']:.3g} s of CPU time: use fewer --threads, or give the container more CPUs"
        )
        found.append(Warning_("throttled-by-quota", text))
    if len(samples) >= 3:
        center = statistics.median(samples)
        spread = statistics.median(abs(value - center) for value in samples) / center
        if spread > SPREAD:
            text = f"samples of one process spread by {spread:.0%}: see `embbench doctor`, then use more --rounds"
            found.append(Warning_("noisy", text))
    if any(mask & THROTTLED for pair in told.get("throttle", []) for mask in pair):
        found.append(Warning_("throttled", "the GPU lowered its clocks (heat or power): let it cool, measure again"))
    return tuple(found)
