"""Disturbed samples: their threads waited for a CPU while other programs ran. Waits alone are no disturbance, because a
program's own threads may wait for each other.
"""

from collections.abc import Sequence

OTHERS = 0.1  # of a CPU, see `crowding`: below, a wait may be due to the program's own threads
WAITED = 0.05  # of a sample's time that a thread waited, as their mean
EXPLAINED = 2.0  # times the use by other programs: longer waits have other causes


def crowding(others: float, cpus: int, threads: int) -> float:
    """The use of CPUs by other programs beyond the CPUs that the program leaves free, in CPUs: on 64 CPUs, ten busy
    CPUs disturb nobody. others: the use of all CPUs by other programs, in CPUs.
    """
    return max(0.0, others - max(0, cpus - threads))


def beside_others(crowded: object, waited: float = 0.0) -> bool:
    """Whether other programs made threads wait. crowded: `crowding` of a round, from its conditions under `others`; a
    file from outside may hold anything there. waited: seconds of waits per second of a step, over all threads.
    """
    is_number = isinstance(crowded, int | float) and not isinstance(crowded, bool)
    return is_number and crowded > OTHERS and waited <= EXPLAINED * crowded


def calm(seconds: Sequence[float], waits: Sequence[float | None], threads: int) -> list[int]:
    """Places of the samples without known waits. seconds, waits: of a step, per sample."""
    pairs = enumerate(zip(seconds, waits, strict=True))
    return [at for at, (whole, wait) in pairs if wait is None or wait <= WAITED * threads * whole]
