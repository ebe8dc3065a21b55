"""Predictions of memory and traffic for tables and numbers of ranks that were not measured: arithmetic, held to the
measured cases of the same way.

Cases on a GPU have no prediction: their bytes cross links that no socket counts. For time see `rank_time`.
"""

import math
from collections.abc import Callable, Sequence

import msgspec

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.lacks import Measure
from embbench.analysis.cost.rank_lacks import (
    LeastLack,
    NoRanks,
    NoSharedBatch,
    OneCaseOfRanks,
    OneMemory,
    RankLack,
    RanksOnGpu,
    SeveralMachines,
    SingleProcess,
    UnevenRanks,
    WholeInEach,
)
from embbench.analysis.cost.rank_time import PredictedTime, predict_time
from embbench.cases.case import AXES, Case
from embbench.cases.update_path import IN_PARTS, Path, copies_in
from embbench.stats.summary import Summary, median
from embbench.workloads._footprint import footprint, sent_bytes

SIZES_OF_RANKS = ("vocab", "dim", "batch", "seq", "ranks")  # axes along which arithmetic predicts
LEAST = 0.01  # relative half width at what was measured: the heap of two processes differs by so much
WIDER = 0.5  # of the half width at the measured cases, for each doubling of a size beyond them
LEAST_SIZES, SMALLEST = 3, 100_000  # vocabularies to measure for a time, and the smallest where none was measured


class PredictedRanks(msgspec.Struct, frozen=True):
    """bytes: peak of the process with the most: a rank, or all ranks that are devices of one process. sent: bytes of a
    step, of the rank that sends most. off: the largest relative error of the peaks of the measured cases, each
    predicted from the others. measured: number of those cases. time: with each rank on a machine of its own. None where
    nothing supports the number; lack says why, and measure what would support it.
    """

    case: Case
    bytes: Summary | None
    sent: Summary | None
    off: float | None
    measured: int
    time: PredictedTime | None = None
    lack: RankLack | None = None
    measure: Measure | None = None


def predict_ranks(
    case: Case, results: Sequence[Result], measures: Measures, link: float | None = None
) -> PredictedRanks:
    """From the results that differ from the case in SIZES_OF_RANKS and the seed only. link: bytes per second that a
    rank sends to others; None for the rate of the measured ranks.
    """
    known = [each for each in results if each.audited and _way(each.case) == _way(case)]
    way = [each for each in known if _path(each) is not None]
    shared = [each for each in way if each.case.ranks > 1]
    more = _to_measure(case, known)
    if lack := _lacking(case, way):
        return PredictedRanks(case, None, None, None, len(shared), lack=lack, measure=more)
    size, sent = _size(case, way, measures), _held(case, shared, _sent, "sent_bytes", measures)
    time = predict_time(case, way, sent, link, _wider("ranks", case, way), measures)
    return PredictedRanks(case, size, sent, _off(way, measures), len(way), time, measure=more)


def least_ranks(case: Case, results: Sequence[Result], measures: Measures, room: float) -> int | LeastLack | None:
    """The smallest number of ranks that share the batch and of which each process needs less than `room` bytes, with
    the interval; the reason if no number of ranks is enough; None if nothing supports a number.
    """
    way = [each for each in results if each.audited and _way(each.case) == _way(case) and _path(each)]
    if _lacking(msgspec.structs.replace(case, ranks=1), way):
        return None
    counts = _divisors(case.batch)
    for ranks in counts:
        size = _size(msgspec.structs.replace(case, ranks=ranks), way, measures)
        if size is None or size.high is None:
            return None
        if size.high < room:
            return ranks
    declared = way[-1].good[-1].declared
    assert declared is not None
    if declared.in_one_memory:
        return OneMemory()
    if declared.spread not in IN_PARTS:
        return WholeInEach()
    return NoSharedBatch(case.batch, counts[-1], declared.gathered > 0)


