"""The slope of a line whose value at a point is known exactly."""

import math
from collections.abc import Sequence

from embbench.stats.summary import CONFIDENCE, Summary


def slope(places: Sequence[float], values: Sequence[float], weights: Sequence[float]) -> Summary | None:
    """s of value = s · place, by weighted least squares, with its 95 % interval by Student's t. weights: 1 / variance
    of each value, up to a common factor, which the residuals show. No interval for a single value. None without a place
    other than 0.
    """
    square = math.fsum(weight * place**2 for weight, place in zip(weights, places, strict=True))
    if square == 0:
        return None
    product = math.fsum(w * place * value for w, place, value in zip(weights, places, values, strict=True))
    center, n = product / square, len(values)
    if n == 1:
        return Summary(center, None, None, n)
    from scipy import special  # slow to import; a single value needs no quantile

    left = math.fsum(w * (value - center * place) ** 2 for w, place, value in zip(weights, places, values, strict=True))
    half = float(special.stdtrit(n - 1, (1 + CONFIDENCE) / 2)) * math.sqrt(left / (n - 1) / square)
    return Summary(center, center - half, center + half, n)
