"""Predictions of a step's time on ranks of which each has a machine like the measured one to itself.

T = r + a·X + b·E, a line through the measured cases of the same way (`stats.fit`).
X: seconds in which a rank's arrays of the table, with those that it has as a whole, pass through its memory once.
E: seconds in which the bytes that a rank sends pass its link.
r: the rest, as the network; where the measured cases have several numbers of tokens per CPU, with a share for each.

X and E are arithmetic over the rates that were measured right after the steps, so a and b say how often, and how far
from these ceilings. A rate is the median over all cases with as many ranks: it is the machine's, and the rate of a
single case would add its scatter to a line that has to hold for all.
"""

import functools
import math
from collections.abc import Iterable, Sequence

import msgspec

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.rank_lacks import (
    FasterTogether,
    NoRates,
    NoTimedRanks,
    OneMachine,
    OneNumberOfRanks,
    OtherDims,
    ScatteredTimes,
    SharedCpus,
    TimeLack,
    TooFewForTime,
)
from embbench.cases.case import Case
from embbench.cases.update_path import IN_PARTS, copies_in
from embbench.stats.fit import Features, Fit, Points, fit
from embbench.stats.summary import Summary, median

CROWDED = "ranks-share-cpus"  # code of the warning of rounds whose times hold for no other machine
LEAST_CASES = 4  # for a line through times, one more than its three coefficients
VAGUE = 1.0  # relative half width above which there is no prediction


class PredictedTime(msgspec.Struct, frozen=True):
    """seconds: of a step; None where nothing supports it, and lack says why. off: the largest relative error of the
    measured times, each predicted from the others. measured: number of these cases. memory, link: bytes per second
    that a rank is taken to read and write, and to send; None where no round says. by_tokens: whether the measured
    cases tell what a token per CPU takes from the rest of a step.
    """

    seconds: Summary | None
    off: float | None
    measured: int
    memory: float | None
    link: float | None
    lack: TimeLack | None = None
    by_tokens: bool = True


class Sizes(msgspec.Struct, frozen=True):
    """What a step of a rank takes. part: bytes of its arrays of the table. sent: bytes that it sends. tokens: per CPU
    of the rank. memory, link: bytes per second.
    """

    part: float
    sent: float
    tokens: float
    memory: float
    link: float

    def features(self, by_tokens: bool) -> Features:
        """(1, X, E), and the tokens per CPU if asked for."""
        exchange = self.sent / self.link if self.sent else 0.0
        return (1.0, self.part / self.memory, exchange, *([self.tokens] if by_tokens else []))


def predict_time(
    case: Case, way: Sequence[Result], sent: Summary | None, link: float | None, wider: float, measures: Measures
) -> PredictedTime:
    """way: the measured cases of the same way. sent: predicted bytes of the case. link: bytes per second that a rank
    sends; None for the rate of the measured ranks. wider: factor on the half width, for the distance from what was
    measured.
    """
    way = [each for each in way if measures.is_timed(each)]
    if lack := _lacking(case, way):
        return PredictedTime(None, None, 0, None, link, lack)
    way = [each for each in way if each.case.dim == case.dim and not share_cpus(each)]
    rates = _rates(way, measures)
    known = [(each, size) for each in way if (size := _sizes(each, rates, measures)) is not None]
    memories, links = rates["update_rate"], rates["link_rate"]
    memory = memories[min(memories)] if memories else None  # of a machine with as few ranks as were measured
    link = link if link is not None or not links else links[max(links)]
    if sent is None or link is None or memory is None or not known:
        return PredictedTime(None, None, len(known), memory, link, NoRates())
    if len(counts := {each.case.ranks for each, _ in known}) < 2:
        return PredictedTime(None, None, len(known), memory, link, OneNumberOfRanks(counts.pop()))
    by_tokens = len({size.tokens for _, size in known}) > 1
    points = _together(
        (size.features(by_tokens), list(measures.medians(each, "step_time").values())) for each, size in known
    )
    lacking = functools.partial(PredictedTime, None, measured=len(points), memory=memory, link=link)
    if len(points) < LEAST_CASES + by_tokens:
        return lacking(None, lack=TooFewForTime(len(points), LEAST_CASES + by_tokens))
    line = _line(points)
    if line is None:
        return lacking(None, lack=FasterTogether())
    tokens = case.rows_per_step / case.ranks / case.threads
    part = _part(case, known[0][0])
    ends = [Sizes(part, each, tokens, memory, link) for each in (sent.low or 0.0, sent.center, sent.high or 0.0)]
    low, center, high = (line.at(each.features(by_tokens)) for each in ends)
    share = 1.0 if by_tokens else tokens / known[0][1].tokens  # of the constant, if all of it were for tokens
    rest = line.found.coefficients[0] * (share - 1)
    told = _between(low, center, high, rest, wider)
    off = _off(points)
    if told is None or told.relative is None or told.relative > VAGUE:
        return lacking(off, lack=ScatteredTimes(), by_tokens=by_tokens)
    return PredictedTime(told, off, len(points), memory, link, by_tokens=by_tokens)


