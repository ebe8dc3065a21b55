"""How far the lines can be trusted: each measured size against the line through the others."""

from collections.abc import Iterator, Sequence

from embbench.model.growth import MEMORY, OWN, held_out
from embbench.model.sweep import sweep_of
from embbench.report.figures import percent
from embbench.results.collapse import Result
from embbench.results.measures import Measures
from embbench.spec.case import label
from embbench.spec.units import format_count, format_quantity


def render_validation(result: Result, results: Sequence[Result], measures: Measures) -> str:
    """Of the sweep that `result` is part of. Ends with a newline."""
    sweep = sweep_of(result, results, measures)
    lines = [f"{label(result.case)}, each size left out of the line in turn"]
    for metric in ("step_time", OWN, *MEMORY):
        held = held_out(sweep, metric, measures)
        if not held:
            continue
        lines.append(f"  {metric}")
        unit = "B" if metric in MEMORY else "s"
        for each in held:
            off = each.predicted.center / each.measured - 1
            between = _between(each.predicted.low, each.predicted.high, unit)
            vocab = format_count(round(each.features[1]))
            lines.append(
                f"    {vocab:>6}  measured {format_quantity(each.measured, unit, 3):>8}  "
                f"predicted {format_quantity(each.predicted.center, unit, 3):>8}  "
                f"{'+' if off >= 0 else '-'}{percent(abs(off))}{between}"
            )
    if len(lines) == 1:
        lines += _why(sweep.values)
    return "\n".join(lines) + "\n"


def _between(low: float | None, high: float | None, unit: str) -> str:
    if low is None or high is None:
        return ""
    return f"  ({format_quantity(low, unit, 3)} to {format_quantity(high, unit, 3)})"


def _why(values: Sequence[int]) -> Iterator[str]:
    told = ", ".join(map(format_count, values))
    yield f"  measured at {told} only: to leave one out takes three vocabularies"
