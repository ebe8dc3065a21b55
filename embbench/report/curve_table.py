"""The learning curves of results, as a table: where a score starts, where it is best, and where it ends."""

from collections.abc import Sequence

from embbench.analysis.collapse.axes import named, naming_axes
from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.learning_curves import best, curves_of, end, over_seeds
from embbench.cases.units import format_quantity
from embbench.report.figures import factor_text
from embbench.stats.summary import Summary

HEADINGS = ("case", "score", "start", "best", "at step", "end")
NONE = "—"


def curve_rows(results: Sequence[Result]) -> tuple[tuple[str, ...], ...]:
    """A row per case and score, with HEADINGS; () without curves."""
    learning = [result for result in results if result.audited and curves_of(result)]
    axes = naming_axes(learning)
    return tuple(row for result in learning for row in _rows(result, named(axes, result)))


def _rows(result: Result, name: str) -> list[tuple[str, ...]]:
    curves = curves_of(result)
    scores = dict.fromkeys(score for curve in curves.values() for score in curve.scores)
    rows: list[tuple[str, ...]] = []
    for score in scores:
        first = over_seeds(result, lambda curve, score=score: (curve.scores.get(score) or (None,))[0])
        lowest = over_seeds(result, lambda curve, score=score: getattr(best(curve, score), "value", None))
        step = over_seeds(result, lambda curve, score=score: getattr(best(curve, score), "step", None))
        last = over_seeds(result, lambda curve, score=score: end(curve, score))
        told = (
            (_center(first), factor_text(lowest), f"{step.center:.0f}", _text(last)) if lowest and step else (NONE,) * 4
        )
        rows.append((name, score, *told))
    return rows


def _text(summary: Summary | None) -> str:
    return NONE if summary is None else factor_text(summary)


def _center(summary: Summary | None) -> str:
    return NONE if summary is None else format_quantity(summary.center, "1", 3)
