"""The speed of memory at this moment.

On a shared machine memory may be twice as slow as an hour ago, and then a step would seem to read its table twice as
often.
"""

from embbench.engines.ceiling_kits import make_kit
from embbench.worker.ceilings import SHARE, rates_of
from embbench.worker.clock import Clock
from embbench.worker.note import Note, condition, measured

MEMORY = 1 << 27  # bytes: more than the private caches of a process hold
BEYOND = 1 << 29  # bytes: more than the caches that all processes of a socket share


def memory_rate(threads: int, clock: Clock, most: int = MEMORY) -> Note:
    """`update_rate`; a condition with the reason where memory is too small."""
    try:
        return measured("update_rate", *memory_rates(threads, clock, most))
    except MemoryError as error:
        return condition(phases=f"the memory rate was not measured: {type(error).__name__}: {error}")


def memory_rates(threads: int, clock: Clock, most: int) -> tuple[float, ...]:
    """Bytes per second that `threads` threads read and write in place, both counted. most: bytes of memory, where as
    much is free. Raises MemoryError.
    """
    kit = make_kit("cpu", threads)
    size = max(1 << 20, min(most, kit.free() // SHARE))
    return rates_of(kit.streams(size)["update"], clock)
