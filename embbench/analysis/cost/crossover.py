"""The share of touched rows from which another update of the same table is faster."""

from collections.abc import Sequence

import msgspec

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Measures
from embbench.cases.case import AXES
from embbench.stats.effects import separates

CROSSED = ("vocab", "batch", "seq", "tokens")  # axes that change the share, and no other part of the work


class Crossover(msgspec.Struct, frozen=True):
    """An update against the explained update. faster, slower: the smallest and the largest share U/V at which the
    update is shown to be faster or slower; None for no share. cases: number of compared cases.
    """

    update: str
    faster: tuple[float, float] | None
    slower: tuple[float, float] | None
    cases: int


def crossovers(result: Result, results: Sequence[Result], measures: Measures) -> list[Crossover]:
    """A Crossover per other update of the same contender and table with two shares or more."""
    others = [axis for axis in AXES if axis not in (*CROSSED, "update")]
    alike = [
        each
        for each in filter(measures.is_timed, results)
        if each.machine == result.machine and all(getattr(each.case, n) == getattr(result.case, n) for n in others)
    ]
    mine = {_place(each): each for each in alike if each.case.update == result.case.update}
    found = []
    for update in dict.fromkeys(each.case.update for each in alike if each.case.update != result.case.update):
        pairs = [(each, mine[_place(each)]) for each in alike if each.case.update == update and _place(each) in mine]
        answers = [(share, _faster(each, own, measures)) for each, own in pairs if (share := _share(own, measures))]
        if len({share for share, _ in answers}) > 1:
            wins, losses = (_ends([share for share, faster in answers if faster is wanted]) for wanted in (True, False))
            found.append(Crossover(update, wins, losses, len(answers)))
    return found


def _ends(shares: list[float]) -> tuple[float, float] | None:
    return (min(shares), max(shares)) if shares else None


def _place(result: Result) -> tuple[object, ...]:
    return (result.software, *(getattr(result.case, axis) for axis in CROSSED))


def _share(result: Result, measures: Measures) -> float | None:
    stream = measures.stream(result)
    return None if stream is None else stream[0] / result.case.vocab


def _faster(one: Result, other: Result, measures: Measures) -> bool | None:
    """Whether `one` is faster than `other`; None where the rounds do not show a difference."""
    times = measures.ratio(other, one, "step_time")
    if times is None or separates(times, 1.0) is not True:
        return None
    return times.center > 1
