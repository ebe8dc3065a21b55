"""What was measured instead of a case, as part of its screen: what it gains, what it changes in training, its code."""

from collections.abc import Callable, Iterator

from rich.table import Table as RichTable
from rich.text import Text

from embbench.model.explanation import Alternative, Explanation
from embbench.report.figures import about, factor_text, figures
from embbench.results.collapse import Result
from embbench.spec.case import Case
from embbench.spec.semantics import meaning
from embbench.spec.training_task import LEARNT, MOST_LESSONS
from embbench.spec.units import format_quantity
from embbench.stats.effects import separates
from embbench.stats.summary import Summary

MOST_ALTERNATIVES = 8

Change = Callable[[Result], str]  # what a user changes for a result's path, '' where nothing is known


def instead(told: Explanation) -> RichTable:
    """The table of them."""
    grid = RichTable.grid(padding=(0, 2, 0, 0))
    grid.add_column()
    for _ in range(4):
        grid.add_column(justify="right", no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_row(*(Text(word, style="dim") for word in ("instead", "step", "faster", "steps", "memory", "class")))
    for each in told.alternatives[:MOST_ALTERNATIVES]:
        grid.add_row(
            _path(each.result.case, told.case),
            shown_time(each.seconds),
            "" if each.gain is None else _gain(each.gain),
            _steps(each),
            "" if each.bytes is None else shown_bytes(each.bytes.center),
            each.result.semantic,
        )
    return grid


def changes(told: Explanation, change: Change) -> Iterator[tuple[str, str]]:
    """The line of code that makes each that may be faster, then what their classes change in training. One whose
    interval includes 1 is not shown to be.
    """
    faster = [each for each in told.alternatives if each.gain is not None and _is_faster(each.gain)]
    for each in faster[:MOST_ALTERNATIVES]:
        if line := change(each.result):
            yield _path(each.result.case, told.case), line
    for semantic in dict.fromkeys(each.result.semantic for each in faster):
        same = " (as now)" if semantic == told.result.semantic else ""
        yield f"{semantic}{same}", f"{meaning(semantic)}."
    if any(each.steps is not None or not each.learns for each in told.alternatives):
        yield "steps", _lesson(told.steps)


def _path(case: Case, other: Case) -> str:
    name = case.table if case.table == "frozen" else f"{case.table} {case.update}"
    name += "" if case.runtime == other.runtime else f" {case.runtime}"
    return name if case.contender == other.contender else f"{case.contender} {name}"


def _gain(gain: Summary) -> str:
    """'slower' only where that is shown."""
    if gain.low is None:
        return f"about ×{factor_text(gain)}"
    return "slower" if gain.center < 1 and separates(gain, 1.0) else f"×{factor_text(gain)}"


def _is_faster(gain: Summary) -> bool:
    return gain.center > 1 and separates(gain, 1.0) is not False


def _steps(each: Alternative) -> str:
    if not each.learns:
        return f"not in {MOST_LESSONS}"
    return "" if each.steps is None else f"×{each.steps.center:.2f}"


def _lesson(steps: Summary | None) -> str:
    now = "" if steps is None else f"{steps.center:.0f} as now "
    return (
        f"to the same loss, tried in small: {now}to a mean of {LEARNT:g}, on texts whose label most of their words "
        "stand for, from a table of random numbers"
    )


def shown_time(summary: Summary) -> str:
    return about(summary) + format_quantity(summary.center, "s", min(3, figures(summary)))


def shown_bytes(value: float) -> str:
    return format_quantity(value, "B", 3)
