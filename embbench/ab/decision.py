"""Decides about the launches of one case, and whether more launches are needed. Pure: equal launches, equal result.

All launches count, and several looks at them are made. Each look spends a share of alpha, so that many looks do not
cause more false alarms (alpha spending: Lan and DeMets, Biometrika 70 (1983) 659-663; with fixed shares it is the
Bonferroni correction). The last look, when the time is up, gets most of alpha: equal shares would need two more
launches in ten. A resumed session makes another last look, for a part of that share; all last looks together spend the
share once. Launches that search for a change and fresh launches that confirm it were rejected: then the first three of
the eight launches of a minute would not count.

If results scatter so much that even the last look would hardly decide, no more launches are made: the case ends
undecided, with the number of launches that it would need.
"""

import math
from collections.abc import Sequence

import msgspec

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.compare.comparison import Comparison
from embbench.analysis.compare.evidence import CompareOptions
from embbench.analysis.compare.match import Pair
from embbench.analysis.compare.outcome import compare
from embbench.stats.power import launches_needed
from embbench.stats.spread import pooled_deviation
from embbench.store.round import Round

Launch = tuple[Round, Round]  # base, head

HOPELESS = 2  # launches after which a side that always failed is given up
LOOKS = {3: 0.03, 4: 0.03, 5: 0.04, 7: 0.06, 9: 0.06, 12: 0.08}  # launches -> share of alpha
LAST = 0.7  # share of alpha of all last looks
AGAIN = 0.2  # share of the rest that a last look leaves to later sessions
MOST = 18  # largest number of launches
TELLING = 5  # launches from which on their scatter predicts the number of needed launches
OPEN = frozenset({"noise", "few-rounds", "states", "faults", "waits"})  # reasons that more launches may remove


class NextStep(msgspec.Struct, frozen=True):
    """go_on: whether to make another launch. If not, `comparisons` are final."""

    go_on: bool
    comparisons: tuple[Comparison, ...] = ()


def last_share(resumed: int = 0) -> float:
    """Share of alpha that the last look of a session may spend. resumed: earlier sessions that may have made one."""
    return LAST * (1 - AGAIN) * AGAIN**resumed


def consult(
    name: str, launches: Sequence[Launch], options: CompareOptions, family: int, last: bool = False, resumed: int = 0
) -> NextStep:
    """The next step after `launches` of one case. family: number of cases that are decided together. last: no further
    launch is possible, so the comparisons are final. resumed: see `last_share`.
    """
    last = last or len(launches) >= MOST
    if not last and len(launches) not in LOOKS and not _fails(launches):
        return NextStep(True)
    final = options.alpha * last_share(resumed) / family
    found = _compared(
        name, launches, options, final if last else options.alpha * LOOKS.get(len(launches), 0.0) / family
    )
    return NextStep(False, found) if last or _decided(found, final) else NextStep(True)


def _compared(name: str, launches: Sequence[Launch], options: CompareOptions, alpha: float) -> tuple[Comparison, ...]:
    """Compares all launches: no launch is selected by its numbers."""
    sides = [collapse([launch[index] for launch in launches]) for index in (0, 1)]
    pair = Pair(name, tuple(sides[0]), tuple(sides[1]))
    return tuple(compare([pair], msgspec.structs.replace(options, alpha=alpha)))


def _fails(launches: Sequence[Launch]) -> bool:
    """Whether a side has failed in every launch, at least HOPELESS times: further launches would fail too."""
    return len(launches) >= HOPELESS and any(
        all(launch[index].status != "ok" for launch in launches) for index in (0, 1)
    )


def _decided(found: Sequence[Comparison], alpha: float) -> bool:
    return all(each.reason not in OPEN or _out_of_reach(each, alpha) for each in found)


def _out_of_reach(each: Comparison, alpha: float) -> bool:
    """Whether the last look, at `alpha`, would detect neither a change of the present size nor its absence."""
    if each.evidence is None or each.ratio is None or each.ratio.n < TELLING:
        return False
    scatter = pooled_deviation([(each.evidence.deviation, each.ratio.n)])
    if scatter is None or scatter.low is None:
        return False
    share, seen = alpha / each.evidence.family, abs(math.log(each.ratio.center))
    changed = launches_needed(math.expm1(seen), each.threshold, scatter.low, share)
    equal = launches_needed(each.threshold, 0.0, scatter.low, share)
    return all(needed is None or needed > MOST for needed in (changed, equal))
