"""A counted share with its interval."""

from scipy import stats

from embbench.stats.summary import CONFIDENCE, Summary


def proportion(count: int, n: int, confidence: float = CONFIDENCE) -> Summary:
    """count / n with its exact interval (Clopper and Pearson, Biometrika 26 (1934) 404-413). Raises ValueError unless
    0 <= count <= n and n > 0.
    """
    found = stats.binomtest(count, n)
    interval = found.proportion_ci(confidence, method="exact")
    return Summary(count / n, float(interval.low), float(interval.high), n)
