"""What a step of a user's own model costs: its growth with the rows of its tables, and what changes of it cost."""

from collections.abc import Sequence

import msgspec

from embbench.analysis.collapse.collapse import Result, reason_of
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.analysis.cost.growth import Growth, grow
from embbench.analysis.cost.sweep import sweep_of
from embbench.cases.runtimes import SYSTEM
from embbench.stats.summary import Summary

OTHER_STATE = "the machine was in another state than in most rounds; repeat the command"
PEAK = ("device_step_peak", "host_peak")  # the first measured metric shows the memory of the step


class Changed(msgspec.Struct, frozen=True):
    """A change of the step. seconds: of a step; None if it was not measured, for `reason`. ratio: to the user's own
    step. bytes: its peak.
    """

    update: str
    runtime: str
    seconds: Summary | None
    ratio: Summary | None
    bytes: Summary | None
    reason: str


class Size(msgspec.Struct, frozen=True):
    """The user's own step with a number of rows. seconds: of a step. bytes: its peak."""

    rows: int
    seconds: Summary
    bytes: Summary | None


class OwnCost(msgspec.Struct, frozen=True):
    """seconds, bytes: of the user's own step, with the rows of its largest table, `rows`. peak: the metric of `bytes`.
    sizes: the same for all measured numbers of rows. growth: with these rows. groups: number of further tables with
    equally many rows -> growth with their rows. changes: in the order of the results.
    """

    rows: int
    seconds: Summary
    bytes: Summary | None
    peak: str
    sizes: tuple[Size, ...]
    growth: Growth
    groups: dict[int, Growth]
    changes: tuple[Changed, ...]


def own_cost(results: Sequence[Result], measures: Measures, unchanged: str, rows: int) -> OwnCost | None:
    """unchanged: the update of the user's own step. rows: of its largest table. None where this step has no time."""
    own = [each for each in results if _is_own(each, unchanged) and measures.is_timed(each)]
    explained = next((each for each in own if each.case.grown == 1 and each.case.vocab == rows), None)
    if explained is None:
        return None
    grown = {each.case.grown: each for each in own if each.case.grown > 1}
    peak = next((name for name in PEAK if not isinstance(measures.summary(explained, name), Absent)), PEAK[-1])
    others = [each for each in results if not _is_own(each, unchanged)]
    sweep = sweep_of(explained, results, measures)
    sizes = [_size(rows, each, peak, measures) for rows, each in sweep.results.items()]
    here = next(each for each in sizes if each.rows == rows)
    return OwnCost(
        rows=rows,
        seconds=here.seconds,
        bytes=here.bytes,
        peak=peak,
        sizes=tuple(sizes),
        growth=grow(sweep, measures),
        groups={number: grow(sweep_of(each, results, measures), measures) for number, each in sorted(grown.items())},
        changes=tuple(_changed(each, explained, peak, measures) for each in others),
    )


def _size(rows: int, result: Result, peak: str, measures: Measures) -> Size:
    seconds = _known(measures.summary(result, "step_time"))
    assert seconds is not None
    return Size(rows, seconds, _known(measures.summary(result, peak)))


def _is_own(result: Result, unchanged: str) -> bool:
    return result.case.update == unchanged and result.case.runtime == SYSTEM


def _changed(result: Result, own: Result, peak: str, measures: Measures) -> Changed:
    timed = measures.is_timed(result)
    return Changed(
        update=result.case.update,
        runtime=result.case.runtime,
        seconds=_known(measures.summary(result, "step_time")) if timed else None,
        ratio=measures.ratio(result, own, "step_time") if timed else None,
        bytes=_known(measures.summary(result, peak)) if timed else None,
        reason="" if timed else reason_of(result) or OTHER_STATE,
    )


def _known(summary: Summary | Absent) -> Summary | None:
    return None if isinstance(summary, Absent) else summary
