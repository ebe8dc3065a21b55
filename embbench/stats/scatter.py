"""The uncertainty of levels and ratios of cases that a machine measured in the same visits.

log value = level of the case + effect of the visit + rest. A few values of a case determine its variance poorly, but
all cases together determine the usual variance. The variance of a case is therefore drawn towards the usual variance,
more strongly the more the cases agree (moderated variances: Smyth, Statistical Applications in Genetics and Molecular
Biology 3 (2004) 3). The effect of a visit cancels in a ratio and stays in a level; its size comes from the covariance
of cases over their common visits. Rest and visits have separate degrees of freedom, combined by Satterthwaite's formula
(Biometrics Bulletin 2 (1946) 110-114).

A case with a single value gets the usual variance, and an interval from it. No case scatters less than the samples
behind its values imply: where two samples of a second differ by half, equal medians are luck.

Student's t of a single case was rejected: three values give a factor of 4.3, where the shared scatter of ten cases
gives about 2.2.
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np
from scipy import special

from embbench.stats.summary import CONFIDENCE

Bounds = tuple[float, float]
FEWEST = 2  # values of a case from which its scatter can be estimated
FEW = 5  # samples; up to these the standard deviation is used, above them a spread that ignores a disturbed sample
ROBUST = 0.37  # degrees of freedom of a median absolute deviation, as a share of those of a standard deviation
NORMAL = 1.4826  # standard deviations per median absolute deviation, for normal values
LENDS = 3  # cases with a scatter from which a case of one value gets the usual variance
NEWTON = 50  # most steps


class Scatter:
    """Scatter of several cases. values: per case, visit -> value > 0; a visit is one pass over the cases. least: per
    case, the result of `spread_of_samples`; () where it is unknown.

    A case with fewer than FEWEST values does not contribute to the scatter. It has an interval if LENDS others
    contribute.
    """

    def __init__(self, values: Sequence[Mapping[Hashable, float]], least: Sequence[tuple[float, float]] = ()) -> None:
        visits = {visit: at for at, visit in enumerate(dict.fromkeys(each for case in values for each in case))}
        logs = np.zeros((len(values), len(visits)))
        self._seen = np.zeros(logs.shape, dtype=bool)
        for row, case in enumerate(values):
            for visit, value in case.items():
                logs[row, visits[visit]] = math.log(value)
                self._seen[row, visits[visit]] = True
        self._n = self._seen.sum(axis=1)
        self._means = logs.sum(axis=1) / np.maximum(self._n, 1)
        left = np.where(self._seen & (self._n >= FEWEST)[:, None], logs - self._means[:, None], 0.0)
        self._visit = _shared(left, self._seen & (self._n >= FEWEST)[:, None])
        self._visits = int((self._seen.sum(axis=0) >= FEWEST).sum()) - 1
        rest, freedom = self._rest(left)
        self._rest_variance, self._freedom = moderated(rest, freedom)
        for at, (variance, known) in enumerate(least):
            if known > 0 and variance > self._rest_variance[at]:
                self._rest_variance[at], self._freedom[at] = variance, min(known, self._freedom[at])
        self._known = self._n >= (1 if ((freedom > 0) & (rest > 0)).sum() >= LENDS else FEWEST)

    @property
    def tells(self) -> bool:
        """Whether two or more cases have an estimate of their scatter, so that there is a scatter to share."""
        return int((self._n >= FEWEST).sum()) > 1

    def level(self, case: int, more: Mapping[int, int] | None = None) -> Bounds | None:
        """The 95 % interval of the case's level. more: case -> further rounds, for the interval that they would give
        with the present scatter; no other case shares their visits.
        """
        if not self._known[case]:
            return None
        n = self._n[case] + (more or {}).get(case, 0)
        return self._bounds(self._means[case], self._visit / n, ((case, n),))

    def ratio(self, case: int, other: int, more: Mapping[int, int] | None = None) -> Bounds | None:
        """The 95 % interval of the case's level over the other's. more: see `level`."""
        if not (self._known[case] and self._known[other]):
            return None
        extra = [(more or {}).get(each, 0) for each in (case, other)]
        sizes = [self._n[each] + add for each, add in zip((case, other), extra, strict=True)]
        weights = self._seen[case] / sizes[0] - self._seen[other] / sizes[1]
        apart = float((weights**2).sum()) + sum(add / n**2 for add, n in zip(extra, sizes, strict=True))
        mean = self._means[case] - self._means[other]
        return self._bounds(mean, self._visit * apart, tuple(zip((case, other), sizes, strict=True)))

    def _bounds(self, mean: float, visits: float, cases: Sequence[tuple[int, int]]) -> Bounds:
        parts = [(self._rest_variance[case] / n, self._freedom[case]) for case, n in cases]
        rest = math.fsum(part for part, _ in parts)
        # All variances are drawn towards the same value, so their errors are correlated: errors add up, not their
        # squares.
        error = math.fsum(part / math.sqrt(known) for part, known in parts)
        total = rest + visits
        if total <= 0:
            return math.exp(mean), math.exp(mean)
        freedom = total**2 / (error**2 + visits**2 / max(1, self._visits))
        half = float(special.stdtrit(freedom, (1 + CONFIDENCE) / 2)) * math.sqrt(total)
        return _exp(mean - half), _exp(mean + half)

    def _rest(self, left: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Per case: the variance without the effects of visits, and its degrees of freedom. The effect of a visit is
        the mean of its cases, drawn towards 0 by as much as such a mean scatters by chance.
        """
        telling = self._seen & (self._n >= FEWEST)[:, None]
        count = np.maximum(telling.sum(axis=0), 1)
        spare = np.maximum(self._n - 1, 1)
        own = max((left**2).sum() / max((self._n[self._n >= FEWEST] - 1).sum(), 1) - self._visit, 0.0)
        drawn = self._visit / (self._visit + own / count) if self._visit > 0 else np.zeros(len(count))
        rest = np.where(telling, left - drawn * left.sum(axis=0) / count, 0.0)
        rest = np.where(telling, rest - (rest.sum(axis=1) / np.maximum(self._n, 1))[:, None], 0.0)
        taken = (telling * (drawn / count)).sum(axis=1) / np.maximum(self._n, 1)
        freedom = np.where(self._n >= FEWEST, spare * (1 - taken), 0.0)
        return np.divide((rest**2).sum(axis=1), freedom, out=np.zeros(len(freedom)), where=freedom > 0), freedom


