"""Summaries of a few numbers, one number per round: a median with its interval."""

import math
from collections.abc import Callable, Iterable, Sequence

import msgspec

CONFIDENCE = 0.95
ORDER_STATISTICS_FROM = 6  # with fewer values, even (smallest, largest) covers the median with less than 95 %

# Upper 2.5 % points of Student's t by degrees of freedom. A table, so that a report does not load SciPy for four
# numbers.
_T = {1: 12.706204736174694, 2: 4.302652729749462, 3: 3.182446305283708, 4: 2.776445105197793}


class Summary(msgspec.Struct, frozen=True):
    """center, and an interval (low, high) around it, in the unit of the values. n: number of values.

    low and high are both None where the spread is unknown.
    """

    center: float
    low: float | None
    high: float | None
    n: int

    @property
    def lent(self) -> bool:
        """Whether this is a single value with an interval, which then comes from the scatter of other cases."""
        return self.n == 1 and self.low is not None

    @property
    def relative(self) -> float | None:
        """The wider half of the interval over |center|; None without an interval or with a center of 0."""
        if self.low is None or self.high is None or self.center == 0:
            return None
        return max(self.high - self.center, self.center - self.low) / abs(self.center)


def median(values: Iterable[float]) -> float:
    """The middle value, or the mean of the two middle values. Raises ValueError for no values."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("the median of no values")
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    low, high = ordered[middle - 1], ordered[middle]
    return low + (high - low) / 2  # stays between low and high; (low + high) / 2 may round past one of them or overflow


def summarize(values: Sequence[float]) -> Summary:
    """Median and 95 % interval of independent values (the medians of rounds). Raises ValueError for no values.

    n >= 6: the interpolated order-statistics interval of the median. It assumes no distribution, and a single outlier
    does not widen it (see `order_interval`). 2 <= n < 6: no such interval reaches 95 %, so Student's t on the
    logarithms, which assumes about log-normal times; on the values themselves if a value is not positive. n = 1: no
    interval.

    The t interval contains the median. For any median m (all points that minimise the mean of |x - m|) and mean a: |a -
    m| <= mean |x - m| <= mean |x - a| <= s·sqrt((n - 1) / n), while the half width is t·s / sqrt(n), and t >= sqrt(n -
    1) for n <= 6 (12.7 against 1, 4.3 against 1.4, 3.2 against 1.7, 2.8 against 2). The logarithm of the median of the
    values lies between the logarithms of the middle two values, so it is such an m.
    """
    return _summary(values, _log_t_interval if min(values, default=0) > 0 else _t_interval)


def summarize_differences(values: Sequence[float]) -> Summary:
    """Like `summarize`, for values on either side of 0: Student's t on the values themselves where n < 6.

    Logarithms were rejected: where a few differences happen to be positive, their interval could never include 0.
    """
    return _summary(values, _t_interval)


def span(values: Sequence[float]) -> Summary:
    """Median with the smallest and largest value as its interval, for counts (bytes, rows) rather than samples.

    Counts have no measurement error to estimate: a difference between rounds is a difference of the quantity itself. n
    = 1: no interval. Raises ValueError for no values.
    """
    center = median(values)
    if len(values) == 1:
        return Summary(center, None, None, 1)
    return Summary(center, min(values), max(values), len(values))


def order_interval(ordered: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of the median from n >= 6 values in ascending order, between two pairs of order statistics.

    (k-th smallest, k-th largest) covers the median with 1 - 2·P(B < k), B binomial (n, 1/2); no k gives exactly 95 %.
    Between the last k that covers more and the next k, Hettmansperger and Sheather interpolate (Statistics and
    Probability Letters 4 (1986) 75-79). Nyblom (ibid. 14 (1992) 129-131) shows how little the coverage then depends on
    the distribution. Raises ValueError for fewer than 6 values.
    """
    n = len(ordered)
    if n < ORDER_STATISTICS_FROM:
        raise ValueError(f"{n} values cover no median with 95 %")
    k, covered = 1, 1 - 2 * 0.5**n
    while (following := covered - 2 * math.comb(n, k) * 0.5**n) >= CONFIDENCE:
        k, covered = k + 1, following
    part = (covered - CONFIDENCE) / (covered - following)
    weight = (n - k) * part / (k + (n - 2 * k) * part)  # of the inner pair
    low = (1 - weight) * ordered[k - 1] + weight * ordered[k]
    high = (1 - weight) * ordered[n - k] + weight * ordered[n - k - 1]
    return low, high


def _summary(values: Sequence[float], few: Callable[[Sequence[float]], tuple[float, float]]) -> Summary:
    """few: computes the interval of 2 to 5 values that are not all equal."""
    center, n = median(values), len(values)
    if n == 1:
        return Summary(center, None, None, n)
    if min(values) == max(values):
        return Summary(center, center, center, n)
    low, high = order_interval(sorted(values)) if n >= ORDER_STATISTICS_FROM else few(values)
    return Summary(center, min(low, center), max(high, center), n)  # min and max: against rounding only


def _log_t_interval(values: Sequence[float]) -> tuple[float, float]:
    low, high = _t_interval([math.log(value) for value in values])
    return _exp(low), _exp(high)


def _t_interval(values: Sequence[float]) -> tuple[float, float]:
    n = len(values)
    mean = math.fsum(values) / n
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    half = _T[n - 1] * deviation / math.sqrt(n)
    return mean - half, mean + half


def _exp(value: float) -> float:
    return math.exp(value) if value < 709 else math.inf
