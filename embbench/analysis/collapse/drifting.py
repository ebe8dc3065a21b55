"""Rounds whose samples drifted. Their median is not a step time, so reports mark these rounds and never average
them.
"""

from collections.abc import Sequence

from embbench.stats.drift import course
from embbench.store.round import Round

SHARE = 0.5  # of a result's rounds; fewer drifting rounds do not move the median far


def moved(rounds: Sequence[Round], metric: str) -> tuple[str, ...]:
    """'round 3: trend' for every round that drifted. rounds: all with the metric."""
    courses = [(line.round, course(line.metrics[metric].values)) for line in rounds]
    return tuple(f"round {number + 1}: {how}" for number, how in courses if how not in (None, "steady"))


def is_unsteady(moving: Sequence[str], rounds: int) -> bool:
    """Whether so many of `rounds` drifted that their median is no steady state."""
    return len(moving) > SHARE * rounds
