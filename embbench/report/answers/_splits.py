"""Frozen, partly trainable and trainable tables: what they learn from pretrained rows, and what they cost."""

from collections.abc import Iterator, Sequence

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.learning_curves import over_seeds, paired
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.cases.case import AXES
from embbench.cases.units import format_count, format_quantity
from embbench.cases.workload import hybrid_shape
from embbench.plain import one_line
from embbench.report.answers._learnt_texts import last
from embbench.report.answers._words import listed_with, seconds_text, with_version
from embbench.report.figures import factor_text
from embbench.stats.effects import separates
from embbench.stats.summary import Summary
from embbench.workloads._planted_worth import COMMON

TIME, MEMORY = "step_time", "host_peak"
TRAINABLE = "trainable"
SPLIT = ("table", "update", "trainable_dim")  # axes in which tables of a group differ


def about_splits(results: Sequence[Result], measures: Measures) -> Iterator[str]:
    """A sentence per group of tables with learning curves, then one on costs per group without curves."""
    groups = list(_groups(results))
    for first, others in groups:
        if first.case.workload == "topics":
            yield from _learnt(first, others)
    for first, others in groups:
        if first.case.workload != "topics":
            yield _cost(first, others, measures)


def _groups(results: Sequence[Result]) -> Iterator[tuple[Result, list[Result]]]:
    """A trainable table, and the other tables of its contender and sizes."""
    by_size: dict[tuple[object, ...], list[Result]] = {}
    for result in results:
        if result.audited:
            sizes = tuple(getattr(result.case, axis) for axis in AXES if axis not in SPLIT)
            by_size.setdefault(sizes, []).append(result)
    for group in by_size.values():
        first = [each for each in group if (each.case.table, each.case.update) == (TRAINABLE, "default")]
        others = [each for each in group if each.case.table != TRAINABLE]
        if first and others:
            yield first[0], others


def _learnt(first: Result, others: Sequence[Result]) -> Iterator[str]:
    whole = over_seeds(first, last)
    apart = [(each, paired(each, first, last)) for each in others]
    differences = [f"{_table(each)} {_verdict(more)}" for each, more in apart if more is not None]
    if whole is not None and differences:
        yield (
            f"{one_line(first.case.contender)}, {_rows(first)}: against a trainable table ({whole.center:.2g} nats), "
            f"{listed_with(differences)}."
        )


def _verdict(more: Summary) -> str:
    if separates(more, 0.0) is False:
        return "cannot tell"
    return f"{'worse' if more.center > 0 else 'better'} by {factor_text(_positive(more))}"


def _positive(summary: Summary) -> Summary:
    if summary.center >= 0 or summary.low is None or summary.high is None:
        return Summary(abs(summary.center), summary.low, summary.high, summary.n)
    return Summary(-summary.center, -summary.high, -summary.low, summary.n)


def _cost(first: Result, others: Sequence[Result], measures: Measures) -> str:
    case, step = first.case, measures.summary(first, TIME)
    size = f"{format_count(case.vocab)} rows of {case.dim} columns"
    if isinstance(step, Absent):
        return f"{with_version(first)}, {size}: no time of a trainable table."
    parts = []
    for each in others:
        ratio = measures.ratio(each, first, TIME)
        if ratio is not None:
            parts.append(f"{_table(each)} {factor_text(ratio)} times as long{_memory(each, measures)}")
    whole = f"a step takes {seconds_text(step)} with a trainable table{_memory(first, measures)}"
    return f"{with_version(first)}, {size}: {whole}; {listed_with(parts)}." if parts else f"{size}: {whole}."


def _memory(result: Result, measures: Measures) -> str:
    peak = measures.summary(result, MEMORY)
    return "" if isinstance(peak, Absent) else f" ({format_quantity(peak.center, 'B', 3)} at the peak)"


def _table(result: Result) -> str:
    case = result.case
    return f"{hybrid_shape(case)[1]} of {case.dim} columns" if case.table == "hybrid" else case.table


def _rows(result: Result) -> str:
    worth = COMMON.get(result.case.pretrained)
    return "random rows" if worth is None else f"rows of {100 * worth:.0f} % common variance"
