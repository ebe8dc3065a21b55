"""What the launches of one case say so far, and whether more are needed. Pure: the same launches give the same answer.

All launches count, and they are looked at several times. Each look spends its share of alpha, so that looking often
does not mean more false alarms (alpha spending: Lan and DeMets, Biometrika 70 (1983) 659-663; in fixed shares it is
Bonferroni's rule). Most is left for the last look, which comes when the time is up, whatever the launches say: equal
shares would need two launches in ten more. A session that is gone on with looks a last time again, for a part of that;
all last looks together, however many, spend what was left for them.
Launches that look for a change and fresh ones that confirm it were rejected: the first three of some eight that a
minute holds told nothing then.

What scatters so much that even the last look would hardly decide it takes no more launches: it ends undecided, with
how many it would take.
"""

import math
from collections.abc import Sequence

import msgspec

from embbench.compare.comparison import Comparison
from embbench.compare.evidence import CompareOptions
from embbench.compare.match import Pair
from embbench.compare.outcome import compare
from embbench.results.collapse import collapse
from embbench.stats.power import launches_needed
from embbench.stats.spread import pooled_deviation
from embbench.store.round import Round

Launch = tuple[Round, Round]  # base, head

HOPELESS = 2  # launches in which a side failed, and never did not
LOOKS = {3: 0.03, 4: 0.03, 5: 0.04, 7: 0.06, 9: 0.06, 12: 0.08}  # launches -> share of alpha
LAST = 0.7  # share of alpha of all last looks
AGAIN = 0.2  # of what is left of it, the part that a last look leaves to those of later sessions
MOST = 18  # launches
TELLING = 5  # launches, from which on their scatter says how many more it takes
OPEN = frozenset({"noise", "few-rounds", "states", "faults", "waits"})  # reasons that more launches may remove


class NextStep(msgspec.Struct, frozen=True):
    """go_on: whether to make another launch; where not, `comparisons` are final."""

    go_on: bool
    comparisons: tuple[Comparison, ...] = ()


def last_share(resumed: int = 0) -> float:
    """Of alpha, what the last look of a session may spend. resumed: sessions before it that may have had theirs."""
    return LAST * (1 - AGAIN) * AGAIN**resumed


def consult(
    name: str, launches: Sequence[Launch], options: CompareOptions, family: int, last: bool = False, resumed: int = 0
) -> NextStep:
    """What to do after `launches` of one case. family: cases that are decided together. last: nothing more can be
    launched, so that the comparisons are as final as they get. resumed: see `last_share`.
    """
    last = last or len(launches) >= MOST
    if not last and len(launches) not in LOOKS and not _fails(launches):
        return NextStep(True)
    final = options.alpha * last_share(resumed) / family
    found = _compared(
        name, launches, options, final if last else options.alpha * LOOKS.get(len(launches), 0.0) / family
    )
    return NextStep(False, found) if last or _settled(found, final) else NextStep(True)


def _compared(name: str, launches: Sequence[Launch], options: CompareOptions, alpha: float) -> tuple[Comparison, ...]:
    """By launches as they are: none is chosen by its numbers."""
    sides = [collapse([launch[index] for launch in launches]) for index in (0, 1)]
    pair = Pair(name, tuple(sides[0]), tuple(sides[1]))
    return tuple(compare([pair], msgspec.structs.replace(options, alpha=alpha)))


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
    return all(needed is None or needed > MOST for needed in (changed, equal))
