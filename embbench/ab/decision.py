"""What the launches of one case say so far, and whether more are needed. Pure: the same launches give the same answer.

All launches count, and they are looked at LOOKS times. Each look spends its share of alpha, so that looking often does
not mean more false alarms (alpha spending: Lan and DeMets, Biometrika 70 (1983) 659-663; in fixed shares it is
Bonferroni's rule). A session that was out of time and is gone on with looks once more than that. Launches that look for
a change and fresh ones that confirm it were rejected: the first three of some eight that a minute holds told nothing
then, which the shares of alpha make unnecessary.

What scatters so much that even the last look would hardly decide it takes no more launches: it ends undecided, with
how many it would take.
"""

import math
from collections.abc import Sequence

import msgspec

from embbench.compare.comparison import Comparison
from embbench.compare.judge import Terms
from embbench.compare.match import Pair
from embbench.compare.outcome import compare
from embbench.results.collapse import collapse
from embbench.stats.power import launches_needed
from embbench.stats.spread import pooled_deviation
from embbench.store.round import Round

Launch = tuple[Round, Round]  # base, head

HOPELESS = 2  # launches in which a side failed, and never did not
LOOKS = {3: 0.05, 4: 0.1, 5: 0.15, 7: 0.2, 9: 0.2, 12: 0.15, 18: 0.15}  # launches -> share of alpha
TELLING = 5  # launches, from which on their scatter says how many more it takes
OPEN = frozenset({"noise", "few-rounds", "states"})  # reasons that more launches may remove


class Step(msgspec.Struct, frozen=True):
    """go_on: whether to make another launch; where not, `comparisons` are final."""

    go_on: bool
    comparisons: tuple[Comparison, ...] = ()


def consult(name: str, launches: Sequence[Launch], terms: Terms, family: int, last: bool = False) -> Step:
    """What to do after `launches` of one case. family: cases that are decided together. last: nothing more can be
    launched, so that the comparisons are as final as they get.
    """
    look = next((count for count in LOOKS if count >= len(launches)), max(LOOKS))
    if len(launches) != look and not last and not _fails(launches):
        return Step(True)
    found = _compared(name, launches, terms, terms.alpha * LOOKS[look] / family)
    done = last or _settled(found, terms.alpha * LOOKS[max(LOOKS)] / family) or len(launches) >= max(LOOKS)
    return Step(False, found) if done else Step(True)


def _compared(name: str, launches: Sequence[Launch], terms: Terms, alpha: float) -> tuple[Comparison, ...]:
    """By launches as they are: none is chosen by its numbers."""
    sides = [collapse([launch[index] for launch in launches]) for index in (0, 1)]
    pair = Pair(name, tuple(sides[0]), tuple(sides[1]))
    return tuple(compare([pair], msgspec.structs.replace(terms, alpha=alpha)))


def _fails(launches: Sequence[Launch]) -> bool:
    """Whether a side has failed in each of two launches or more: the others would fail too."""
    return len(launches) >= HOPELESS and any(
        all(launch[index].status != "ok" for launch in launches) for index in (0, 1)
    )


def _settled(found: Sequence[Comparison], alpha: float) -> bool:
    return all(each.reason not in OPEN or _out_of_reach(each, alpha) for each in found)


def _out_of_reach(each: Comparison, alpha: float) -> bool:
    """Whether the last look, at `alpha`, would hardly show a change as large as it seems, nor that there is none."""
    if each.evidence is None or each.ratio is None or each.ratio.n < TELLING:
        return False
    scatter = pooled_deviation([(each.evidence.deviation, each.ratio.n)])
    if scatter is None or scatter.low is None:
        return False
    share, seen = alpha / each.evidence.family, abs(math.log(each.ratio.center))
    changed = launches_needed(math.expm1(seen), each.threshold, scatter.low, share)
    equal = launches_needed(each.threshold, 0.0, scatter.low, share)
    return all(needed is None or needed > max(LOOKS) for needed in (changed, equal))
