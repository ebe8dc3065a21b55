"""Launches at equal chance: ratios without chance differences between processes, from counts per turn.

- Page faults. A heap may return memory to the system and allocate it again in the next step, depending on the blocks
  above it, which differ by chance. Between equal programs and between turns, a step of README's contender at 20k rows
  has none to 2,800 page faults, at 1.3 to 1.9 µs each. Most scatter of launches of equal programs comes from page
  faults, see "Did it become slower?" in suites/README.md.
- Waits for a CPU. Two threads of a step sometimes share a CPU while another CPU idles, and all threads wait for the
  slower thread: in a tenth of the turns for more than 2 % of a step. At equal waits as well, the cycles of a launch
  scatter by 2.4 to 2.8 % instead of 3.7 to 4.0 % (README's contender and PyTorch's sparse update, seven launches each).
  Threads that wait in most turns, without other programs, wait for each other, which is a cost of the program: launches
  of tf_function, which waits for 47 % of a step, scattered by 4.8 % without subtracting waits, and by 7.1 % at equal
  waits (twelve launches).

Where the counts of the sides are shown to differ, a side causes them: they are part of the change, and nothing is
subtracted. Where the counts only seem to differ, by more than the threshold, the sides are not called the same. Waits
beside other programs are not caused by a side: there the times as they are scatter by 30 to 39 % between launches, and
by 0.8 % at equal waits (the same two, beside a process that keeps one core busy half of the time, 31 launches each).
Seconds of CPU were rejected: they explain far more, but a slower program has more of them too.
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

KINDS = {"faults": "turn_faults", "waits": "turn_waits"}  # kind -> condition of a round with the counts
CERTAIN = 0.02  # p below which the sides are shown to differ
WORTH = 0.02  # of a step: least cost of the difference between the most and the fewest per turn
FEWEST = 2  # launches for the test
LONGEST = 0.1  # share of a launch's turns with the highest counts, which are left out
HEAVIEST = 0.1  # share of the slopes between turns that get equal weights
OWN = 0.02  # of a step: longer waits in most turns, without other programs, are the program's own
LEAST = 0.5  # of the fastest turn: least time that remains after the subtraction


class Equalized(msgspec.Struct, frozen=True):
    """lines: rounds with step times at equal page faults and waits. costs: kind of KINDS -> seconds per page fault, or
    per second waited; only kinds that were subtracted. shares: kind -> the drop in the logarithm of the ratio, the
    median over launches. unsure: the shares that a side may have caused.
    """

    lines: SideRounds
    costs: Mapping[str, float]
    shares: Mapping[str, float]
    unsure: Mapping[str, float]


def at_equal_chance(lines: SideRounds) -> Equalized | None:
    """The launches at equal chance. None where nothing is subtracted: a launch has no counts per turn, the counts cost
    little, or the counts of the sides are shown to differ.
    """
    costs: dict[str, float] = {}
    shares: dict[str, float] = {}
    counts = {kind: [[_counts(line, name) for line in side] for side in lines] for kind, name in KINDS.items()}
    waited = _usual_share(lines, counts["waits"])
    beside = beside_others(fmean(map(_others, itertools.chain(*lines))), waited)
    for kind, of_kind in counts.items():
        own = kind == "waits" and not beside and waited > OWN
        cost = 0.0 if own else _worth_taking_off(lines, of_kind)
        if cost:
            equal = _without_all(lines, of_kind, cost, grows=kind == "waits")
            costs[kind], shares[kind] = cost, _share(lines, equal)
            lines = equal
    unsure = {kind: share for kind, share in shares.items() if kind != "waits" or not beside}
    return Equalized(lines, costs, shares, unsure) if costs else None


def _others(line: Round) -> float:
    """CPUs that other programs used during the turns; 0 for a round without this condition. The system counts in ticks,
    so only the mean of several rounds is meaningful.
    """
    others = line.conditions.get("others")
    is_number = isinstance(others, int | float) and not isinstance(others, bool)
    return float(others) if is_number and 0 <= others < 1e9 else 0.0


def _usual_share(lines: SideRounds, counts: Sequence[PerTurn]) -> float:
    """The median over turns of the share of a step that threads waited."""
    shares = [
        each / whole
        for side, of_side in zip(lines, counts, strict=True)
        for line, found in zip(side, of_side, strict=True)
        for each, whole in zip(found, _seconds(line), strict=False)
        if whole > 0
    ]
    return median(shares) if shares else 0.0


def _worth_taking_off(lines: SideRounds, counts: Sequence[PerTurn]) -> float:
    """The cost of a page fault or of a second waited; 0 where nothing is subtracted."""
    if len(lines[0]) < FEWEST or not all(each for side in counts for each in side) or _differ(*counts):
        return 0.0
    cost = _cost(lines, counts)
    every = [each for side in counts for line in side for each in line]
    steps = median(value for line in lines[0] for value in _seconds(line))
    # The cost of a handful of page faults is noise.
    return cost if cost > 0 and cost * (max(every) - min(every)) >= WORTH * steps else 0.0


def _without_all(lines: SideRounds, counts: Sequence[PerTurn], cost: float, grows: bool) -> SideRounds:
    """The rounds at the usual count. grows: whether the count grows with the time of a step, as waits do; the usual
    count is then a share of the step's time.
    """
    usual = median(each for side in counts for line in side for each in line)
    bare = [
        median(
            of - cost * each
            for line, found in zip(side, of_side, strict=True)
            for of, each in zip(_seconds(line), found, strict=True)
        )
        for side, of_side in zip(lines, counts, strict=True)
    ]
    scales = [of / median(bare) if grows and min(bare) > 0 else 1.0 for of in bare]
    return [
        [_without(line, each, usual * scale, cost) for line, each in zip(side, found, strict=True)]
        for side, found, scale in zip(lines, counts, scales, strict=True)
    ]


def _share(lines: SideRounds, equal: SideRounds) -> float:
    """The difference of log(head / base) between `lines` and `equal`."""
    before, after = (
        [alternating_ratio(_seconds(base), _seconds(head)) for base, head in zip(*of, strict=True)]
        for of in (lines, equal)
    )
    return median(math.log(one / other) for one, other in zip(before, after, strict=True))


def _usual(side: PerTurn) -> list[float]:
    """The mean count of each launch, without its LONGEST turns."""
    kept = [sorted(each)[: len(each) - math.ceil(LONGEST * len(each))] for each in side]
    return [math.fsum(each) / len(each) for each in kept]


def _counts(line: Round, condition: str) -> tuple[float, ...]:
    """The count per step of every turn; () for a round without counts. A file from outside may hold anything there."""
    counts, values = line.conditions.get(condition), line.metrics["step_time"].values
    if not isinstance(counts, list) or len(counts) != len(values) or len(values) % 2:
        return ()
    good = all(isinstance(each, int | float) and not isinstance(each, bool) and 0 <= each < 1e9 for each in counts)
    return tuple(map(float, counts)) if good else ()


def _differ(base: PerTurn, head: PerTurn) -> bool:
    """Whether the counts of the sides are shown to differ, by Student's t on launches."""
    apart = [other - one for one, other in zip(_usual(base), _usual(head), strict=True)]
    if min(apart) == max(apart):
        return apart[0] != 0
    return bool(stats.ttest_1samp(apart, 0.0).pvalue < CERTAIN)


def _cost(lines: SideRounds, counts: Sequence[PerTurn]) -> float:
    """Seconds per page fault or per second waited: the weighted median of the slopes of step time between all turns of
    a process (Theil 1950, Sen 1968). The weight of a slope is the difference of the counts, because the many turns with
    nearly equal counts are noise. The HEAVIEST slopes get equal weights, so that a turn that waited for seconds does
    not decide alone. 0 where no counts differ.
    """
    slopes, weights = [np.zeros(0)], [np.zeros(0)]
    for side, found in zip(lines, counts, strict=True):
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


def _without(line: Round, counts: Sequence[float], usual: float, cost: float) -> Round:
    whole = line.metrics["step_time"]
    least = LEAST * min(whole.values)
    values = tuple(max(least, of - cost * (each - usual)) for of, each in zip(whole.values, counts, strict=True))
    return msgspec.structs.replace(
        line, metrics={**line.metrics, "step_time": msgspec.structs.replace(whole, values=values)}
    )
