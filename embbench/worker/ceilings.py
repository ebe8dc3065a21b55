"""How fast this machine moves bytes and multiplies matrices, in a process of its own: `python -m
embbench.worker.ceilings DEVICE THREADS` prints `Ceilings` as one line of JSON.

The sizes of tables range from inside the caches to far beyond them, so that the limits of caches and of address
translation show.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from embbench import wire
from embbench.cases.contender import Skip
from embbench.engines.ceiling_kits import make_kit
from embbench.engines.ceilings import Kit, Program, Programs
from embbench.errors import EmbbenchError
from embbench.host.machine import machine_facts
from embbench.store.ceilings import Ceilings, Rate
from embbench.worker.clock import Clock, host_clock

SIZES = (1 << 18, 1 << 21, 1 << 24, 1 << 27, 1 << 30)  # bytes
SHARE = 4  # no more than a fourth of the free memory is taken
ROWS = (64, 512, 4096)  # bytes
TOUCHED = 1 << 27
WIDTHS = (64, 256, 1024)
BLOCK = 0.02  # least seconds of a sample, as everywhere
SAMPLES = 5


def main() -> None:
    device, threads = sys.argv[1], int(sys.argv[2])
    machine = machine_facts()  # before a framework may bind this thread to one CPU
    try:
        kit = make_kit(device, threads)
    except (Skip, ImportError, EmbbenchError) as error:
        sys.exit(f"embbench: {error}")
    found = Ceilings(
        machine=machine,
        device=device,
        threads=threads,
        software=kit.software,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        rates=tuple(measure(kit, host_clock)),
    )
    sys.stdout.buffer.write(wire.encode(found) + b"\n")


def measure(kit: Kit, clock: Clock) -> Iterator[Rate]:
    """All rates of a kit, size by size: the kit may keep the memory of one size."""
    sizes = [size for size in SIZES if size <= kit.free() // SHARE] or list(SIZES[:1])
    for size in sizes:
        yield from _rates(kit.streams(size), size, 0, clock)
        for row in ROWS:
            yield from _rates(kit.rows(size, row, min(kit.most_rows, kit.most_bytes // row)), size, row, clock)
    yield from _rates(kit.touches(min(TOUCHED, sizes[-1])), min(TOUCHED, sizes[-1]), 0, clock)
    for width in WIDTHS:
        yield from _rates(kit.products(width), 3 * 4 * width**2, 0, clock)


def _rates(programs: Programs, size: int, row: int, clock: Clock) -> Iterator[Rate]:
    for kind, program in programs.items():
        yield Rate(kind, size, row, rates_of(program, clock))


def rates_of(program: Program, clock: Clock) -> tuple[float, ...]:
    """SAMPLES values in bytes or operations per second."""
    times = sweeps(program, clock)
    return tuple(program.amount * times / _seconds(program, times, clock) for _ in range(SAMPLES))


def sweeps(program: Program, clock: Clock) -> int:
    """How many runs a sample of at least BLOCK seconds needs. Finding that number also warms the program up."""
    times = 1
    while (seconds := _seconds(program, times, clock)) < BLOCK:
        times = max(2 * times, min(100 * times, int(1.2 * times * BLOCK / max(seconds, 1e-9))))
    return times


def _seconds(program: Program, times: int, clock: Clock) -> float:
    begin = clock()
    program.run(times)
    return (clock() - begin) / 1e9


if __name__ == "__main__":
    main()
