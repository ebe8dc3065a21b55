"""What the machine says of its caches, and of the bytes that its address translation reaches without a walk."""

import re
from pathlib import Path

CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
CPUS = Path("/proc/cpuinfo")
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_SIZE = re.compile(r"([0-9]+)([KMG]?)")
_TLB = re.compile(r"^TLB size\s*:\s*([0-9]+) 4K pages", re.MULTILINE)
PAGE = 4096


def cache_sizes(directory: Path = CACHES) -> dict[str, int]:
    """'L1', 'L2', 'L3' -> bytes of the one that a CPU reads data through, in the order of distance; {} where the system
    does not say. A shared cache counts whole, also where other machines of the same host use it.
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
    """Bytes of ordinary pages whose addresses the last level of translation buffers holds; None where the system does
    not say, as Linux does on AMD's CPUs alone.
    """
    try:
        match = _TLB.search(info.read_text())
    except OSError:
        return None
    return int(match[1]) * PAGE if match else None
