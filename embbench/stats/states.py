"""Do values fall into two groups, as on a machine with two states? The answer uses the values alone."""

import math
from collections.abc import Sequence

FEWEST = 4  # values of a group, and
SHARE = 0.05  # the least share of all values in a group: fewer values are outliers
EDGE = 0.05  # share of a group's values that may lie beyond either edge: a state may change during a measurement
APART = 1.15  # least ratio of the upper group's lower edge to the lower group's upper edge
CLEAR = 1.5  # least width of the gap, in widths of the wider group


def boundary(values: Sequence[float]) -> float | None:
    """A value > 0 between two groups of values > 0; None where the values are one group.

    The split is Otsu's, which minimises the variance within groups (IEEE Transactions on Systems, Man, and Cybernetics
    9 (1979) 62-66), on logarithms. All values have such a split. The values are two groups if the gap at the split is
    wider than the groups. Distances of centers in units of spread, such as Ashman's D, were rejected: they take skewed
    values and heavy tails for two groups.
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
    """The number of values in the lower group; both groups have at least `least`."""
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
