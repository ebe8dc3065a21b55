"""Summaries of a few numbers, one per round: a median and how well it is known."""

import math
from collections.abc import Iterable, Sequence

import msgspec

CONFIDENCE = 0.95
ORDER_STATISTICS_FROM = 6  # below, even (smallest, largest) covers the median with less than 95 %

# Upper 2.5 % points of Student's t by degrees of freedom; a table, so that no report loads SciPy for four numbers.
_T = {1: 12.706204736174694, 2: 4.302652729749462, 3: 3.182446305283708, 4: 2.776445105197793}


class Summary(msgspec.Struct, frozen=True):
    """center, and an interval (low, high) around it, in the unit of the values; n: values behind it.

    low and high are None together: nothing is known about the spread.
    """

    center: float
    low: float | None
    high: float | None
    n: int

    @property
    def relative(self) -> float | None:
        """The wider half of the interval over |center|; None without an interval or with a center of 0."""
        if self.low is None or self.high is None or self.center == 0:
            return None
        return max(self.high - self.center, self.center - self.low) / abs(self.center)


def median(values: Iterable[float]) -> float:
    """The middle value, or the mean of the two middle ones. Raises ValueError if there is none."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("the median of no values")
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    low, high = ordered[middle - 1], ordered[middle]
    return low + (high - low) / 2  # stays between them, where (low + high) / 2 may round past one or overflow


def summarize(values: Sequence[float]) -> Summary:
    """Median and 95 % interval of independent values (the medians of rounds). Raises ValueError if there is none.

    n >= 6: the order-statistics interval of the median, free of assumptions about the distribution (see
    `order_interval`). 2 <= n < 6: no such interval reaches 95 %, so Student's t on the logarithms, which assumes
    that times are about log-normal; on the values themselves where one is not positive. n = 1: no interval.

    The t interval contains the median. For any median m (all points that minimise the mean of |x - m|) and mean a:
    |a - m| <= mean |x - m| <= mean |x - a| <= s·sqrt((n - 1) / n), while the half width is t·s / sqrt(n), and
    t >= sqrt(n - 1) for n <= 6 (12.7 against 1, 4.3 against 1.4, 3.2 against 1.7, 2.8 against 2). The logarithm of
    the median of the values lies between the logarithms of the middle two, and so is such an m.
    """
    center, n = median(values), len(values)
    if n == 1:
        return Summary(center, None, None, n)
    if min(values) == max(values):
        return Summary(center, center, center, n)
    if n >= ORDER_STATISTICS_FROM:
        rank, ordered = order_interval(n), sorted(values)
        return Summary(center, ordered[rank - 1], ordered[n - rank], n)
    if min(values) > 0:
        low, high = (_exp(bound) for bound in _t_interval([math.log(value) for value in values]))
    else:
        low, high = _t_interval(values)
    return Summary(center, min(low, center), max(high, center), n)  # min and max: against rounding only


def span(values: Sequence[float]) -> Summary:
    """Median with the smallest and largest value as its interval, for what is counted and not sampled (bytes, rows).

    Such values carry no error of measurement to estimate: what differs between rounds is the quantity itself.
    n = 1: no interval. Raises ValueError if there is none.
    """
    center = median(values)
    if len(values) == 1:
        return Summary(center, None, None, 1)
    return Summary(center, min(values), max(values), len(values))


def order_interval(n: int) -> int:
    """The largest k such that (k-th smallest, k-th largest) of n values covers the median with >= 95 %; 0 if none.

    Coverage is 1 - 2·P(B < k), B binomial (n, 1/2). David and Nagaraja, Order Statistics, 3rd ed. (2003), 7.1.
    """
    tail, k = 1, 0  # tail: sum of C(n, i) for i < k + 1
    while 2 * tail <= (1 - CONFIDENCE) * 2**n:
        k += 1
        tail += math.comb(n, k)
    return k


def _t_interval(values: Sequence[float]) -> tuple[float, float]:
    n = len(values)
    mean = math.fsum(values) / n
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    half = _T[n - 1] * deviation / math.sqrt(n)
    return mean - half, mean + half


def _exp(value: float) -> float:
    return math.exp(value) if value < 709 else math.inf
