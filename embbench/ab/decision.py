"""What the launches of one case say so far, and what to do next. Pure: the same launches give the same answer.

Screening looks for a reason to doubt that both sides are the same; what it shows is not believed, since it was looked
for. Fresh launches then confirm it or do not: theirs are the only ones that a verdict rests on. They are looked at
LOOKS times, and each look spends its share of alpha, so that looking often does not mean more false alarms (alpha
spending: Lan and DeMets, Biometrika 70 (1983) 659-663; in fixed shares it is Bonferroni's rule). A session that was
out of time and is gone on with looks once more than that.

What scatters so much that even the last look would hardly decide it takes no more launches: it ends undecided, with
how many it would take.
"""

import math
from collections.abc import Sequence
from typing import Literal

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
Stage = Literal["screen", "confirm"]

SCREENED = (3, 8)  # launches: the fewest, and the most without a doubt
DOUBT = 0.25  # p of 'not worse' or 'not better' below which a case goes on to confirmation
HOPELESS = 2  # launches in which a side failed, and never did not
LOOKS = {3: 0.1, 4: 0.1, 6: 0.2, 9: 0.2, 13: 0.2, 18: 0.2}  # confirming launches -> share of alpha
TELLING = 5  # launches, from which on their scatter says how many more it takes
OPEN = frozenset({"noise", "few-rounds", "states"})  # reasons that more launches may remove


class Step(msgspec.Struct, frozen=True):
    """next: the stage to make another launch for; None where `comparisons` are final."""

    next: Stage | None
    comparisons: tuple[Comparison, ...] = ()


def stage(round_: Round) -> Stage:
    """That the round's launch was made for."""
    return "confirm" if round_.launch.endswith("/confirm") else "screen"


def consult(name: str, launches: Sequence[Launch], terms: Terms, family: int, last: bool = False) -> Step:
    """What to do after `launches` of one case. family: cases that are decided together. last: nothing more can be
    launched, so that the comparisons are as final as they get.
    """
    screened, confirmed = (
        [launch for launch in launches if stage(launch[0]) == wanted] for wanted in ("screen", "confirm")
    )
    if confirmed:
        return _confirmation(name, confirmed, terms, family, last)
    if len(screened) < SCREENED[0] and not last and not _fails(screened):
        return Step("screen")
    looks = SCREENED[1] - SCREENED[0] + 1
    found = _compared(name, screened, terms, terms.alpha / family / looks)
    final = terms.alpha * LOOKS[max(LOOKS)] / family
    if _settled(found, final) and all(each.reason != "shown" for each in found):
        return Step(None, found)
    if last:
        return Step(None, tuple(map(_unconfirmed, found)))
    if len(screened) >= SCREENED[1] or any(_doubtful(each, final) for each in found):
        return Step("confirm")
    return Step("screen")


def _confirmation(name: str, confirmed: Sequence[Launch], terms: Terms, family: int, last: bool) -> Step:
    ends = [count for count in LOOKS if count >= len(confirmed)]
    look = ends[0] if ends else max(LOOKS)
    if len(confirmed) != look and not last:
        return Step("confirm")
    found = _compared(name, confirmed, terms, terms.alpha * LOOKS[look] / family)
    done = last or _settled(found, terms.alpha * LOOKS[max(LOOKS)] / family) or len(confirmed) >= max(LOOKS)
    return Step(None, found) if done else Step("confirm")


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


def _doubtful(each: Comparison, alpha: float) -> bool:
    if _out_of_reach(each, alpha):
        return False
    if each.evidence is None:
        return each.reason in OPEN
    return min(each.evidence.worse, each.evidence.better) < DOUBT


def _unconfirmed(each: Comparison) -> Comparison:
    """A change that only the screening shows."""
    if each.reason != "shown":
        return each
    note = "give it more time: --budget"
    return msgspec.structs.replace(each, verdict="inconclusive", reason="not-confirmed", note=note)
