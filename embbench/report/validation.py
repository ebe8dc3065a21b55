"""Leave-one-out validation: every measured size against the line through the other sizes."""

from collections.abc import Sequence
from typing import Any

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.growth import MEMORY, OWN, held_out
from embbench.analysis.cost.sweep import sweep_of
from embbench.cases.case import label
from embbench.cases.units import format_count, format_quantity
from embbench.report.document import Document, Grid, Heading, Notes
from embbench.report.explain_json import SCHEMA, bounds
from embbench.report.figures import percent
from embbench.stats.fit import LeftOut


def validation_document(result: Result, results: Sequence[Result], measures: Measures) -> Document:
    """A grid per metric of the sweep of `result`, or the reason why there is none."""
    sweep = sweep_of(result, results, measures)
    held = {metric: held_out(sweep, metric, measures) for metric in ("step_time", OWN, *MEMORY)}
    grids = tuple(_grid(metric, sizes) for metric, sizes in held.items() if sizes)
    return Document(
        blocks=(
            Heading(f"{label(result.case)}: every size against the line through the other sizes"),
            *(grids or (Notes((_why(sweep.values),)),)),
        ),
        data={"schema": SCHEMA, **{metric: [_values(each) for each in sizes] for metric, sizes in held.items()}},
    )


def _grid(metric: str, held: Sequence[LeftOut]) -> Grid:
    unit = "B" if metric in MEMORY else "s"
    rows = []
    for each in held:
        off = each.predicted.center / each.measured - 1
        rows.append(
            (
                format_count(round(each.features[1])),
                format_quantity(each.measured, unit, 3),
                format_quantity(each.predicted.center, unit, 3),
                f"{'+' if off >= 0 else '-'}{percent(abs(off))}",
                _between(each.predicted.low, each.predicted.high, unit),
            )
        )
    return Grid(title=metric, headings=("vocab", "measured", "predicted", "off by", "interval"), rows=tuple(rows))


def _values(each: LeftOut) -> dict[str, Any]:
    return {"vocab": round(each.features[1]), "measured": each.measured, "predicted": bounds(each.predicted)}


def _between(low: float | None, high: float | None, unit: str) -> str:
    if low is None or high is None:
        return ""
    return f"{format_quantity(low, unit, 3)} to {format_quantity(high, unit, 3)}"


def _why(values: Sequence[int]) -> str:
    sizes = ", ".join(map(format_count, values))
    return f"The case was measured at {sizes} only. Validation needs three vocabularies."
