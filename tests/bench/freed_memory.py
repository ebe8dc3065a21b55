"""The cost of touching memory that was freed before. Prints microseconds per page fault with intervals.

    python -m tests.bench.freed_memory [seconds of rest]

Memory is allocated, touched and freed repeatedly, without a rest and with a rest before each time. Where a hypervisor
takes back free memory (see `embbench doctor`), a page fault costs more for much memory than for little, and more after
a rest.
"""

import mmap
import sys
import time

import numpy as np

from embbench.host.load import read_load
from embbench.stats.summary import summarize

SIZES = (1 << 26, 1 << 29, 1 << 31, 1 << 32)  # bytes
TURNS = 7


def main(rest: float) -> None:
    for size in SIZES:
        for pause in (0.0, rest):
            touch(size)  # memory that was free for longer does not count
            found = summarize([touch(size, pause) for _ in range(TURNS)])
            told = f"{1e6 * found.center:6.2f} us ({1e6 * found.low:.2f} to {1e6 * found.high:.2f})"
            print(f"{size >> 20:6} MiB, freed {pause:g} s before {told}", flush=True)


def touch(size: int, pause: float = 0.0) -> float:
    """Seconds per page fault."""
    time.sleep(pause)
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    pages = np.frombuffer(memory, np.uint8)[:: mmap.PAGESIZE]
    before, begin = read_load().faults, time.perf_counter()
    pages[:] = 1
    spent, faults = time.perf_counter() - begin, read_load().faults - before
    del pages
    memory.close()
    return spent / faults


if __name__ == "__main__":
    main(*(float(text) for text in sys.argv[1:] or ["5"]))
