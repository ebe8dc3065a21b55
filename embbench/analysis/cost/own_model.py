"""What a step of a user's own model costs: its growth with the rows of its tables, and what changes of it cost."""

from collections.abc import Mapping, Sequence

import msgspec

from embbench.analysis.collapse.collapse import Result, reason_of
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.analysis.collapse.turns import turn_ratios
from embbench.analysis.cost.growth import grow
from embbench.analysis.cost.sweep import Sweep, sweep_of
from embbench.cases.runtimes import SYSTEM
from embbench.stats.slope import slope
from embbench.stats.summary import Summary

OTHER_STATE = "the machine was in another state than in most rounds; repeat the command"
PEAK = ("device_step_peak", "host_peak")  # the first measured metric shows the memory of the step


class Changed(msgspec.Struct, frozen=True):
    """A change of the step. seconds: of a step; None if it was not measured, for `reason`. ratio: to the user's own
    step, known without seconds where steps took turns. bytes: its peak.
    """

    update: str
    runtime: str
    seconds: Summary | None
    ratio: Summary | None
    bytes: Summary | None
    reason: str


class Size(msgspec.Struct, frozen=True):
    """The user's own step with a number of rows. seconds: of a step. bytes: its peak. ratio: to the step with the
    user's number of rows; None for this step itself.
    """

    rows: int
    seconds: Summary
    bytes: Summary | None
    ratio: Summary | None = None


class OwnGrowth(msgspec.Struct, frozen=True):
    """How a step grows with the rows of tables. rows: of the user's model. values: all measured numbers of rows,
    ascending. ratio: seconds at the largest over seconds at the smallest number. share: of a step at `rows` that grows
    with all rows, between 0 and 1; None for a single number of rows.
    """

    rows: int
    values: tuple[int, ...]
    ratio: Summary | None
    share: Summary | None

    @property
    def grows(self) -> bool | None:
        """Whether a step is shown to grow with the rows; None without an interval."""
        return None if self.share is None or self.share.low is None else self.share.low > 0

    @property
    def half(self) -> float | None:
        """The number of rows from which half of a step grows with them: the rest, over the seconds of a row. None
        unless growth is shown.
        """
        share = self.share
        return self.rows * (1 - share.center) / share.center if share is not None and self.grows else None


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
    growth: OwnGrowth
    groups: dict[int, OwnGrowth]
    changes: tuple[Changed, ...]


def own_cost(
    results: Sequence[Result], measures: Measures, unchanged: str, rows: int, others: Mapping[int, int]
) -> OwnCost | None:
    """unchanged: the update of the user's own step. rows: of its largest table. others: number of further tables with
    equally many rows -> their rows. None where this step has no time.
    """
    own = [each for each in results if _is_own(each, unchanged)]
    explained = next((each for each in own if each.case.grown == 1 and each.case.vocab == rows), None)
    if explained is None or not measures.is_timed(explained):
        return None
    peak = next((name for name in PEAK if not isinstance(measures.summary(explained, name), Absent)), PEAK[-1])
    sweep = sweep_of(explained, results, measures)
    sizes = [_size(size, each, explained, peak, measures) for size, each in sweep.results.items()]
    here = next(each for each in sizes if each.rows == rows)
    return OwnCost(
        rows=rows,
        seconds=here.seconds,
        bytes=here.bytes,
        peak=peak,
        sizes=tuple(sizes),
        growth=_growth(sweep, explained, [each for each in own if each.case.grown == 1], measures),
        groups={
            each.case.grown: _group(each, explained, others[each.case.grown], measures)
            for each in own
            if each.case.grown in others
        },
        changes=tuple(_changed(each, explained, peak, measures) for each in results if not _is_own(each, unchanged)),
    )


def _growth(sweep: Sweep, own: Result, sizes: Sequence[Result], measures: Measures) -> OwnGrowth:
    """By steps in turn with the user's own, if there are any, or else by a line through all sizes; by the largest and
    the smallest size where no line shows growth. own: the user's step. sizes: the same at all numbers of rows, also
    those whose time no other step can be compared with, because the machine was in another state.
    """
    line, rows = grow(sweep, measures), own.case.vocab
    turns = {each.case.vocab: found for each in sizes if (found := turn_ratios(each, own))}
    if turns:
        share = _share_by_turns(turns, rows)
    elif line.grows:
        share = line.share(rows)
    else:
        share = _share(line.ratio, sweep.values, rows)
    return OwnGrowth(rows, tuple(sorted({*sweep.values, *turns})), line.ratio, share)


def _share_by_turns(ratios: Mapping[int, Sequence[float]], rows: int) -> Summary | None:
    """The share of a step at `rows` that grows in proportion to the rows. ratios: other numbers of rows -> seconds over
    the seconds at `rows`, for each round. A round scatters by a share of its ratio, so its weight is 1 / ratio².
    """
    known = [(1 - size / rows, each) for size, several in ratios.items() for each in several]
    shares = slope([place for place, _ in known], [1 - each for _, each in known], [each**-2 for _, each in known])
    if shares is None:
        return None
    center, low, high = (
        None if each is None else min(1.0, max(0.0, each)) for each in (shares.center, shares.low, shares.high)
    )
    assert center is not None
    return Summary(center, low, high, shares.n)


def _group(result: Result, own: Result, rows: int, measures: Measures) -> OwnGrowth:
    """result: the step with more rows of the group. own: the user's own step. rows: of the group there."""
    ratio, values = measures.ratio(result, own, "step_time"), (rows, result.case.vocab)
    return OwnGrowth(rows, values, ratio, _share(ratio, values, rows))


def _share(ratio: Summary | None, values: Sequence[int], rows: int) -> Summary | None:
    """The share of a step at `rows`, the smallest or largest of `values`, that grows with all rows, if it grows in
    proportion: what grows between the sizes is a part of it.
    """
    if ratio is None or len(values) < 2:
        return None

    def share(of: float) -> float:
        grown = of - 1 if rows == min(values) else 1 - 1 / of
        return min(1.0, max(0.0, grown * rows / (max(values) - min(values))))

    known = ratio.low is not None and ratio.high is not None and ratio.low > 0
    low, high = (share(ratio.low), share(ratio.high)) if known and ratio.low and ratio.high else (None, None)
    return Summary(share(ratio.center), low, high, ratio.n)


def _size(rows: int, result: Result, own: Result, peak: str, measures: Measures) -> Size:
    seconds = _known(measures.summary(result, "step_time"))
    assert seconds is not None
    ratio = None if result is own else measures.ratio(result, own, "step_time")
    return Size(rows, seconds, _known(measures.summary(result, peak)), ratio)


def _is_own(result: Result, unchanged: str) -> bool:
    return result.case.update == unchanged and result.case.runtime == SYSTEM


def _changed(result: Result, own: Result, peak: str, measures: Measures) -> Changed:
    timed = measures.is_timed(result)
    return Changed(
        update=result.case.update,
        runtime=result.case.runtime,
        seconds=_known(measures.summary(result, "step_time")) if timed else None,
        ratio=measures.ratio(result, own, "step_time") if timed else measures.turns(result, own),
        bytes=_known(measures.summary(result, peak)) if timed else None,
        reason="" if timed else reason_of(result) or OTHER_STATE,
    )


def _known(summary: Summary | Absent) -> Summary | None:
    return None if isinstance(summary, Absent) else summary
