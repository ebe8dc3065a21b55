"""Three common explanations of a slow embedding layer, checked against the measurements."""

import math
from collections.abc import Sequence
from typing import Literal

import msgspec

from embbench.analysis.cost.explanation import Alternative, Explanation
from embbench.analysis.cost.growth import Growth
from embbench.cases.semantics import moves_others
from embbench.cases.units import format_count, format_quantity
from embbench.report.figures import brief, factor_text
from embbench.stats.fit import Fit, line
from embbench.stats.summary import CONFIDENCE

FLAT = 1.25  # times: a step that lengthens by less over the whole sweep counts as flat


Grown = Literal["larger", "flat", "undecided", "unknown"]


class ClaimAnswer(msgspec.Struct, frozen=True):
    """answer: whether `claim` holds on this machine; 'undecided' where the measurements scatter too much. why: a clause
    with figures.
    """

    claim: str
    answer: Literal["yes", "no", "in part", "undecided", "not measured"]
    why: str


def claim_answers(explanation: Explanation, columns: Growth | None) -> list[ClaimAnswer]:
    """columns: the growth of a step with dim, with a frozen table; None where dim has a single value."""
    return [_gigabytes(explanation), _lstm(explanation, columns), _touched(explanation)]


def _gigabytes(explanation: Explanation) -> ClaimAnswer:
    claim = "a step looks up and writes gigabytes, which caches cannot hold"
    growth = explanation.growth
    if growth is None or (grown := _grown(growth)) == "unknown":
        return ClaimAnswer(
            claim, "not measured", "the answer needs three vocabularies of this case, and times that do not scatter"
        )
    if grown != "larger":
        return ClaimAnswer(claim, "no" if grown == "flat" else "undecided", f"a step takes {_range(growth)}")
    lookups = "" if explanation.least is None else f"; the lookup needs {brief(explanation.least.lookup)} of a step"
    passes = explanation.passes
    if passes is None or not passes.derived:
        return ClaimAnswer(claim, "in part", f"a step grows with the vocabulary: {_range(growth)}{lookups}")
    table = explanation.table_bytes
    why = f"gradient and optimizer read and write {format_quantity(passes.derived * table, 'B', 2)} in order"
    if passes.kernel is not None and passes.kernel.center > passes.derived:
        faults = format_quantity(passes.kernel.center * table, "B", 2)
        why += f", and page faults of newly allocated memory cost as much as {faults} more"
    return ClaimAnswer(claim, "in part", f"{why}{lookups}")


def _lstm(explanation: Explanation, columns: Growth | None) -> ClaimAnswer:
    claim = "the LSTM's weights grow with the embedding"
    known = (
        (explanation.frozen, "a step with a frozen table takes"),
        (explanation.network, "lookup, LSTM and loss, forward and backward, take"),
    )
    rows, takes = next(((each, text) for each, text in known if each and _grown(each) != "unknown"), (None, ""))
    if rows is None:
        return ClaimAnswer(
            claim, "not measured", "the answer needs three vocabularies with a frozen table, or with a step in parts"
        )
    grown, by_rows = _grown(rows), f"{takes} {_range(rows)}"
    if grown == "larger":
        by_rows += "; the lookup takes the difference, because no weight of the LSTM belongs to a row"
    if columns is None or (wider := _grown(columns)) == "unknown":
        if grown == "undecided":
            return ClaimAnswer(claim, "undecided", f"the times do not show whether: {by_rows}")
        return ClaimAnswer(claim, "no", f"the weights do not grow with the rows: {by_rows}")
    if wider == "larger":
        why = f"the weights grow with the columns ({_range(columns)}), and not with the rows: {by_rows}"
        return ClaimAnswer(claim, "in part", why)
    why = f"a step hardly grows with the columns ({_range(columns)}), and the weights do not with the rows: {by_rows}"
    return ClaimAnswer(claim, "no", why)


def _touched(explanation: Explanation) -> ClaimAnswer:
    claim = "only the rows of the batch should cost anything"
    if explanation.case.table == "frozen":
        return ClaimAnswer(claim, "yes", "a step writes no row of a frozen table")
    if not moves_others(explanation.result.semantic):
        if explanation.growth is None or (grown := _grown(explanation.growth)) == "unknown":
            return ClaimAnswer(claim, "not measured", "the answer needs three vocabularies of this case")
        answer: dict[str, Literal["yes", "no", "undecided"]] = {"flat": "yes", "larger": "no"}
        why = f"this update only has to move these rows; a step takes {_range(explanation.growth)}"
        return ClaimAnswer(claim, answer.get(grown, "undecided"), why)
    lazy = next((each for each in explanation.alternatives if _only_touched(each, explanation)), None)
    if lazy is None:
        return ClaimAnswer(
            claim, "not measured", "the answer needs an update that moves only these rows, such as sparse"
        )
    gain = "" if lazy.gain is None else f", {factor_text(lazy.gain)} times as fast"
    return ClaimAnswer(
        claim,
        "no",
        f"dense {explanation.case.optimizer} moves every row in every step, by momentum or decay; "
        f"{lazy.result.case.update} moves only these rows and takes {brief(lazy.seconds.center)}{gain}",
    )


def _only_touched(each: Alternative, explanation: Explanation) -> bool:
    case = each.result.case
    alike = all(getattr(case, axis) == getattr(explanation.case, axis) for axis in ("contender", "table", "runtime"))
    return alike and not moves_others(each.result.semantic)


def _grown(growth: Growth) -> Grown:
    """Whether a step takes more than FLAT times as long at the largest value as at the smallest. The lines of two times
    are asked: the whole step, and the step without the kernel's part.
    """
    values, both = growth.sweep.values, growth.confidence
    whole = _lengthened(growth.time, values, CONFIDENCE)
    if whole != "unknown" and "larger" in (_lengthened(each, values, both) for each in (growth.time, growth.own)):
        return "larger"
    return "undecided" if whole == "larger" else whole


def _lengthened(time: Fit | None, values: Sequence[int], confidence: float) -> Grown:
    if time is None:
        return "unknown"
    slope = time.coefficient(1, confidence)
    if slope.low is None or slope.high is None:
        return "unknown"
    (_, both), (_, steep) = time.covariance
    pivot = -both / steep  # at the pivot, the errors of value and slope are independent
    center = time.free[0] + time.free[1] * pivot
    low, high = (_factor(center, each, pivot, values) for each in (slope.low, slope.high))
    if low > FLAT:
        return "larger"
    return "flat" if high < FLAT else "undecided"


def _factor(center: float, slope: float, pivot: float, values: Sequence[int]) -> float:
    first, last = (center + slope * (value - pivot) for value in (values[0], values[-1]))
    return last / first if first > 0 else math.inf


def _range(growth: Growth) -> str:
    """'14.0 ms at 200k, 13.9 ms at 2M'"""
    assert growth.time is not None
    values, axis = growth.sweep.values, growth.sweep.axis
    name = "" if axis == "vocab" else f"{axis} "
    ends = (f"{brief(growth.time.at(line(v)).center)} at {name}{format_count(v)}" for v in (values[0], values[-1]))
    return ", ".join(ends)
