"""Facts about the machine that decide how fast a step runs."""

import hashlib
import math
import os
import platform
from pathlib import Path
from typing import Any

import psutil

from embbench.host.caches import cache_sizes, tlb_reach
from embbench.host.devices import list_devices
from embbench.host.identity import boot_id, machine_id
from embbench.host.limits import cpu_quota, memory_limit

THP = Path("/sys/kernel/mm/transparent_hugepage/enabled")
CPUS = Path("/proc/cpuinfo")
ARM = ("CPU implementer", "CPU part", "CPU variant")  # facts about an ARM CPU, for which Linux has no name
BALLOON = Path("/sys/bus/virtio/drivers/virtio_balloon")
REPORTING = 5  # VIRTIO_BALLOON_F_REPORTING (virtio 1.2, 5.5.3): its bit in `features`
GOVERNOR = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")


def usable_cpus() -> int:
    """Number of CPUs that this process may keep busy: its allowed CPUs, limited by the CPU quota of its control group,
    at least 1. In a container or under taskset that is less than the machine has.

    A part of a CPU does not count: with one thread more than the quota allows, all threads are stopped in each period.
    """
    quota = cpu_quota()
    return placed_cpus() if quota is None else max(1, min(placed_cpus(), math.floor(quota)))


def placed_cpus() -> int:
    """Number of CPUs that this process may run on, whatever the quota."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def machine_facts() -> dict[str, Any]:
    """The facts that a Round keeps about its machine.

    `fingerprint`: of the kind of machine, equal on twins and after a kernel update. It leaves out memory and its limit,
    since a kernel takes some MiB more or less for itself; `store.machine` compares these with a tolerance. `id`:
    different on twins; 'unknown' if the system has no reliable id. `boot`: different for each boot. `quota`, in CPUs,
    and `limit`, in bytes: of the control group, None without a limit. `driver`: version of the CUDA driver, None
    without CUDA devices; it is a software version and not in the fingerprint.
    """
    devices = list_devices()
    memory = psutil.virtual_memory().total
    facts: dict[str, Any] = {
        "cpu": _cpu_model(),
        "cpus": usable_cpus(),
        "memory": memory,
        "system": f"{platform.system()} {platform.machine()}",
        "devices": [device.name for device in devices],
        "quota": cpu_quota(),
        "limit": memory_limit(memory),
    }
    told = [facts["cpu"], facts["cpus"], facts["system"], facts["devices"], facts["quota"]]
    facts["fingerprint"] = hashlib.sha256(repr(told).encode()).hexdigest()[:8]
    return {
        **facts,
        "id": machine_id(),
        "boot": boot_id(),
        "driver": devices[0].driver if devices else None,
        "kernel": platform.release(),
        "huge_pages": huge_page_mode(),
        "free_page_reporting": reports_free_pages(),
        "governor": _read(GOVERNOR),
        "caches": cache_sizes(),
        "tlb_reach": tlb_reach(),
    }


def huge_page_mode() -> str | None:
    """'always', 'madvise' or 'never'; None if the system has no transparent huge pages."""
    return _chosen(THP)


def reports_free_pages() -> bool:
    """Whether the hypervisor takes back free memory: then a freed page must be fetched from the hypervisor again."""
    found = [_read(path) or "" for path in BALLOON.glob("*/features")]
    return any(bits[REPORTING : REPORTING + 1] == "1" for bits in found)


def _cpu_model(info: Path = CPUS) -> str:
    """The name of the CPU model. ARM CPUs have no name: numbers of the implementer and of the designs instead."""
    lines = [line.partition(":") for line in (_read(info) or "").splitlines()]
    told = [(name.strip(), value.strip()) for name, _, value in lines]
    for name, value in told:
        if name == "model name":
            return value
    numbers = sorted({f"{name.removeprefix('CPU ')} {value}" for name, value in told if name in ARM})
    return " ".join([platform.processor() or platform.machine(), *numbers])


def _chosen(path: Path) -> str | None:
    """'always [madvise] never' -> 'madvise'."""
    text = _read(path)
    return text.partition("[")[2].partition("]")[0] if text else None


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None
