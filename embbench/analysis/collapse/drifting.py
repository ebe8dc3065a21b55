"""Rounds whose samples moved: no median of them is a step's time, so they are marked and never averaged away."""

from collections.abc import Sequence

from embbench.stats.drift import course
from embbench.store.round import Round

SHARE = 0.5  # of a result's rounds; where fewer move, the others outweigh them


def moved(rounds: Sequence[Round], metric: str) -> tuple[str, ...]:
    """'round 3: trend' for each of `rounds`, all with the metric, whose samples trend, jump or had not settled."""
    courses = [(line.round, course(line.metrics[metric].values)) for line in rounds]
    return tuple(f"round {number + 1}: {how}" for number, how in courses if how not in (None, "steady"))


def is_unsteady(moving: Sequence[str], rounds: int) -> bool:
    """Whether so many of `rounds` moved that their median is none of a steady state."""
    return len(moving) > SHARE * rounds
