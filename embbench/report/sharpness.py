"""Whether a run's times and ratios are known well enough, and which further rounds would help most."""

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.analysis.collapse.per_row import TURN_RATIO
from embbench.cases.case import Case
from embbench.cases.suite import View
from embbench.report.project import adapted, alike, arrange, parse_view, reference_of
from embbench.stats.summary import Summary

if TYPE_CHECKING:
    from embbench.analysis.collapse.shared_scatter import SharedScatter

TIME, RATIO = 0.30, 0.15  # half of an interval over its center; a narrower interval is good enough
DECISIVE = 0.03  # the same for a ratio that decides about the answer
FIRST = 3.0  # weight of such a ratio in the choice of rounds
METRIC = "step_time"
UNKNOWN = 3.0  # in place of an unknown half; the round that makes an interval halves it
MOST = 100.0  # wider intervals count as this wide

Reference = Callable[[Result], Result | None]


class Known(msgspec.Struct, frozen=True):
    """A result's time, or the ratio of two results' times. half: the wider half of the interval over the center; None
    without an interval. target: the half that is good enough. timed: False for a result whose rounds were all in an
    unusual state of the machine, so that another round may give it a time. turns: whether the steps of both results
    took turns in the rounds of `result`, so that further rounds of `against` do not sharpen the ratio.
    """

    result: Result
    against: Result | None
    half: float | None
    target: float
    timed: bool = True
    turns: bool = False

    @property
    def sides(self) -> tuple[Result, ...]:
        """The results whose rounds sharpen it."""
        return (self.result,) if self.against is None or self.turns else (self.result, self.against)

    @property
    def metric(self) -> str:
        return TURN_RATIO if self.turns else METRIC

    @property
    def wide(self) -> bool:
        return self.half is None or self.half > self.target

    @property
    def excess(self) -> float:
        """The half over its target."""
        return (UNKNOWN if self.half is None else min(self.half, MOST)) / self.target


class Sharpness:
    """results: of a collapse. measures: of all results. reference: result -> the denominator of its ratio, or None.
    decides: whether the ratio of a result decides about the answer; it must be known better, and comes first.
    """

    def __init__(
        self,
        results: Sequence[Result],
        measures: Measures,
        reference: Reference,
        decides: Callable[[Result], bool] = lambda result: False,
    ) -> None:
        self._measures = measures
        self._results = [each for each in results if each.status == "ok" and self._is_measured(each)]
        self.all: list[Known] = []
        for result in self._results:
            time = self._time(result)
            half = None if time is None else time.relative
            self.all.append(Known(result, None, half, TIME, timed=time is not None))
            other = reference(result)
            ratio = None if other is None else measures.ratio(result, other, METRIC)
            if other is not None and ratio is not None:
                turns = measures.turns(result, other) is not None
                target = DECISIVE if decides(result) else RATIO
                self.all.append(Known(result, other, ratio.relative, target, turns=turns))

    @property
    def wide(self) -> list[Known]:
        """The times and ratios that are not known well enough, the largest excess first."""
        return sorted((each for each in self.all if each.wide), key=lambda each: -each.excess)

    def next_visit(self, seconds: Mapping[str, float], left: float) -> list[str]:
        """Ids of the cases that the next pass visits. seconds: id of a case that may be visited -> seconds of a round.
        left: seconds.

        The gain of a case is the sum, over its time and its ratios, of the drop in log(half / target) by another round.
        The pass takes the case of the largest gain per second that fits into the time left, again and again. It ends
        where that case is in the pass already, because new results may change the gains.
        """
        more: dict[int, int] = {}
        chosen: list[str] = []
        gains = {id(each): self._gain(each, more) for each in self._results if each.case_id in seconds}
        while True:
            fitting = [each for each in self._results if id(each) in gains and seconds[each.case_id] <= left]
            best = max(fitting, key=lambda each: gains[id(each)] / max(seconds[each.case_id], 1e-3), default=None)
            if best is None or best.case_id in chosen or gains[id(best)] <= 0:
                return chosen
            chosen.append(best.case_id)
            left -= seconds[best.case_id]
            more[id(best)] = 1
            touched = {id(side) for known in self._of(best) for side in known.sides}
            gains |= {id(each): self._gain(each, more) for each in self._results if id(each) in touched & gains.keys()}

    def _gain(self, result: Result, more: Mapping[int, int]) -> float:
        after = {**more, id(result): more.get(id(result), 0) + 1}
        return math.fsum(self._lacking(each, more) - self._lacking(each, after) for each in self._of(result))

    def _lacking(self, known: Known, more: Mapping[int, int]) -> float:
        weight = FIRST if known.target == DECISIVE else 1.0
        return weight * math.log(max(1.0, self._half(known, more) / known.target))

    def _half(self, known: Known, more: Mapping[int, int]) -> float:
        """The half with more rounds, by `id` of a result."""
        sides, metric = known.sides, known.metric
        extra = [more.get(id(each), 0) for each in sides]
        if known.half is None:
            lacking = [add for each, add in zip(sides, extra, strict=True) if self._rounds(each, metric) < 2]
            return UNKNOWN / (1 + min(lacking, default=0))
        now = min(known.half, MOST)
        if not any(extra):
            return now
        scatter = self._measures.scatter(known.result.machine, metric)
        before = None if scatter is None else self._width(scatter, known, {})
        after = None if scatter is None else self._width(scatter, known, more)
        if before and after:
            return now * min(1.0, after / before)  # a round that no other case shares does not narrow the interval
        parts = [(self._rounds(each, metric), add) for each, add in zip(sides, extra, strict=True)]
        return now * math.sqrt(sum(1 / (n + add) for n, add in parts) / sum(1 / n for n, _ in parts))

    def _width(self, scatter: "SharedScatter", known: Known, more: Mapping[int, int]) -> float | None:
        """Half of the interval of logarithms; None without an interval or with an infinite interval."""
        bounds = scatter.bounds(known.result, None if known.turns else known.against, more)
        if bounds is None or not 0 < bounds[0] <= bounds[1] < math.inf:
            return None
        return math.log(bounds[1] / bounds[0]) / 2

    def _of(self, result: Result) -> list[Known]:
        """The times and ratios that a round of the result makes sharper."""
        return self._touching.get(id(result), [])

    @functools.cached_property
    def _touching(self) -> dict[int, list[Known]]:
        by_result: dict[int, list[Known]] = {}
        for known in self.all:
            for side in known.sides:
                by_result.setdefault(id(side), []).append(known)
        return by_result

    def _rounds(self, result: Result, metric: str) -> int:
        return len(self._measures.medians(result, metric))

    def _is_measured(self, result: Result) -> bool:
        summary = self._measures.summary(result, METRIC)
        return not isinstance(summary, Absent) or summary.reason == "unusual state"

    def _time(self, result: Result) -> Summary | None:
        summary = self._measures.summary(result, METRIC)
        return None if isinstance(summary, Absent) else summary


def references(view: View, results: Sequence[Result], order: Sequence[Case], chosen: Sequence[str]) -> Reference:
    """The denominator of each result's ratio in the table of the view; see `assemble.build` for order and chosen."""
    projection = adapted(parse_view(view), results, chosen)
    grid = arrange(projection, results, order)
    denominators: dict[int, Result] = {}
    for (row, column), cell in grid.cells.items():
        against = reference_of(projection, grid, row, column) if projection.reference else []
        other = against[0] if len(cell) == len(against) == 1 and against[0] is not cell[0] else None
        if other is not None and alike(cell[0], other, tuple(projection.reference)):
            denominators[id(cell[0])] = other
    return lambda result: denominators.get(id(result))
