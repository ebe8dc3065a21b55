"""Do values fall into two groups, as of a machine that is in one of two states? Found from the values alone."""

import math
from collections.abc import Sequence

FEWEST = 4  # values of a group, and
SHARE = 0.05  # of all values that it has at least: fewer are outliers
EDGE = 0.05  # of a group's values, that lie beyond its edge to either side: a state may change during a look
APART = 1.15  # times as large as the upper edge of the lower group the lower edge of the upper one is, at least
CLEAR = 1.5  # times as wide as either group the space between them is, at least


def boundary(values: Sequence[float]) -> float | None:
    """A value > 0 between two groups of values > 0; None where they are one group.

    The split is Otsu's, which leaves the least variance within groups (IEEE Transactions on Systems, Man, and
    Cybernetics 9 (1979) 62-66), on logarithms. Any values have such a split; two groups are what an empty space lies
    between that is wider than they are. Distances of centers in units of spread, such as Ashman's D, take skewed values
    and heavy tails for two groups.
    """
    logs = sorted(math.log(value) for value in values)
    least = max(FEWEST, math.ceil(SHARE * len(logs)))
    if len(logs) < 2 * least:
        return None
    at = _split(logs, least)
    (first, low), (high, last) = (_edges(group) for group in (logs[:at], logs[at:]))
    if high - low < max(math.log(APART), CLEAR * (low - first), CLEAR * (last - high)):
        return None
    return math.exp((low + high) / 2)


def _split(ordered: Sequence[float], least: int) -> int:
    """How many values the lower group has: at least `least`, and no more than leave as many."""
    total, count, below = math.fsum(ordered), len(ordered), 0.0
    best, place = -math.inf, least
    for at, value in enumerate(ordered[:-1], 1):
        below += value
        if least <= at <= count - least:
            between = at * (count - at) * (below / at - (total - below) / (count - at)) ** 2
            if between > best:
                best, place = between, at
    return place


def _edges(ordered: Sequence[float]) -> tuple[float, float]:
    out = int(EDGE * len(ordered))
    return ordered[out], ordered[-1 - out]
