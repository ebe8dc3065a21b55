"""Results -> Records: the long form for CSV and JSON, a line per case and metric."""

from collections.abc import Iterable, Sequence

from embbench.analysis.collapse.axes import ALL_AXES, axis_value
from embbench.analysis.collapse.collapse import Result, failure
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.cases.metrics import METRICS
from embbench.report.table import Record


def make_records(results: Sequence[Result], metrics: Iterable[str], measures: Measures) -> list[Record]:
    """A record per result and metric. A metric without a number has the summary None, and a status or a reason."""
    return [_record(result, metric, measures) for metric in metrics for result in results]


def _record(result: Result, metric: str, measures: Measures) -> Record:
    status, summary = result.status, None
    reasons = (failure(round_) for round_ in result.rounds if round_.status != "ok")
    reason = next((text for text in reasons if text), "")
    if status == "ok":
        known = measures.summary(result, metric)
        if isinstance(known, Absent):
            status, reason = "not measured", known.reason or f"{metric} does not apply to this case"
        else:
            summary = known
    audits = [round_.audit.passed for round_ in result.rounds if round_.audit is not None]
    return Record(
        axes={axis: axis_value(result, axis) for axis in ALL_AXES},
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
    )
