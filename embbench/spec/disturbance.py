"""When a sample is disturbed: its threads waited for a CPU while other programs ran. What a program's own threads do to
each other is its step's cost, so that waits alone tell nothing.
"""

from collections.abc import Sequence

OTHERS = 0.1  # of one CPU that other programs used: below, a wait may be the program's own doing
WAITED = 0.1  # of a sample's time that its threads waited, all together


def beside_others(told: object) -> bool:
    """told: of one CPU, what other programs used while a round was sampled, as its conditions have it under `others`;
    a file of others may hold anything there.
    """
    return type(told) in (int, float) and told > OTHERS


def calm(seconds: Sequence[float], waits: Sequence[float | None]) -> list[int]:
    """Places of the samples whose threads did not wait. seconds, waits: of a step in each; a wait that nobody knows may
    have been one.
    """
    pairs = enumerate(zip(seconds, waits, strict=True))
    return [at for at, (whole, wait) in pairs if wait is not None and wait <= WAITED * whole]
