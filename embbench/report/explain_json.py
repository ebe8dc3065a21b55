"""An Explanation as JSON values; an interval is an object."""

from typing import TYPE_CHECKING, Any

from embbench.analysis.cost.growth import Growth
from embbench.cases.semantics import meaning
from embbench.report.lack_text import doubt_text
from embbench.stats.summary import Summary

if TYPE_CHECKING:
    from embbench.report.explain_document import Explained


def as_json(made: "Explained") -> dict[str, Any]:
    """The values that `--advise-only` prints, in base units. No text needs parsing."""
    explanation = made.explanation
    growth, passes = explanation.growth, explanation.passes
    share = growth.share(explanation.case.vocab) if growth is not None else None
    return {
        "case": explanation.case,
        "step_time": bounds(explanation.seconds),
        explanation.metric or "host_peak": bounds(explanation.bytes),
        "steps_to_loss": bounds(explanation.steps),
        "share_growing_with_vocab": bounds(share),
        "step_time_along": {each.sweep.axis: _line(each) for each in explanation.along},
        "passes": None
        if passes is None
        else {
            "measured": bounds(passes.measured),
            "derived": passes.derived or None,
            "kernel": bounds(passes.kernel),
            "roots": bounds(passes.roots),
        },
        "declared": made.source(explanation.result),
        "floor": None
        if explanation.least is None or explanation.lazy is None
        else {"this": explanation.least.total, "touched_rows": explanation.lazy.total},
        "phases": None
        if explanation.phases is None
        else {name: max(0.0, part.center) for name, part in explanation.phases.parts.items()}
        | {"missing": explanation.phases.missing.center},
        "alternatives": [
            {
                "case": each.result.case,
                "step_time": bounds(each.seconds),
                "times_as_fast": bounds(each.gain),
                "times_as_many_steps": bounds(each.steps),
                "reaches_loss": each.learns,
                explanation.metric or "host_peak": bounds(each.bytes),
                "class": each.result.semantic,
                "means": meaning(each.result.semantic),
                "change": made.change(each.result),
                "declared": made.source(each.result),
            }
            for each in explanation.alternatives
        ],
        "verdicts": made.claim_answers,
        "crossovers": [
            {"update": each.update, "faster": each.faster, "slower": each.slower, "cases": each.cases}
            for each in explanation.crossovers
        ],
        "notes": [doubt_text(doubt) for doubt in explanation.doubts],
        "missing": [{"what": what, "command": command} for what, command in made.missing],
    }


def _line(growth: Growth) -> dict[str, Any] | None:
    """Seconds, and seconds per unit of the axis, at the sizes of `case`; None where no line describes the times."""
    if growth.time is None:
        return None
    constant, slope = (above_0(growth.time.coefficient(index)) for index in (0, 1))
    values = growth.sweep.values
    return {"case": growth.sweep.case, "values": values, "constant": bounds(constant), "slope": bounds(slope)}


def above_0(summary: Summary) -> Summary:
    """The summary of a quantity that cannot be below 0, whatever its line says."""
    low, high = (None if each is None else max(0.0, each) for each in (summary.low, summary.high))
    return Summary(max(0.0, summary.center), low, high, summary.n)


def bounds(summary: Summary | None) -> dict[str, float | None] | None:
    """{'center': …, 'low': …, 'high': …}; low and high are null where the spread is unknown."""
    return None if summary is None else {"center": summary.center, "low": summary.low, "high": summary.high}
