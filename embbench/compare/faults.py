"""Launches at equal page faults: a state of the two processes that no code of theirs decides.

Whether a heap hands memory back to the system and asks for it anew in the next step hangs on what lies above it by
chance. Between equal programs and from one turn to the next, a step of README's contender at 20k rows has none to 2,800
page faults, at 1.3 to 1.6 µs each. That is most of what launches of equal programs scatter by, see "Did it become
slower?" in the README.

Where the sides are shown to differ in their page faults, one of them causes more: then that is part of the change, and
nothing is taken off. Where they only seem to, by more than the threshold, they are not called the same.
"""

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from scipy import stats

from embbench.stats.summary import median
from embbench.store.round import Round

Lines = Sequence[Sequence[Round]]  # of base and of head, in the order of the launches
Told = Sequence[Sequence[float]]  # page faults per step of a side, by launch and turn

CERTAIN = 0.02  # p below which the sides' page faults differ
WORTH = 0.02  # of a step, which the most page faults of a turn must take more than the fewest
FEWEST = 2  # launches that tell whether they do


class Equalized(msgspec.Struct, frozen=True):
    """lines: whose step_time is what it were with the page faults of all others. cost: seconds of a page fault. share:
    log(head / base) by the page faults that were taken off.
    """

    lines: Lines
    cost: float
    share: float


def at_equal_faults(lines: Lines) -> Equalized | None:
    """None where a launch does not tell its page faults turn by turn, where they make no difference
    that is worth a word, or where the sides are shown to differ in them.
    """
    told = [[_faults(line) for line in side] for side in lines]
    if len(lines[0]) < FEWEST or not all(each for side in told for each in side) or _differ(*told):
        return None
    cost = _cost(lines, told)
    if cost <= 0:
        return None
    every = [each for side in told for faults in side for each in faults]
    usual = median(every)
    steps = median(value for line in lines[0] for value in _seconds(line))
    if cost * (max(every) - min(every)) < WORTH * steps:
        return None  # a handful of page faults tells no cost: what they seem to cost is noise
    equal = [
        [_without(line, faults, usual, cost) for line, faults in zip(side, found, strict=True)]
        for side, found in zip(lines, told, strict=True)
    ]
    whole = all(value > 0 for side in equal for line in side for value in line.metrics["step_time"].values)
    if not whole:
        return None
    return Equalized(equal, cost, math.log1p(max(cost * _apart(*told) / steps, -0.5)))


def _apart(base: Told, head: Told) -> float:
    """Page faults per step of head less those of base, over all turns."""
    return math.fsum(_means(head)) / len(head) - math.fsum(_means(base)) / len(base)


def _means(side: Told) -> list[float]:
    return [math.fsum(each) / len(each) for each in side]


def _faults(line: Round) -> tuple[float, ...]:
    """Per step, a value a turn; () where the round does not tell. A file of others may hold anything there."""
    told, values = line.conditions.get("turn_faults"), line.metrics["step_time"].values
    if not isinstance(told, list) or len(told) != len(values) or len(values) % 2:
        return ()
    good = all(isinstance(each, int | float) and not isinstance(each, bool) and 0 <= each < 1e9 for each in told)
    return tuple(map(float, told)) if good else ()


def _differ(base: Told, head: Told) -> bool:
    """Whether one side's page faults are more than the other's beyond what chance does, by Student's t on launches."""
    apart = [other - one for one, other in zip(_means(base), _means(head), strict=True)]
    if min(apart) == max(apart):
        return apart[0] != 0
    return bool(stats.ttest_1samp(apart, 0.0).pvalue < CERTAIN)


def _cost(lines: Lines, told: Sequence[Told]) -> float:
    """Seconds of a page fault: by how much longer a step takes in one turn of a process than in another with fewer of
    them, by the median of the slopes between all such turns (Theil 1950, Sen 1968), each weighing as much as the page
    faults differ: without weights the many that hardly differ outvote those that tell. 0 where they differ in none.
    """
    slopes, weights = [np.zeros(0)], [np.zeros(0)]
    for side, found in zip(lines, told, strict=True):
        for line, faults in zip(side, found, strict=True):
            one, other = np.triu_indices(len(faults), 1)
            more, longer = (np.asarray(each)[other] - np.asarray(each)[one] for each in (faults, _seconds(line)))
            slopes.append(longer[more != 0] / more[more != 0])
            weights.append(abs(more[more != 0]))
    every, weight = np.concatenate(slopes), np.concatenate(weights)
    if not len(every):
        return 0.0
    order = np.argsort(every)
    reached = np.cumsum(weight[order])
    return float(every[order][np.searchsorted(reached, reached[-1] / 2)])


def _seconds(line: Round) -> tuple[float, ...]:
    return line.metrics["step_time"].values


def _without(line: Round, faults: Sequence[float], usual: float, cost: float) -> Round:
    whole = line.metrics["step_time"]
    values = tuple(seconds - cost * (each - usual) for seconds, each in zip(whole.values, faults, strict=True))
    return msgspec.structs.replace(
        line, metrics={**line.metrics, "step_time": msgspec.structs.replace(whole, values=values)}
    )
