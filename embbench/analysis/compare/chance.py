"""Launches at equal chance: what differs between two processes by no code of theirs, as each turn tells it.

- Page faults. Whether a heap hands memory back to the system and asks for it anew in the next step hangs on what lies
  above it by chance. Between equal programs and from one turn to the next, a step of README's contender at 20k rows has
  none to 2,800 page faults, at 1.3 to 1.9 µs each. That is most of what launches of equal programs scatter by, see "Did
  it become slower?" in suites/README.md.
- Waits for a CPU. Two threads of a step share a CPU now and then while another one idles, and all wait for the slower:
  in one turn of ten for more than 2 % of a step. At equal waits as well, the cycles of a launch scatter by 2.4 to 2.8 %
  in place of 3.7 to 4.0 % (README's contender and PyTorch's sparse update, seven launches each). Where threads wait in
  most turns, and beside no other program, they wait for each other, and that is the program's own: launches of
  tf_function, which waits for 47 % of a step, scattered by 4.8 % without that, and by 7.1 % at equal waits (twelve).

Where the sides are shown to differ in them, one of them causes more: then that is part of the change, and nothing is
taken off. Where they only seem to, by more than the threshold, they are not called the same. But waits beside other
programs are no side's doing: there the times as they are scatter by 30 to 39 % between launches, and by 0.8 % at equal
waits (the same two, beside a process that keeps one core busy half of the time, 31 launches each). Seconds of CPU were
rejected: they explain far more, but a slower program has more of them too.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from statistics import fmean

import msgspec
import numpy as np
from scipy import stats

from embbench.cases.disturbance import beside_others
from embbench.stats.effects import alternating_ratio
from embbench.stats.summary import median
from embbench.store.round import Round

SideRounds = Sequence[Sequence[Round]]  # of base and of head, in the order of the launches
PerTurn = Sequence[Sequence[float]]  # of a side, by launch and turn: page faults or seconds waited, per step

KINDS = {"faults": "turn_faults", "waits": "turn_waits"}  # and among which condition a round tells it
CERTAIN = 0.02  # p below which the sides differ
WORTH = 0.02  # of a step, which the most of a turn must take more than the fewest
FEWEST = 2  # launches that tell whether they do
LONGEST = 0.1  # of a launch's turns, with the most of it, that do not say how much its side has: moments, no cause
HEAVIEST = 0.1  # of the slopes between turns, which weigh alike
OWN = 0.02  # of a step, that threads wait in most turns: beside no other program they wait for each other
LEAST = 0.5  # of the fastest turn, below which what is taken off leaves none


class Equalized(msgspec.Struct, frozen=True):
    """lines: whose step_time is what it were with the page faults and waits of all others. costs: seconds of a page
    fault, and of a second waited, by KINDS; what was not taken off is not there. shares: likewise, by how much the
    logarithm of the ratio was larger before, the median over launches. unsure: of these, what a side may have caused.
    """

    lines: SideRounds
    costs: Mapping[str, float]
    shares: Mapping[str, float]
    unsure: Mapping[str, float]


def at_equal_chance(lines: SideRounds) -> Equalized | None:
    """None where nothing is taken off: where a launch does not tell it turn by turn, where it makes no difference that
    is worth a word, or where the sides are shown to differ in it.
    """
    costs: dict[str, float] = {}
    shares: dict[str, float] = {}
    told = {kind: [[_told(line, name) for line in side] for side in lines] for kind, name in KINDS.items()}
    waited = _usual_share(lines, told["waits"])
    beside = beside_others(fmean(map(_others, itertools.chain(*lines))), waited)
    for kind, of_kind in told.items():
        own = kind == "waits" and not beside and waited > OWN
        cost = 0.0 if own else _worth_taking_off(lines, of_kind)
        if cost:
            equal = _without_all(lines, of_kind, cost, grows=kind == "waits")
            costs[kind], shares[kind] = cost, _share(lines, equal)
            lines = equal
    unsure = {kind: share for kind, share in shares.items() if kind != "waits" or not beside}
    return Equalized(lines, costs, shares, unsure) if costs else None


def _others(line: Round) -> float:
    """Of one CPU, what other programs used in its turns; 0 where the round does not tell. The system counts in ticks,
    so that only the mean of several rounds says something.
    """
    told = line.conditions.get("others")
    is_number = isinstance(told, int | float) and not isinstance(told, bool)
    return float(told) if is_number and 0 <= told < 1e9 else 0.0


def _usual_share(lines: SideRounds, told: Sequence[PerTurn]) -> float:
    """Of a step, what half of the turns have less of: seconds waited."""
    shares = [
        each / whole
        for side, counts in zip(lines, told, strict=True)
        for line, found in zip(side, counts, strict=True)
        for each, whole in zip(found, _seconds(line), strict=False)
        if whole > 0
    ]
    return median(shares) if shares else 0.0


def _worth_taking_off(lines: SideRounds, told: Sequence[PerTurn]) -> float:
    """The cost of each; 0 where nothing is to be taken off."""
    if len(lines[0]) < FEWEST or not all(each for side in told for each in side) or _differ(*told):
        return 0.0
    cost = _cost(lines, told)
    every = [each for side in told for line in side for each in line]
    steps = median(value for line in lines[0] for value in _seconds(line))
    # A handful of page faults tells no cost: what they seem to cost is noise.
    return cost if cost > 0 and cost * (max(every) - min(every)) >= WORTH * steps else 0.0


def _without_all(lines: SideRounds, told: Sequence[PerTurn], cost: float, grows: bool) -> SideRounds:
    """With as many as is usual. grows: whether a program whose steps take longer has more by that alone, as of waits:
    then usual is a share of what its own steps take without.
    """
    usual = median(each for side in told for line in side for each in line)
    bare = [
        median(
            of - cost * each
            for line, found in zip(side, counts, strict=True)
            for of, each in zip(_seconds(line), found, strict=True)
        )
        for side, counts in zip(lines, told, strict=True)
    ]
    scales = [of / median(bare) if grows and min(bare) > 0 else 1.0 for of in bare]
    return [
        [_without(line, each, usual * scale, cost) for line, each in zip(side, found, strict=True)]
        for side, found, scale in zip(lines, told, scales, strict=True)
    ]


def _share(lines: SideRounds, equal: SideRounds) -> float:
    """By how much log(head / base) is larger in `lines`."""
    before, after = (
        [alternating_ratio(_seconds(base), _seconds(head)) for base, head in zip(*of, strict=True)]
        for of in (lines, equal)
    )
    return median(math.log(one / other) for one, other in zip(before, after, strict=True))


def _usual(side: PerTurn) -> list[float]:
    """What each launch has, without its LONGEST turns: the mean."""
    kept = [sorted(each)[: len(each) - math.ceil(LONGEST * len(each))] for each in side]
    return [math.fsum(each) / len(each) for each in kept]


def _told(line: Round, condition: str) -> tuple[float, ...]:
    """Per step, a value a turn; () where the round does not tell. A file of others may hold anything there."""
    told, values = line.conditions.get(condition), line.metrics["step_time"].values
    if not isinstance(told, list) or len(told) != len(values) or len(values) % 2:
        return ()
    good = all(isinstance(each, int | float) and not isinstance(each, bool) and 0 <= each < 1e9 for each in told)
    return tuple(map(float, told)) if good else ()


def _differ(base: PerTurn, head: PerTurn) -> bool:
    """Whether one side has more than the other beyond what chance does, by Student's t on launches."""
    apart = [other - one for one, other in zip(_usual(base), _usual(head), strict=True)]
    if min(apart) == max(apart):
        return apart[0] != 0
    return bool(stats.ttest_1samp(apart, 0.0).pvalue < CERTAIN)


