"""A scatter that several groups of values share, with its interval."""

import math
from collections.abc import Iterable

from scipy import stats

from embbench.stats.summary import CONFIDENCE, Summary


def pooled_deviation(groups: Iterable[tuple[float, int]], confidence: float = CONFIDENCE) -> Summary | None:
    """The standard deviation of a single value, from (standard deviation, number of values) of groups whose levels may
    differ. The interval is that of chi-squared (Cochran, Proceedings of the Cambridge Philosophical Society 30 (1934)
    178-191). n: degrees of freedom. None where no group has two values.
    """
    told = [(deviation, n - 1) for deviation, n in groups if n > 1]
    freedom = sum(n for _, n in told)
    if not freedom:
        return None
    total = math.fsum(deviation**2 * n for deviation, n in told)
    low, high = (total / float(stats.chi2.ppf(p, freedom)) for p in ((1 + confidence) / 2, (1 - confidence) / 2))
    return Summary(math.sqrt(total / freedom), math.sqrt(low), math.sqrt(high), freedom)
