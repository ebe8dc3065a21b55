"""Results -> Records: the long form for CSV and JSON, one case and metric each."""

from collections.abc import Iterable, Sequence

from embbench.report.table import Record
from embbench.results.axes import ALL_AXES, axis_value
from embbench.results.collapse import Result, failure
from embbench.results.measures import Absent, Measures
from embbench.spec.metrics import METRICS


def make_records(results: Sequence[Result], metrics: Iterable[str], measures: Measures) -> list[Record]:
    """Every result with every metric. A metric without a number has its summary None and a status or reason why."""
    return [_record(result, metric, measures) for metric in metrics for result in results]


def _record(result: Result, metric: str, measures: Measures) -> Record:
    status, summary = result.status, None
    reasons = (failure(round_) for round_ in result.rounds if round_.status != "ok")
    reason = next((text for text in reasons if text), "")
    if status == "ok":
        found = measures.summary(result, metric)
        if isinstance(found, Absent):
            status, reason = "not measured", found.reason or f"{metric} makes no sense for this case"
        else:
            summary = found
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
        rounds_unsteady=len(measures.moved(result, metric)),
    )