def spread_of_samples(rounds: Iterable[Sequence[float]]) -> tuple[float, float]:
    """(least variance of the logarithm of a round's median, degrees of freedom), by the spread of the samples, as the
    mean over rounds; (0, 0) where no round has two samples. rounds: of one case, the samples > 0 of a round.
    """
    variances: list[float] = []
    freedom = 0.0
    for samples in rounds:
        logs = np.log(samples)
        if len(logs) < 2:
            continue
        spread = logs.std(ddof=1) if len(logs) <= FEW else NORMAL * np.median(np.abs(logs - np.median(logs)))
        variances.append(float(spread) ** 2 / len(logs))
        freedom += (len(logs) - 1) * (1.0 if len(logs) <= FEW else ROBUST)
    return (math.fsum(variances) / len(variances), freedom) if variances else (0.0, 0.0)


def moderated(variances: np.ndarray, freedom: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(variances drawn towards the usual variance, their degrees of freedom). freedom: of each variance. A variance
    with 0 degrees of freedom becomes the usual variance, with as many degrees of freedom as there are variances that
    contribute. The usual variance and the agreement of the variances come from mean and variance of their logarithms
    (Smyth 2004, section 6.2). With fewer than FEWEST contributing variances, all stay as they are.
    """
    telling = (freedom > 0) & (variances > 0)
    if telling.sum() < FEWEST:
        return variances, np.maximum(freedom, 1.0)
    half = freedom[telling] / 2
    logs = np.log(variances[telling]) - special.digamma(half) + np.log(half)
    mean = float(logs.mean())
    beyond = float(logs.var(ddof=1) - special.polygamma(1, half).mean())
    most = float(freedom[telling].sum())  # degrees of freedom of all cases together: an upper limit
    prior = min(2 * _inverse_trigamma(beyond), most) if beyond > 0 else most
    usual = math.exp(mean + float(special.digamma(prior / 2)) - math.log(prior / 2))
    known = np.minimum(prior + freedom, np.where(freedom > 0, most, min(most, float(telling.sum()))))
    return (prior * usual + freedom * variances) / (prior + freedom), known


def _shared(left: np.ndarray, telling: np.ndarray) -> float:
    """The variance of the effect of visits: the mean product of the deviations of two cases in one visit, divided by
    its expectation at a variance of 1, where each case's own mean was subtracted. 0 where the estimate is negative.

    With c(a, b) visits in common, the expectation is c - c/n(a) - c/n(b) + c²/(n(a)·n(b)) for a pair. The sum over all
    pairs is computed without listing them: thousands of cases have too many pairs.
    """
    there = telling.astype(float)
    inverse = 1 / np.maximum(there.sum(axis=1), 1)
    cases = there.sum(axis=0)
    scaled = there * np.sqrt(inverse)[:, None]
    gram = scaled.T @ scaled if scaled.shape[0] > scaled.shape[1] else scaled @ scaled.T
    alone = np.maximum(there.sum(axis=1) - 1, 0).sum()  # pairs of a case with itself
    expected = float((cases**2).sum() - 2 * (cases * (inverse @ there)).sum() + (gram**2).sum() - alone)
    products = float((left.sum(axis=0) ** 2 - (left**2).sum(axis=0)).sum())
    return max(0.0, products / expected) if expected > 1e-9 else 0.0


def _inverse_trigamma(value: float) -> float:
    """x > 0 with trigamma(x) = value > 0, by Newton's steps on 1 / trigamma, which is convex (Smyth 2004, appendix)."""
    x = 0.5 + 1 / value
    for _ in range(NEWTON):
        now = float(special.polygamma(1, x))
        step = now * (1 - now / value) / float(special.polygamma(2, x))
        x += step
        if -step / x < 1e-8:
            break
    return x


def _exp(value: float) -> float:
    return math.exp(value) if value < 709 else math.inf
