"""Metrics of Results as Summaries, with derived metrics."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

import msgspec

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.comparable_rounds import ComparableRounds, StateTimes
from embbench.analysis.collapse.drifting import Drift, drifts
from embbench.analysis.collapse.per_row import TURN_RATIO, makes_no_sense, values_of
from embbench.analysis.collapse.stretches import Place, Stretches, stretch, stretches_of
from embbench.analysis.collapse.turns import turn_ratios
from embbench.cases.case import NO_UPDATE
from embbench.cases.metrics import METRICS
from embbench.stats.effects import difference, inverse, ratio, scaled, separates
from embbench.stats.summary import Summary, median, span, summarize, summarize_differences
from embbench.store.round import Round

if TYPE_CHECKING:
    from embbench.analysis.collapse.shared_scatter import SharedScatter

UPDATE_COST = "update_cost"
WORKLOAD = ("unique_rows", "unique_share", "multiplicity")

Stream = tuple[float, float, float]


# no meaning: the metric does not apply. unusual state: the metric was measured in another state of the machine only.
AbsentReason = Literal["no meaning", "not measured", "unusual state", "no frozen table", "no step or rows"]


class Absent(msgspec.Struct, frozen=True):
    """The reason why an ok case has no number of a metric."""

    reason: AbsentReason


class Measures:
    """Summaries of the given results, computed once. Derived metrics find their siblings among all results."""

    def __init__(self, results: Iterable[Result]) -> None:
        self._results = {(result.case, result.machine, result.software): result for result in results}
        self._stretches: Stretches | None = None
        self._visits: dict[int, dict[Place, int | None]] = {}
        self._known: dict[tuple[int, str], Summary | Absent] = {}
        self._streams: dict[int, Stream | None] = {}
        self._drifts: dict[int, tuple[Drift, ...]] = {}
        self._medians: dict[tuple[int, str], dict[Place, float]] = {}
        self._alike = ComparableRounds(self._results.values())
        self._shared: dict[tuple[str, str], SharedScatter | None] = {}

    def summary(self, result: Result, metric: str) -> Summary | Absent:
        """The metric over the ok rounds of an ok result, in base units."""
        key = (id(result), metric)
        if key not in self._known:
            derive = self._update_cost if metric == UPDATE_COST else self._measured
            self._known[key] = derive(result, metric)
        return self._known[key]

    def is_timed(self, result: Result) -> bool:
        """Whether the result has an audited step_time."""
        return result.audited and not isinstance(self.summary(result, "step_time"), Absent)

    def drifts(self, result: Result, metric: str) -> tuple[Drift, ...]:
        """The ok rounds whose samples drifted; () for a metric without many samples per round."""
        if metric not in ("step_time", UPDATE_COST):
            return ()
        if id(result) not in self._drifts:
            lines = [line for line in self._lines(result, "step_time") if "step_time" in line.metrics]
            self._drifts[id(result)] = drifts(lines, "step_time")
        return self._drifts[id(result)]

    def medians(self, result: Result, metric: str) -> dict[Place, float]:
        """(run, round) -> the median of the samples, for the ok rounds with the metric. Medians of step_time use the
        samples in the machine's usual state.
        """
        key = (id(result), metric)
        if key not in self._medians:
            known = {(line.run, line.round): values_of(line, metric) for line in self._lines(result, metric)}
            self._medians[key] = {place: median(samples) for place, samples in known.items() if samples}
        return self._medians[key]

    def pairs(self, one: Result, other: Result, metric: str) -> list[tuple[float, float]]:
        """The medians of both results in the rounds that a single visit of all cases measured: in the same run and
        stretch.
        """
        first, second = self.medians(one, metric), self.medians(other, metric)
        shared = [place for place in first if place in second]
        if not shared:
            return []
        here, there = self._visited(one), self._visited(other)
        return [(first[each], second[each]) for each in shared if here[each] is not None and here[each] == there[each]]

    def apart(self, one: Result, other: Result, metric: str) -> bool:
        """Whether the ratio is the ratio of both medians although there are several rounds, because the rounds do not
        all make pairs. Without a shared scatter: where both have several rounds and fewer than two pairs.
        """
        counts = [len(self.medians(each, metric)) for each in (one, other)]
        shared = self.scatter(one.machine, metric) is not None
        several, least = (max(counts) > 1, max(counts)) if shared else (min(counts) > 1, 2)
        return several and len(self.pairs(one, other, metric)) < least

    def _visited(self, result: Result) -> dict[Place, int | None]:
        """(run, round) -> stretch, for the ok rounds."""
        if self._stretches is None:
            everyone = (*self._results.values(),)
            self._stretches = stretches_of(
                ((line.run, each.machine), line) for each in everyone for line in each.rounds
            )
        known = self._stretches
        if id(result) not in self._visits:
            self._visits[id(result)] = {
                (line.run, line.round): stretch(line, known.get((line.run, result.machine), ())) for line in result.good
            }
        return self._visits[id(result)]

    def in_states(self, result: Result) -> list[StateTimes]:
        """See `ComparableRounds.in_states`."""
        return self._alike.in_states(result)

    def _measured(self, result: Result, metric: str) -> Summary | Absent:
        values = list(self.medians(result, metric).values())
        if not values:
            elsewhere = any(values_of(line, metric) for line in result.good)
            if elsewhere:
                return Absent("unusual state")
            return Absent("no meaning" if any(makes_no_sense(line, metric) for line in result.good) else "not measured")
        if not is_sampled(metric):
            return span(values)
        scatter = self.scatter(result.machine, metric)
        shared = None if scatter is None else scatter.around(median(values), len(values), result)
        return shared or summarize(values)

    def scatter(self, machine: str, metric: str) -> "SharedScatter | None":
        """The scatter of the metric that all cases of the machine share; None where they share none, or where fewer
        than two cases have several rounds.
        """
        key = (machine, metric)
        if key not in self._shared:
            here = [each for each in self._results.values() if each.machine == machine and each.status == "ok"]
            several = shares_scatter(metric) and sum(len(self.medians(each, metric)) > 1 for each in here) > 1
            self._shared[key] = None
            if several:
                from embbench.analysis.collapse.shared_scatter import (
                    SharedScatter,  # with SciPy, which single rounds spare
                )

                self._shared[key] = SharedScatter(here, metric, self.medians, self._visited, self._samples)
        return self._shared[key]

    def _samples(self, result: Result, metric: str) -> Iterable[tuple[float, ...]]:
        return filter(None, (values_of(line, metric) for line in self._lines(result, metric)))

    def _lines(self, result: Result, metric: str) -> list[Round]:
        return self._alike.rounds(result, metric)

    def _update_cost(self, result: Result, metric: str) -> Summary | Absent:
        if result.case.table == "frozen":
            return Absent("no meaning")
        sibling = self.frozen_sibling(result)
        if sibling is None or sibling.status != "ok":
            return Absent("no frozen table")
        paired = [step - without for step, without in self.pairs(result, sibling, "step_time")]
        step, without = self.summary(result, "step_time"), self.summary(sibling, "step_time")
        rows = self.summary(result, "unique_rows")
        if isinstance(step, Absent) or isinstance(without, Absent) or isinstance(rows, Absent) or rows.center <= 0:
            return Absent("no step or rows")
        apart = summarize_differences(paired) if len(paired) > 1 else difference(step, without)
        return scaled(apart, 1 / rows.center)

    def stream(self, result: Result) -> Stream | None:
        """(U, U/N, largest multiplicity) of the result's token stream; None unless all three were measured."""
        if id(result) not in self._streams:
            rows, share, most = (self.medians(result, name).values() for name in WORKLOAD)
            whole = rows and share and most
            self._streams[id(result)] = (median(rows), median(share), median(most)) if whole else None
        return self._streams[id(result)]

    def frozen_sibling(self, result: Result) -> Result | None:
        """The same case with a frozen table; None without such a result."""
        case = msgspec.structs.replace(result.case, table="frozen", update=NO_UPDATE)
        return self._results.get((case, result.machine, result.software))

    def turns(self, result: Result, reference: Result) -> Summary | None:
        """result / reference of steps that took turns in one process, in a round of either; None where none did."""
        for one, other, flipped in ((result, reference, False), (reference, result, True)):
            found = self.summary(one, TURN_RATIO) if turn_ratios(one, other) else None
            if isinstance(found, Summary):
                return inverse(found) if flipped else found
        return None

    def ratio(self, result: Result, reference: Result, metric: str) -> Summary | None:
        """result / reference. None for another machine or other versions of the same contender, a missing or failed
        audit, a side without a number, or a number whose interval includes 0. Where steps of the two took turns in one
        process, it is the ratio of these steps.

        The ratio is taken within rounds where both sides share two or more. A round visits every case once, so a
        machine that slows down for minutes slows both sides, and the ratio stays (a randomised block design).
        """
        if not (result.audited and reference.audited) or not comparable(result, reference):
            return None
        if metric == "step_time" and (turns := self.turns(result, reference)) is not None:
            return turns
        top, bottom = self.summary(result, metric), self.summary(reference, metric)
        if isinstance(top, Absent) or isinstance(bottom, Absent):
            return None
        if separates(top, 0.0) is False or separates(bottom, 0.0) is False:
            return None
        paired = self.pairs(result, reference, metric)
        within = [one / other for one, other in paired if one > 0 and other > 0]
        scatter = self.scatter(result.machine, metric) if within else None
        fewest, most = sorted(len(self.medians(each, metric)) for each in (result, reference))
        if len(within) < 2:
            if scatter is None:  # also of numbers that are 0, which have no quotient
                return ratio(top, bottom)
            alone = scatter.around(top.center / bottom.center, fewest, result, reference)
            return alone or ratio(top, bottom)
        if not is_sampled(metric):
            return span(within)
        whole = len(within) == most
        center, n = (median(within), most) if whole else (top.center / bottom.center, fewest)
        shared = None if scatter is None else scatter.around(center, n, result, reference)
        return shared or summarize(within)


def comparable(one: Result, other: Result) -> bool:
    """Whether the machine is the same, and not two versions of a contender."""
    same_versions = one.software == other.software or one.case.contender != other.case.contender
    return one.machine == other.machine and same_versions


def is_sampled(metric: str) -> bool:
    """Whether values scatter around a true value (times), instead of being the quantity itself (bytes, counts)."""
    return METRICS[metric].treatment.assume == "sampled"


def shares_scatter(metric: str) -> bool:
    """Whether cases scatter alike in the metric: in times, because a disturbance takes a share of a process's time."""
    return METRICS[metric].kind in ("wall", "per row") and is_sampled(metric)


def workload(results: Iterable[Result], measures: Measures) -> Stream | None:
    """(U, U/N, largest multiplicity) of the token stream, if all results with these figures agree; else None."""
    streams = {measures.stream(result) for result in results} - {None}
    return streams.pop() if len(streams) == 1 else None
