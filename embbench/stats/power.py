"""The number of launches that detects an effect, and the smallest effect that a number of launches detects."""

import math

from scipy import optimize, stats

MOST = 10_000
POWER = 0.9


def power(true: float, effect: float, deviation: float, n: int, alpha: float) -> float:
    """The chance that `hypotheses.exceeds` falls below alpha with n launches, if the ratio is 1 + true and the
    launches' log-ratios have a standard deviation of `deviation` > 0. From the noncentral t distribution (Johnson and
    Welch, Biometrika 31 (1940) 362-389).
    """
    distance = (math.log1p(true) - math.log1p(effect)) / deviation * math.sqrt(n)
    return float(stats.nct.sf(stats.t.isf(alpha, n - 1), n - 1, distance))


def launches_needed(true: float, effect: float, deviation: float, alpha: float, wanted: float = POWER) -> int | None:
    """The fewest launches, at least 2, with a power of `wanted`; None where 10,000 are too few or true <= effect."""
    if true <= effect:
        return None
    if deviation <= 0:
        return 2
    low, high = 1, 2
    while power(true, effect, deviation, high, alpha) < wanted:
        low, high = high, 2 * high
        if high > MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(true, effect, deviation, middle, alpha) >= wanted else (middle, high)
    return high


def smallest_effect(effect: float, deviation: float, n: int, alpha: float, wanted: float = POWER) -> float:
    """The slowdown, as a share, that n >= 2 launches detect with a power of `wanted`."""
    if deviation <= 0:
        return effect

    def short(true: float) -> float:
        return power(true, effect, deviation, n, alpha) - wanted

    most = 2 * (1 + effect)
    while short(most) < 0 and most < 1e6:
        most *= 2
    if short(most) < 0:
        return math.inf
    root = optimize.brentq(short, effect, most)
    assert isinstance(root, float)  # brentq returns a pair only with full_output
    return root