def _cost(lines: SideRounds, told: Sequence[PerTurn]) -> float:
    """Seconds of each: by how much longer a step takes in one turn of a process than in another with fewer of them, by
    the median of the slopes between all such turns (Theil 1950, Sen 1968), each weighing as much as the two differ:
    without weights the many that hardly differ outvote those that tell. No slope weighs more than HEAVIEST do, or one
    turn that waited for seconds would decide alone. 0 where they differ in none.
    """
    slopes, weights = [np.zeros(0)], [np.zeros(0)]
    for side, found in zip(lines, told, strict=True):
        for line, each in zip(side, found, strict=True):
            one, other = np.triu_indices(len(each), 1)
            more, longer = (np.asarray(of)[other] - np.asarray(of)[one] for of in (each, _seconds(line)))
            slopes.append(longer[more != 0] / more[more != 0])
            weights.append(abs(more[more != 0]))
    every, weight = np.concatenate(slopes), np.concatenate(weights)
    if not len(every):
        return 0.0
    order = np.argsort(every)
    reached = np.cumsum(np.minimum(weight, np.quantile(weight, 1 - HEAVIEST))[order])
    return float(every[order][np.searchsorted(reached, reached[-1] / 2)])


def _seconds(line: Round) -> tuple[float, ...]:
    return line.metrics["step_time"].values


def _without(line: Round, told: Sequence[float], usual: float, cost: float) -> Round:
    whole = line.metrics["step_time"]
    least = LEAST * min(whole.values)
    values = tuple(max(least, of - cost * (each - usual)) for of, each in zip(whole.values, told, strict=True))
    return msgspec.structs.replace(
        line, metrics={**line.metrics, "step_time": msgspec.structs.replace(whole, values=values)}
    )
