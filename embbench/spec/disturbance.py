"""When a sample is disturbed: its threads waited for a CPU while other programs ran. What a program's own threads do to
each other is its step's cost, so that waits alone tell nothing.
"""

from collections.abc import Sequence

OTHERS = 0.1  # of one CPU, see `crowding`: below, a wait may be the program's own doing
WAITED = 0.05  # of a sample's time that a thread waited, as their mean
EXPLAINED = 2.0  # times what other programs used, which waits beyond are none of theirs


def crowding(others: float, cpus: int, threads: int) -> float:
    """Of one CPU, what other programs used beyond the CPUs that the program's threads leave free: on 64 CPUs ten busy
    ones are in nobody's way. others: of one CPU, what they used on all of them.
    """
    return max(0.0, others - max(0, cpus - threads))


def beside_others(told: object, waited: float = 0.0) -> bool:
    """Whether other programs were in the way, and are why threads waited. told: `crowding` while a round was sampled,
    as its conditions have it under `others`; a file of others may hold anything there. waited: of a step, all threads
    together.
    """
    is_number = isinstance(told, int | float) and not isinstance(told, bool)
    return is_number and told > OTHERS and waited <= EXPLAINED * told


def calm(seconds: Sequence[float], waits: Sequence[float | None], threads: int) -> list[int]:
    """Places of the samples whose threads are not known to have waited. seconds, waits: of a step in each."""
    pairs = enumerate(zip(seconds, waits, strict=True))
    return [at for at, (whole, wait) in pairs if wait is None or wait <= WAITED * threads * whole]
