"""The sizes of the machine's caches, and the bytes that its address translation reaches without a page walk."""

import re
from pathlib import Path

CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
CPUS = Path("/proc/cpuinfo")
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_SIZE = re.compile(r"([0-9]+)([KMG]?)")
_TLB = re.compile(r"^TLB size\s*:\s*([0-9]+) 4K pages", re.MULTILINE)
PAGE = 4096


def cache_sizes(directory: Path = CACHES) -> dict[str, int]:
    """'L1', 'L2', 'L3' -> bytes of the cache through which a CPU reads data, nearest first; {} if unknown. A shared
    cache counts as a whole, even if other machines on the host use it.
    """
    found: dict[str, int] = {}
    for index in sorted(directory.glob("index*")):
        try:
            level, kind, size = ((index / name).read_text().strip() for name in ("level", "type", "size"))
        except OSError:
            continue
        if kind != "Instruction" and (match := _SIZE.fullmatch(size)):
            found[f"L{level}"] = int(match[1]) * UNITS.get(match[2], 1)
    return dict(sorted(found.items()))


def tlb_reach(info: Path = CPUS) -> int | None:
    """Bytes of ordinary pages whose addresses fit into the last level of translation buffers; None if unknown. Linux
    knows it on AMD CPUs only.
    """
    try:
        match = _TLB.search(info.read_text())
    except OSError:
        return None
    return int(match[1]) * PAGE if match else None
