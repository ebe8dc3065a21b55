"""Results in the formats of other tools."""

import re
from collections.abc import Callable, Sequence

from embbench import wire
from embbench.analysis.collapse.collapse import Result, collapse
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.cases.metrics import METRICS
from embbench.cases.suite import View
from embbench.errors import UsageError, unknown
from embbench.report.assemble import build
from embbench.report.figures import spread_text
from embbench.report.pytest_benchmark import distinct_names, render_pytest_benchmark
from embbench.report.results_document import results_document
from embbench.report.writers.data import write_csv
from embbench.stats.summary import Summary
from embbench.store.round import Round

TRACKED = ("step_time", "host_peak", "device_step_peak")  # metrics for tools that follow a project over time
NANO = 1e9


def check_export(name: str) -> str:
    """Returns the name. Raises UsageError with the nearest name."""
    if name not in EXPORTS:
        raise UsageError(f"--to: {unknown('format', name, EXPORTS)}")
    return name


def render_export(rounds: Sequence[Round], name: str) -> str:
    """name: of EXPORTS. rounds: one or more are ok. Ends with a newline. Raises UsageError with the nearest name."""
    return EXPORTS[check_export(name)](rounds)


def _github(rounds: Sequence[Round]) -> str:
    """github-action-benchmark's tool 'customSmallerIsBetter': name, unit, value, range, extra."""
    entries = []
    for result, name, numbers in _numbers(rounds):
        for metric, summary in numbers.items():
            unit, counted = METRICS[metric].unit, METRICS[metric].treatment.counted
            entry = {"name": f"{name} {metric}", "unit": unit, "value": summary.center, "extra": result.case_id}
            spread = spread_text(summary, unit, counted)
            entries.append({**entry, "range": spread} if spread else entry)
    return wire.document(entries)


def _bencher(rounds: Sequence[Round]) -> str:
    """Bencher Metric Format: latency in nanoseconds, the unit of its built-in measure; other metrics in base units."""
    benchmarks = {}
    for _, name, numbers in _numbers(rounds):
        benchmarks[name] = {
            "latency" if metric == "step_time" else re.sub("_", "-", metric): _measure(
                summary, NANO if metric == "step_time" else 1
            )
            for metric, summary in numbers.items()
        }
    return wire.document(benchmarks)


def _csv(rounds: Sequence[Round]) -> str:
    """All cases, with all metrics that occur in the rounds."""
    known = {name for line in rounds for name in line.metrics}
    return write_csv(results_document(build(rounds, View(metric=",".join(name for name in METRICS if name in known)))))


EXPORTS: dict[str, Callable[[Sequence[Round]], str]] = {
    "pytest-benchmark": render_pytest_benchmark,
    "github-action-benchmark": _github,
    "bencher": _bencher,
    "csv": _csv,
}


def _numbers(rounds: Sequence[Round]) -> list[tuple[Result, str, dict[str, Summary]]]:
    """(result, its name, metric -> summary) of every ok case."""
    results = collapse(rounds)
    measures, names = Measures(results), distinct_names(results)
    named = []
    for result, name in zip(results, names, strict=True):
        if result.status == "ok":
            summaries = {metric: measures.summary(result, metric) for metric in TRACKED}
            numbers = {metric: summary for metric, summary in summaries.items() if not isinstance(summary, Absent)}
            named.append((result, name, numbers))
    return named


def _measure(summary: Summary, scale: float) -> dict[str, float]:
    bounds = {"lower_value": summary.low, "upper_value": summary.high}
    return {
        "value": summary.center * scale,
        **{name: bound * scale for name, bound in bounds.items() if bound is not None},
    }
