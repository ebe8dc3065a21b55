"""What a step of a user's own model costs: its growth with the rows of its tables, and what changes of it cost."""

from collections.abc import Sequence

import msgspec

from embbench.analysis.collapse.collapse import Result, reason_of
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.analysis.cost.growth import Growth, grow
from embbench.analysis.cost.sweep import sweep_of
from embbench.cases.runtimes import SYSTEM
from embbench.stats.summary import Summary

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


class OwnCost(msgspec.Struct, frozen=True):
    """seconds, bytes: of the user's own step, with the rows of its largest table, `rows`. peak: the metric of `bytes`.
    growth: with the rows. changes: in the order of the results.
    """

    rows: int
    seconds: Summary
    bytes: Summary | None
    peak: str
    growth: Growth
    changes: tuple[Changed, ...]


def own_cost(results: Sequence[Result], measures: Measures, unchanged: str) -> OwnCost | None:
    """unchanged: the update of the user's own step. None where this step has no time."""
    own = [each for each in results if _is_own(each, unchanged) and measures.is_timed(each)]
    if not own:
        return None
    explained = max(own, key=lambda each: each.case.vocab)
    peak = next((name for name in PEAK if not isinstance(measures.summary(explained, name), Absent)), PEAK[-1])
    others = [each for each in results if not _is_own(each, unchanged)]
    seconds = _known(measures.summary(explained, "step_time"))
    assert seconds is not None
    return OwnCost(
        rows=explained.case.vocab,
        seconds=seconds,
        bytes=_known(measures.summary(explained, peak)),
        peak=peak,
        growth=grow(sweep_of(explained, results, measures), measures),
        changes=tuple(_changed(each, explained, peak, measures) for each in others),
    )


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
        reason="" if timed else (reason_of(result)),
    )


def _known(summary: Summary | Absent) -> Summary | None:
    return None if isinstance(summary, Absent) else summary
