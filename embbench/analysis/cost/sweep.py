"""Sweeps: cases that differ in one axis only, such as the vocabulary."""

import itertools
from collections.abc import Iterable

import msgspec

from embbench.analysis.collapse.axes import ALL_AXES, axis_value
from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.lacks import Drop, NoNumber
from embbench.cases.case import Case
from embbench.cases.workload_axes import WORKLOAD_AXES
from embbench.stats.summary import Summary

# Size -> name of one unit of it. A step may grow with each.
UNITS = {
    "vocab": "row",
    "dim": "column",
    **{name: axis.unit for name, axis in WORKLOAD_AXES.items() if axis.unit},
    "batch": "text of a batch",
    "seq": "token of a text",
}
SIZES = tuple(UNITS)
DROP = 0.1  # a step that is shorter by this share on a larger value gets a note, without an interval


class Sweep(msgspec.Struct, frozen=True):
    """results: value of `axis` -> result with a step_time, ascending. failed: results without a step_time."""

    axis: str
    results: dict[int, Result]
    failed: tuple[Result, ...] = ()

    @property
    def case(self) -> Case:
        """The case with the largest value."""
        return self.results[max(self.results)].case

    @property
    def largest(self) -> Result:
        """The result with the largest value."""
        return self.results[max(self.results)]

    @property
    def values(self) -> tuple[int, ...]:
        return tuple(self.results)


def sweep_of(result: Result, results: Iterable[Result], measures: Measures, axis: str = "vocab") -> Sweep:
    """The sweep of `result`. Machines and versions never mix."""
    others = [name for name in ALL_AXES if name != axis]
    known: dict[int, Result] = {}
    failed: list[Result] = []
    for each in sorted(results, key=lambda each: getattr(each.case, axis)):
        if any(axis_value(each, name) != axis_value(result, name) for name in others):
            continue
        if measures.is_timed(each):
            known[getattr(each.case, axis)] = each
        else:
            failed.append(each)
    return Sweep(axis, known, tuple(failed))


def longest_sweep(result: Result, results: Iterable[Result], measures: Measures, axis: str) -> Sweep | None:
    """The sweep along `axis` with the most values on the path of `result`, at any other sizes; the largest table at a
    tie. None below two values.
    """
    same = [name for name in ALL_AXES if name not in SIZES]
    path = [each for each in results if all(axis_value(each, name) == axis_value(result, name) for name in same)]
    found = (sweep_of(each, path, measures, axis) for each in path)
    several = (each for each in found if len(each.results) > 1)
    return max(several, key=lambda each: (len(each.results), each.case.table_bytes), default=None)


def oddities(sweep: Sweep, measures: Measures) -> list[NoNumber | Drop]:
    """Reasons to doubt a line through a sweep."""
    doubts: list[NoNumber | Drop] = [NoNumber(sweep.axis, each) for each in sweep.failed]
    values = sweep.values
    for small, large in itertools.pairwise(values):
        before, after = (measures.summary(sweep.results[value], "step_time") for value in (small, large))
        if isinstance(before, Summary) and isinstance(after, Summary) and _drops(before, after):
            doubts.append(Drop(sweep.axis, small, large))
    return doubts


def _drops(before: Summary, after: Summary) -> bool:
    """Whether `after` is shown to be less than `before`."""
    if before.low is None or after.high is None:
        return after.center < (1 - DROP) * before.center
    return after.high < before.low
