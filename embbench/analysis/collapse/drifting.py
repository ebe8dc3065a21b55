"""Rounds whose samples drifted. Their median is not a step time, so reports mark these rounds and never average
them.
"""

from collections.abc import Sequence

import msgspec

from embbench.stats.drift import course
from embbench.store.round import Round

SHARE = 0.5  # of a result's rounds; fewer drifting rounds do not move the median far


class Drift(msgspec.Struct, frozen=True):
    """A round, or a launch, whose samples drifted. number: from 1. course: see `stats.drift.course`."""

    number: int
    course: str


def drifts(rounds: Sequence[Round], metric: str) -> tuple[Drift, ...]:
    """The rounds that drifted. rounds: all with the metric."""
    courses = [(line.round + 1, course(line.metrics[metric].values)) for line in rounds]
    return tuple(Drift(number, how) for number, how in courses if how not in (None, "steady"))


def is_unsteady(drifting: Sequence[Drift], rounds: int) -> bool:
    """Whether so many of `rounds` drifted that their median is no steady state."""
    return len(drifting) > SHARE * rounds
