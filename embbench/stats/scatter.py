"""How well levels and ratios of cases are known that a machine measured in the same visits.

log value = the case's level + what the machine was like during the visit + the rest. Few values of a case tell little
of how far the rest scatters, but all cases together tell what is usual: each case's variance is drawn towards that, by
as much as the cases agree (moderated variances: Smyth, Statistical Applications in Genetics and Molecular Biology 3
(2004) 3). What a visit did to all of its cases cancels in a ratio, and stays in a level; how much that is tells the
covariance of cases over the visits that they share. Both parts have their own degrees of freedom, which are put
together as Satterthwaite did (Biometrics Bulletin 2 (1946) 110-114).

A case of one value scatters as is usual, as far as anybody knows, and has an interval of that. None scatters less than
the samples behind its values say: where two of a second differ by half, their medians agree by luck.

The cases' own Student's t was rejected: three values give a factor of 4.3, where the scatter that ten cases share
gives about 2.2.
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np
from scipy import special

from embbench.stats.summary import CONFIDENCE

Bounds = tuple[float, float]
FEWEST = 2  # values of a case that tells how far it scatters
FEW = 5  # samples up to which each counts for its spread; of more, one that was disturbed does not
ROBUST = 0.37  # of the degrees of freedom, that a median absolute deviation has
NORMAL = 1.4826  # deviations, for normal ones, of one median absolute deviation
LENDS = 3  # such cases, from which on those of one value have an interval of what is usual
NEWTON = 50  # steps at most


class Scatter:
    """Of several cases. values: > 0, of each case by visit; a visit is what one pass over the cases measured. least: of
    each case, as `spread_of_samples` tells it; () where nobody knows.

    A case of fewer than FEWEST values tells nothing of the scatter; it has an interval where LENDS others tell.
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
        """Whether two cases or more say how far they scatter, so that there is a scatter to share."""
        return int((self._n >= FEWEST).sum()) > 1

    def level(self, case: int, more: Mapping[int, int] | None = None) -> Bounds | None:
        """The 95 % interval of the case's level. more: rounds beyond those there are, by case, were the scatter to stay
        as it is; each is a visit that no other case shares.
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
        # Drawn towards one value, the cases' variances err together: their errors add up, and not their squares.
        error = math.fsum(part / math.sqrt(known) for part, known in parts)
        total = rest + visits
        if total <= 0:
            return math.exp(mean), math.exp(mean)
        freedom = total**2 / (error**2 + visits**2 / max(1, self._visits))
        half = float(special.stdtrit(freedom, (1 + CONFIDENCE) / 2)) * math.sqrt(total)
        return _exp(mean - half), _exp(mean + half)

    def _rest(self, left: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Each case's variance without what the visits did to all, and its degrees of freedom. What a visit did is the
        mean of its cases, drawn towards 0 by as much as such a mean scatters anyway.
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
    """(variance of the logarithm of a round's median, at least, by how its samples spread; degrees of freedom), as the
    mean of the rounds; (0, 0) where no round has two samples. rounds: of one case, samples > 0 of each.
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
    """Variances drawn towards what is usual of them, with their degrees of freedom. freedom: of each variance; one of
    0 tells nothing, and becomes what is usual, of which as many are known as tell. What is usual, and how much the
    variances agree, is found from mean and variance of their logarithms (Smyth 2004, section 6.2). With fewer than
    FEWEST that tell all stay as they are.
    """
    telling = (freedom > 0) & (variances > 0)
    if telling.sum() < FEWEST:
        return variances, np.maximum(freedom, 1.0)
    half = freedom[telling] / 2
    logs = np.log(variances[telling]) - special.digamma(half) + np.log(half)
    mean = float(logs.mean())
    beyond = float(logs.var(ddof=1) - special.polygamma(1, half).mean())
    most = float(freedom[telling].sum())  # all cases together know no more
    prior = min(2 * _inverse_trigamma(beyond), most) if beyond > 0 else most
    usual = math.exp(mean + float(special.digamma(prior / 2)) - math.log(prior / 2))
    known = np.minimum(prior + freedom, np.where(freedom > 0, most, min(most, float(telling.sum()))))
    return (prior * usual + freedom * variances) / (prior + freedom), known


def _shared(left: np.ndarray, telling: np.ndarray) -> float:
    """The variance of what visits do to all of their cases: the mean product of two cases' deviations in one visit,
    over what it is for a variance of 1 where each case's own mean was taken off. 0 where that comes out below.

    With c(a, b) visits in common, that is c - c/n(a) - c/n(b) + c²/(n(a)·n(b)) for the pair, summed over all pairs
    without ever writing them down: thousands of cases make too many.
    """
    there = telling.astype(float)
    inverse = 1 / np.maximum(there.sum(axis=1), 1)
    cases = there.sum(axis=0)
    scaled = there * np.sqrt(inverse)[:, None]
    gram = scaled.T @ scaled if scaled.shape[0] > scaled.shape[1] else scaled @ scaled.T
    alone = np.maximum(there.sum(axis=1) - 1, 0).sum()  # of each case with itself
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