def _lacking(case: Case, way: Sequence[Result]) -> TimeLack | None:
    """What the measured cases lack before any sum: a machine for each rank, the case's network, CPUs of their own."""
    if any(each.in_one_memory for each in way):
        return OneMachine()
    alike = [each for each in way if each.case.dim == case.dim]  # the network grows with dim too
    if not any(each.case.ranks > 1 for each in alike):
        dims = tuple(sorted({each.case.dim for each in way if each.case.ranks > 1}))
        return OtherDims(case.dim, dims) if dims else NoTimedRanks()
    return SharedCpus() if all(share_cpus(each) for each in alike if each.case.ranks > 1) else None


def _between(low: Summary, center: Summary, high: Summary, rest: float, wider: float) -> Summary | None:
    """From the least to the most that the sent bytes allow, and with and without `rest` seconds."""
    if low.low is None or high.high is None:
        return None
    least, most = min(low.low, low.low + rest), max(high.high, high.high + rest)
    middle = max(0.0, center.center + rest / 2)
    return Summary(middle, max(0.0, middle - (middle - least) * wider), middle + (most - middle) * wider, center.n)


class _Line(msgspec.Struct, frozen=True):
    """found: the fit. whole: whether the table has a share in it; not where its size does not show in the time."""

    found: Fit
    whole: bool

    def at(self, features: Features) -> Summary:
        return self.found.at(features if self.whole else _without_table(features))


def _line(points: Points) -> _Line | None:
    """None where no sum describes the times, or the exchange would make a step shorter."""
    try:
        found = fit(points)
        if min(found.coefficients) >= 0:
            return _Line(found, True)
        if min(found.coefficients[2:]) < 0:
            return None
        found = fit(_together((_without_table(features), values) for features, values in points.items()))
    except ValueError:
        return None
    return _Line(found, False) if min(found.coefficients) >= 0 else None


def _together(points: Iterable[tuple[Features, Sequence[float]]]) -> dict[Features, list[float]]:
    """Points, of which several may have the same features, such as cases of several seeds."""
    found: dict[Features, list[float]] = {}
    for features, values in points:
        found.setdefault(features, []).extend(values)
    return found


def _without_table(features: Features) -> Features:
    return (1.0, *features[2:])


def _off(points: Points) -> float | None:
    """See PredictedTime."""
    off = []
    for features, values in points.items():
        line = _line({each: found for each, found in points.items() if each != features})
        if line is None:
            return None
        off.append(abs(line.at(features).center / median(values) - 1))
    return max(off)


Rates = dict[str, dict[int, float]]  # name of a rate -> ranks -> bytes per second


def _rates(way: Sequence[Result], measures: Measures) -> Rates:
    found: dict[str, dict[int, list[float]]] = {"update_rate": {}, "link_rate": {}}
    for each in way:
        for name, known in found.items():
            if values := measures.medians(each, name).values():
                known.setdefault(each.case.ranks, []).extend(values)
    return {name: {ranks: median(values) for ranks, values in known.items()} for name, known in found.items()}


def _sizes(result: Result, rates: Rates, measures: Measures) -> Sizes | None:
    """What a measured step took; None where its rounds do not say."""
    case, ranks = result.case, result.case.ranks
    sent = list(measures.medians(result, "sent_bytes").values())
    if ranks not in rates["update_rate"] or (ranks > 1 and not (sent and ranks in rates["link_rate"])):
        return None
    return Sizes(
        part=_part(case, result),
        sent=median(sent) if ranks > 1 else 0.0,
        tokens=case.rows_per_step / ranks / case.threads_of_rank,
        memory=rates["update_rate"][ranks],
        link=rates["link_rate"][ranks] if ranks > 1 else math.inf,
    )


def _part(case: Case, known: Result) -> float:
    """Bytes of a rank's arrays of the table. known: a measured case of the way."""
    declared = known.good[-1].declared
    assert declared is not None  # of every case of a way
    parts = case.ranks if declared.spread in IN_PARTS else 1
    whole = declared.gathered if parts > 1 else 0.0
    return case.vocab * case.dim * case.itemsize * (copies_in(case.ranks, declared) / parts + whole)


def share_cpus(result: Result) -> bool:
    """Whether a rank had no CPU of its own."""
    return any(each.code == CROWDED for each in result.good[-1].warnings)
