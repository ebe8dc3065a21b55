"""An Explanation as JSON values, in base units; an interval is an object.

Schema 1 (null where a value is unknown; keys may be added, never changed). A number with its interval is {"center": …,
"low": …, "high": …}. The parts that the text begins with:

{"schema": 1, "case": {…}, "step_time": {…}, "host_peak": {…},
 "growth": {"values": [200000, …], "grows": true, "ratio": {…}, "break_even": 24000.0,
            "step_time": {"constant": {…} in s, "slope": {…} in s per row, "off_by": 0.03},
            "host_peak": {"constant": {…} in B, "slope": {…} in B per row, "off_by": 0.01}},
 "claims": [{"claim": "…", "answer": "no", "why": "…"}, …],
 "machine": {…} of the first round, "machines": [{…}, …], "software": {"package": "version"},
 "measured": {"first": "2026-11-26T21:20:00Z", "last": "…", "rounds": 16}, …}

growth.grows: whether the line shows growth. growth.ratio: a step at the largest value over a step at the smallest
value; the ratio may show growth where no line does. growth.break_even: the rows from which half of a step or more
grows. off_by: the largest deviation of a size from its line, as a share of the size. measured: the rounds of the case
and of its alternatives.
"""

from typing import Any

from embbench.analysis.cost.explanation import Explanation
from embbench.analysis.cost.growth import Growth
from embbench.cases.semantics import meaning
from embbench.report.caption import machine_facts
from embbench.report.explained import Explained
from embbench.report.lack_text import doubt_text
from embbench.report.rank_costs import ranks_of
from embbench.stats.fit import Fit
from embbench.stats.summary import Summary

SCHEMA = 1


def as_json(made: Explained) -> dict[str, Any]:
    """The values that `--advise-only` prints; the module docstring has their schema. No text needs parsing."""
    explanation = made.explanation
    growth, passes = explanation.growth, explanation.passes
    share = growth.share(explanation.case.vocab) if growth is not None else None
    return {
        "schema": SCHEMA,
        "case": explanation.case,
        "step_time": bounds(explanation.seconds),
        explanation.metric or "host_peak": bounds(explanation.bytes),
        "steps_to_loss": bounds(explanation.steps),
        "growth": None if growth is None else _growth(growth),
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
        "ranks": ranks_of(explanation.result.good[-1].conditions),
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
        "claims": made.claim_answers,
        "crossovers": [
            {"update": each.update, "faster": each.faster, "slower": each.slower, "cases": each.cases}
            for each in explanation.crossovers
        ],
        "notes": [doubt_text(doubt) for doubt in explanation.doubts],
        "missing": [{"what": what, "command": command} for what, command in made.missing],
        **_origin(explanation),
    }


def _growth(growth: Growth) -> dict[str, Any]:
    """The growth with the vocabulary, as the text has it."""
    return {
        "values": growth.sweep.values,
        "grows": growth.grows,
        "ratio": bounds(growth.ratio),
        "break_even": growth.break_even(),
        "step_time": _coefficients(growth.time),
        growth.memory_metric or "host_peak": _coefficients(growth.memory),
    }


def _coefficients(fit: Fit | None) -> dict[str, Any] | None:
    """Base units, and base units per unit of the axis; None where no line describes the numbers."""
    if fit is None:
        return None
    constant, slope = (bounds(above_0(fit.coefficient(index))) for index in (0, 1))
    return {"constant": constant, "slope": slope, "off_by": fit.worst}


def _origin(explanation: Explanation) -> dict[str, Any]:
    """The machine, versions and dates."""
    result = explanation.result
    machines = machine_facts(result.rounds)
    rounds = [line for each in (result, *(each.result for each in explanation.alternatives)) for line in each.rounds]
    started = sorted(line.started for line in rounds if line.started)
    first, last = (started[0], started[-1]) if started else (None, None)
    return {
        "machine": machines[0],
        "machines": machines,
        "software": result.rounds[-1].software,
        "measured": {"first": first, "last": last, "rounds": len(rounds)},
    }


def _line(growth: Growth) -> dict[str, Any] | None:
    """Seconds, and seconds per unit of the axis, at the sizes of `case`; None where no line describes the times."""
    known = _coefficients(growth.time)
    return None if known is None else {"case": growth.sweep.case, "values": growth.sweep.values, **known}


def above_0(summary: Summary) -> Summary:
    """The summary of a quantity that cannot be below 0, whatever its line says."""
    low, high = (None if each is None else max(0.0, each) for each in (summary.low, summary.high))
    return Summary(max(0.0, summary.center), low, high, summary.n)


def bounds(summary: Summary | None) -> dict[str, float | None] | None:
    """{'center': …, 'low': …, 'high': …}; low and high are null where the spread is unknown."""
    return None if summary is None else {"center": summary.center, "low": summary.low, "high": summary.high}
