"""The alternatives of a case: what a change gains, what it changes in training, and its code."""

from collections.abc import Callable, Iterator, Sequence

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.cost.explanation import Alternative, Explanation
from embbench.cases.case import Case
from embbench.cases.semantics import meaning
from embbench.cases.training_task import LEARNT, MOST_LESSONS
from embbench.cases.units import format_quantity
from embbench.report.document import Grid
from embbench.report.figures import about, factor_text, figures
from embbench.stats.effects import separates
from embbench.stats.summary import Summary

Change = Callable[[Result], str]  # the code that a user changes for a result's path; '' where unknown


def instead(explanation: Explanation, shown: Sequence[Alternative] | None = None) -> Grid:
    """The table of the alternatives, the fastest first. shown: the alternatives of a shorter table; None for all. The
    steps to learn have a column where they are known.
    """
    shown = explanation.alternatives if shown is None else shown
    columns: dict[str, Callable[[Alternative], str]] = {
        "instead": lambda each: _path(each.result.case, explanation.case),
        "step": lambda each: shown_time(each.seconds),
        "times as fast": lambda each: "" if each.gain is None else _gain(each.gain),
        "steps to learn": _steps,
        "memory": lambda each: "" if each.bytes is None else shown_bytes(each.bytes.center),
        "class": lambda each: each.result.semantic,
    }
    if not any(map(_steps, shown)):
        del columns["steps to learn"]
    rows = [tuple(text(each) for text in columns.values()) for each in shown]
    if left_out := len(explanation.alternatives) - len(shown):
        rows.append((f"{left_out} more: --details", *[""] * (len(columns) - 1)))
    return Grid(headings=tuple(columns), left=("instead", "class"), rows=tuple(rows))


def ways_to_change(explanation: Explanation, change: Change) -> Iterator[tuple[str, str]]:
    """(path, code) of all alternatives that may be faster: the interval of the gain may include 1."""
    for each in _faster(explanation):
        if line := change(each.result):
            yield _path(each.result.case, explanation.case), line


def best_alternatives(explanation: Explanation, change: Change) -> dict[str, Alternative]:
    """Class -> its fastest alternative with known code."""
    best: dict[str, Alternative] = {}
    for each in _faster(explanation):
        if change(each.result):
            best.setdefault(each.result.semantic, each)
    return best


def first_alternatives(explanation: Explanation, change: Change, most: int) -> list[Alternative]:
    """`most` alternatives or so, the fastest first: those of `best_alternatives`, then the fastest others."""
    best = list(best_alternatives(explanation, change).values())
    others = [each for each in explanation.alternatives if each not in best]
    chosen = best + others[: max(0, most - len(best))]
    return [each for each in explanation.alternatives if each in chosen]


def best_changes(explanation: Explanation, change: Change) -> Iterator[tuple[str, str]]:
    """(class, path with its code) of the fastest alternative of each class."""
    for semantic, each in best_alternatives(explanation, change).items():
        path = _path(each.result.case, explanation.case)
        code = change(each.result) if path == semantic else f"{path}: {change(each.result)}"
        if semantic == explanation.result.semantic:
            yield semantic, f"{code}. {semantic.capitalize()}, as now."
        else:
            yield semantic, f"{code}. In training, {meaning(semantic)}."


def training_differences(explanation: Explanation) -> Iterator[tuple[str, str]]:
    """What the classes of the faster alternatives change in training."""
    for semantic in dict.fromkeys(each.result.semantic for each in _faster(explanation)):
        same = " (as now)" if semantic == explanation.result.semantic else ""
        yield f"{semantic}{same}", f"{meaning(semantic)}."
    if any(each.steps is not None or not each.learns for each in explanation.alternatives):
        yield "steps to learn", _lesson(explanation.steps)


def _faster(explanation: Explanation) -> list[Alternative]:
    return [each for each in explanation.alternatives if each.gain is not None and _is_faster(each.gain)]


def _path(case: Case, other: Case) -> str:
    name = case.table if case.table == "frozen" else f"{case.table} {case.update}"
    name += "" if case.runtime == other.runtime else f" {case.runtime}"
    return name if case.contender == other.contender else f"{case.contender} {name}"


def _gain(gain: Summary) -> str:
    """'slower' only where the interval shows it."""
    if gain.low is None:
        return f"about ×{factor_text(gain)}"
    return "slower" if gain.center < 1 and separates(gain, 1.0) else f"×{factor_text(gain)}"


def _is_faster(gain: Summary) -> bool:
    return gain.center > 1 and separates(gain, 1.0) is not False


def _steps(each: Alternative) -> str:
    if not each.learns:
        return "not reached"
    return "" if each.steps is None else f"×{each.steps.center:.2f}"


def _lesson(steps: Summary | None) -> str:
    now = "" if steps is None else f" The case itself takes {steps.center:.0f} steps."
    return (
        f"Steps to the same loss, a mean of {LEARNT:g}, in a small training of at most {MOST_LESSONS} steps: most "
        f"words of a text stand for its label, and the table starts from random numbers.{now}"
    )


def shown_time(summary: Summary) -> str:
    return about(summary) + format_quantity(summary.center, "s", min(3, figures(summary)))


def shown_bytes(value: float) -> str:
    return format_quantity(value, "B", 3)
