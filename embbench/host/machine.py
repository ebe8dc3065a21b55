"""The machine, as far as it decides how fast a step runs."""

import hashlib
import os
import platform
from pathlib import Path
from typing import Any

import psutil

from embbench.host.devices import list_devices

THP = Path("/sys/kernel/mm/transparent_hugepage/enabled")
BALLOON = Path("/sys/bus/virtio/drivers/virtio_balloon")
REPORTING = 5  # VIRTIO_BALLOON_F_REPORTING (virtio 1.2, 5.5.3), the place of its bit in `features`
GOVERNOR = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")


def usable_cpus() -> int:
    """CPUs that this process may run on; a container's or a taskset's share, not the machine's."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def machine_facts() -> dict[str, Any]:
    """What a Round keeps of its machine. `fingerprint` is equal where results may be compared or resumed.

    driver: version of the CUDA devices' driver, None without one; not in the fingerprint, but a version of software.
    """
    devices = list_devices()
    facts: dict[str, Any] = {
        "cpu": _cpu_model(),
        "cpus": usable_cpus(),
        "memory": psutil.virtual_memory().total,
        "system": f"{platform.system()} {platform.machine()}",
        "devices": [device.name for device in devices],
    }
    # Rounded, since a kernel update changes the total by some pages.
    told = [facts["cpu"], facts["cpus"], round(facts["memory"] / 2**30), facts["system"], facts["devices"]]
    facts["fingerprint"] = hashlib.sha256(repr(told).encode()).hexdigest()[:8]
    return {
        **facts,
        "driver": devices[0].driver if devices else None,
        "kernel": platform.release(),
        "huge_pages": huge_page_mode(),
        "free_page_reporting": reports_free_pages(),
        "governor": _read(GOVERNOR),
    }


def huge_page_mode() -> str | None:
    """'always', 'madvise' or 'never'; None where the system has no transparent huge pages."""
    return _chosen(THP)


def reports_free_pages() -> bool:
    """Whether a hypervisor takes back what is free here: a page that has been free must then be got from it anew."""
    found = [_read(path) or "" for path in BALLOON.glob("*/features")]
    return any(bits[REPORTING : REPORTING + 1] == "1" for bits in found)


def _cpu_model() -> str:
    for line in (_read(Path("/proc/cpuinfo")) or "").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _chosen(path: Path) -> str | None:
    """'always [madvise] never' -> 'madvise'."""
    text = _read(path)
    return text.partition("[")[2].partition("]")[0] if text else None


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None