def _divisors(number: int) -> list[int]:
    small = [each for each in range(1, math.isqrt(number) + 1) if number % each == 0]
    return sorted({*small, *(number // each for each in small)})


def _lacking(case: Case, way: Sequence[Result]) -> RankLack | None:
    """What the measured cases lack for any prediction."""
    if case.batch % case.ranks:
        return UnevenRanks(case.ranks, case.batch)
    if case.device != "cpu":
        return RanksOnGpu()
    if way and all(_spread(each) == "" for each in way):
        return SingleProcess()
    if len(machines := {each.machine for each in way}) > 1:
        return SeveralMachines(len(machines))
    if not any(each.case.ranks > 1 for each in way):
        return NoRanks()
    return OneCaseOfRanks() if len(way) < 2 else None


def _to_measure(case: Case, known: Sequence[Result]) -> Measure:
    """The case at sizes that were measured, three vocabularies at least, in one process and in two ranks, with a batch
    that two ranks can share.
    """
    even = [each.case.batch for each in known if each.case.batch % 2 == 0]
    batch = case.batch if case.batch % 2 == 0 else next(iter(even), case.batch + 1)
    rows = sorted({each.case.vocab for each in known}) or [SMALLEST]
    rows += [rows[-1] << more for more in range(1, LEAST_SIZES + 1 - len(rows))]
    return Measure(msgspec.structs.replace(case, batch=batch), {"vocab": tuple(rows), "ranks": (1, 2)})


class _Asked(msgspec.Struct, frozen=True):
    """A case, and a measured result of its way."""

    case: Case
    known: Result


Arithmetic = Callable[[_Asked], tuple[float, float]]  # the least and the most bytes


def _held(case: Case, way: Sequence[Result], arithmetic: Arithmetic, metric: str, measures: Measures) -> Summary | None:
    """The arithmetic of a case, times what was measured over the arithmetic of the measured cases."""
    ratios = [
        median(list(known)) / max(arithmetic(_Asked(each.case, each)))
        for each in way
        if (known := measures.medians(each, metric).values())
    ]
    if not ratios:
        return None
    low, high = arithmetic(_Asked(case, way[-1]))
    center = median(ratios)
    wide = max(LEAST, *(abs(each / center - 1) for each in ratios)) * _further(case, way)
    return Summary(high * center, low * center / (1 + wide), high * center * (1 + wide), len(ratios))


def _size(case: Case, way: Sequence[Result], measures: Measures) -> Summary | None:
    """Bytes at the peak of the process with the most."""
    base = _base(way, measures)
    return _held(case, way, lambda each: _peak(each, base), "host_step_peak", measures)


def _further(case: Case, way: Sequence[Result]) -> float:
    """1 within the measured cases, and more with each doubling beyond."""
    return 1 + sum(_wider(axis, case, way) - 1 for axis in SIZES_OF_RANKS)


def _wider(axis: str, case: Case, way: Sequence[Result]) -> float:
    most = max(getattr(each.case, axis) for each in way)
    return 1 + WIDER * max(0.0, math.log2(getattr(case, axis) / most))


def _peak(asked: _Asked, base: float) -> tuple[float, float]:
    path = _path(asked.known)
    assert path is not None
    declared = asked.known.good[-1].declared
    assert declared is not None
    theory = footprint(
        asked.case,
        copies_in(asked.case.ranks, path),
        path.lookups,
        spread=declared.spread,
        gathered=path.gathered,
        in_one_memory=declared.in_one_memory,
    )
    return theory.total + base, theory.total + base


def _sent(asked: _Asked) -> tuple[float, float]:
    """Between even parts and all lookups in one rank, and between the distinct rows of the whole batch and all lookups.
    A result's own measured share of lookups stands for both.
    """
    path = _path(asked.known)
    assert path is not None
    case, known = asked.case, asked.known
    metrics = known.good[-1].metrics
    if case == known.case and "theoretical_sent" in metrics:
        return (metrics["theoretical_sent"].values[0],) * 2
    unique = metrics["unique_rows"].values[0] if "unique_rows" in metrics else 0.0
    unique = min(unique, case.rows_per_step, case.vocab)
    even = [1 / case.ranks] * case.ranks
    ends = ((unique, even), (float(case.rows_per_step), [1.0]))
    low, high = (sent_bytes(case, path, rows, shares) or 0.0 for rows, shares in ends)
    return low, high


def _base(way: Sequence[Result], measures: Measures) -> float:
    """Bytes of a process without the case."""
    return median([value for each in way for value in measures.medians(each, "host_base").values()] or [0.0])


def _off(way: Sequence[Result], measures: Measures) -> float | None:
    """See PredictedRanks."""
    errors = []
    for each in way:
        told = _size(each.case, [other for other in way if other is not each], measures)
        known = measures.medians(each, "host_step_peak").values()
        if told is not None and known:
            errors.append(abs(told.center / median(list(known)) - 1))
    return max(errors, default=None)


def _spread(result: Result) -> str:
    declared = result.good[-1].declared
    return "" if declared is None else declared.spread


def _path(result: Result) -> Path | None:
    """The declared bytes of a result; None where its rounds do not carry them."""
    declared = result.good[-1].declared
    if declared is None:
        return None
    names = ("copies", "alone", "gathered", "lookups", "sent_tables", "sent_lookups", "sent_rows", "sent_routed")
    return Path(semantic="exact", **{name: getattr(declared, name) for name in names})


def _way(case: Case) -> tuple[object, ...]:
    return tuple(getattr(case, axis) for axis in AXES if axis not in (*SIZES_OF_RANKS, "seed"))
