"""Results -> Records: the long form for CSV and JSON, a line per case and metric."""

from collections.abc import Sequence

from embbench.analysis.collapse.axes import ALL_AXES, axis_value
from embbench.analysis.collapse.collapse import Result, failure
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.cases.case import has_axis
from embbench.cases.metrics import METRICS
from embbench.report.project import Projection, ResultGrid, denominator
from embbench.report.table import Record


def make_records(
    projection: Projection, grid: ResultGrid, results: Sequence[Result], measures: Measures
) -> list[Record]:
    """A record per result and metric. A metric without a number has the summary None, and a status or a reason. Its
    ratio is the ratio that its table shows.
    """
    references = {
        id(result): denominator(projection, grid, *place) for place, found in grid.cells.items() for result in found
    }
    return [
        _record(result, None if projection.across else references[id(result)], metric, measures)
        for metric in projection.metrics
        for result in results
    ]


def _record(result: Result, reference: Result | None, metric: str, measures: Measures) -> Record:
    status, summary = result.status, None
    reasons = (failure(round_) for round_ in result.rounds if round_.status != "ok")
    reason = next((text for text in reasons if text), "")
    if status == "ok":
        known = measures.summary(result, metric)
        if isinstance(known, Absent):
            status, reason = "not measured", known.reason or f"{metric} does not apply to this case"
        else:
            summary = known
    against = None if reference is None or summary is None else measures.ratio(result, reference, metric)
    audits = [round_.audit.passed for round_ in result.rounds if round_.audit is not None]
    return Record(
        axes={axis: axis_value(result, axis) for axis in ALL_AXES if has_axis(result.case, axis)},
        suite=result.rounds[0].suite,
        case_id=result.case_id,
        metric=metric,
        unit=METRICS[metric].unit,
        summary=summary,
        status=status,
        reason=reason,
        semantic=result.semantic,
        audit_passed=all(audits) if audits else None,
        rounds=len(result.rounds),
        rounds_ok=len(result.good),
        rounds_unsteady=len(measures.drifts(result, metric)),
        against=against,
        reference="" if reference is None or against is None else reference.case_id,
    )
