"""Results in the formats of other tools: each takes rounds and gives text."""

import re
from collections.abc import Callable, Sequence

from embbench import wire
from embbench.errors import UsageError, unknown
from embbench.report.assemble import build
from embbench.report.figures import spread_text
from embbench.report.pytest_benchmark import distinct_names, render_pytest_benchmark
from embbench.report.results_document import results_document
from embbench.report.writers.data import write_csv
from embbench.results.collapse import Result, collapse
from embbench.results.measures import Absent, Measures
from embbench.spec.metrics import METRICS
from embbench.spec.suite import View
from embbench.stats.summary import Summary
from embbench.store.round import Round

TRACKED = ("step_time", "host_peak", "device_step_peak")  # what tools that follow a project over time are told
NANO = 1e9


def check_export(name: str) -> str:
    """The name itself. Raises UsageError naming the nearest one."""
    if name not in EXPORTS:
        raise UsageError(f"--to: {unknown('format', name, EXPORTS)}")
    return name


def render_export(rounds: Sequence[Round], name: str) -> str:
    """name: of EXPORTS. rounds: one or more are ok. Ends with a newline. Raises UsageError naming the nearest name."""
    return EXPORTS[check_export(name)](rounds)


def _github(rounds: Sequence[Round]) -> str:
    """github-action-benchmark's tool 'customSmallerIsBetter': name, unit, value, range, extra."""
    told = []
    for result, name, found in _numbers(rounds):
        for metric, summary in found.items():
            unit, counted = METRICS[metric].unit, METRICS[metric].treatment.counted
            entry = {"name": f"{name} {metric}", "unit": unit, "value": summary.center, "extra": result.case_id}
            spread = spread_text(summary, unit, counted)
            told.append({**entry, "range": spread} if spread else entry)
    return _json(told)


def _bencher(rounds: Sequence[Round]) -> str:
    """Bencher Metric Format: latency in nanoseconds, as its built-in measure has it; other metrics in base units."""
    told = {}
    for _, name, found in _numbers(rounds):
        told[name] = {
            "latency" if metric == "step_time" else re.sub("_", "-", metric): _measure(
                summary, NANO if metric == "step_time" else 1
            )
            for metric, summary in found.items()
        }
    return _json(told)


def _csv(rounds: Sequence[Round]) -> str:
    """Every case with every metric that any round has."""
    known = {name for line in rounds for name in line.metrics}
    return write_csv(results_document(build(rounds, View(metric=",".join(name for name in METRICS if name in known)))))


EXPORTS: dict[str, Callable[[Sequence[Round]], str]] = {
    "pytest-benchmark": render_pytest_benchmark,
    "github-action-benchmark": _github,
    "bencher": _bencher,
    "csv": _csv,
}


def _numbers(rounds: Sequence[Round]) -> list[tuple[Result, str, dict[str, Summary]]]:
    """(result, its name, metric -> summary) of all that is ok."""
    results = collapse(rounds)
    measures, names = Measures(results), distinct_names(results)
    told = []
    for result, name in zip(results, names, strict=True):
        if result.status == "ok":
            found = {metric: measures.summary(result, metric) for metric in TRACKED}
            numbers = {metric: summary for metric, summary in found.items() if not isinstance(summary, Absent)}
            told.append((result, name, numbers))
    return told


def _measure(summary: Summary, scale: float) -> dict[str, float]:
    bounds = {"lower_value": summary.low, "upper_value": summary.high}
    return {
        "value": summary.center * scale,
        **{name: bound * scale for name, bound in bounds.items() if bound is not None},
    }


def _json(told: object) -> str:
    return wire.document(told)
