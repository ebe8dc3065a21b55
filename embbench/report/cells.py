"""The results at a crossing of row and column -> a Cell."""

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.drifting import is_unsteady
from embbench.analysis.collapse.measures import UPDATE_COST, Absent, Measures
from embbench.cases.metrics import METRICS
from embbench.report.figures import cost_text, ratio_text, spread_text, value_text
from embbench.report.table import NO_CASE, STATUS_TEXT, Cell
from embbench.stats.effects import separates
from embbench.stats.summary import Summary

FAILED_ROUNDS = "*"
UNSTEADY = "~"
GROWING = "+"
GROWN = ("host_step_peak", "host_peak", "peak_ratio", "table_copies")  # metrics that depend on the number of steps


def make_cell(results: list[Result], reference: Result | None, metric: str, measures: Measures) -> Cell:
    """The cell of the results at a crossing. reference: the denominator of the ratio; None for no ratio."""
    cases = tuple(result.case_id for result in results)
    if not results:
        return Cell(status="absent", text=NO_CASE)
    if len(results) > 1:
        return Cell(status="mixed", text=f"{len(results)} cases", cases=cases)
    result, semantic = results[0], semantic_text(results[0])
    if result.status != "ok":
        return Cell(status=result.status, text=STATUS_TEXT[result.status], semantic=semantic, cases=cases)
    summary = measures.summary(result, metric)
    if isinstance(summary, Absent):
        text = "not measured" if summary.reason != "no meaning" and metric != UPDATE_COST else NO_CASE
        return Cell(status="not measured", text=text, semantic=semantic, cases=cases)
    against = None if reference is None else measures.ratio(result, reference, metric)
    value, spread = shown(summary, metric)
    return Cell(
        status="ok",
        text=value,
        spread=spread,
        ratio="" if against is None else ratio_text(against),
        mark=_mark(result, metric, measures),
        semantic=semantic,
        summary=summary,
        against=against,
        proven=None if against is None else separates(against, 1.0),
        apart=against is not None and reference is not None and measures.apart(result, reference, metric),
        cases=cases,
    )


def shown(summary: Summary, metric: str) -> tuple[str, str]:
    """('12.3 ms', '±2%')"""
    if metric == UPDATE_COST:
        return cost_text(summary, METRICS[metric].unit)
    known = METRICS[metric]
    return value_text(summary, metric), spread_text(summary, known.unit, known.treatment.counted)


def _mark(result: Result, metric: str, measures: Measures) -> str:
    failed = FAILED_ROUNDS if len(result.good) < len(result.rounds) else ""
    unsteady = is_unsteady(measures.drifts(result, metric), len(measures.medians(result, "step_time")))
    return failed + (GROWING if grows(result, metric) else "") + (UNSTEADY if unsteady else "")


def grows(result: Result, metric: str) -> bool:
    """Whether the memory of the program grew with every step, for metrics that depend on the number of steps."""
    return metric in GROWN and any(
        warning.code == "memory-grows" for round_ in result.good for warning in round_.warnings
    )


def semantic_text(result: Result) -> str:
    """'lazy ✓', 'lazy ✗', 'unproven', 'no audit' for a case that ran; '' for other cases."""
    if result.status not in ("ok", "invalid"):
        return ""
    if not result.semantic:
        return "unproven" if all(line.unproven for line in result.good) else "no audit"
    audits = [round_.audit for round_ in result.rounds if round_.audit is not None]
    return f"{result.semantic} {'✓' if all(audit.passed for audit in audits) else '✗'}"
