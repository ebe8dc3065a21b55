"""The three explanations that people give for a slow embedding layer, each held against what was measured."""

import math
from collections.abc import Sequence
from typing import Literal

import msgspec

from embbench.model.explanation import Alternative, Explanation
from embbench.model.growth import Growth
from embbench.report.figures import brief, factor_text
from embbench.spec.semantics import moves_others
from embbench.spec.units import format_count, format_quantity
from embbench.stats.fit import Fit, line
from embbench.stats.summary import CONFIDENCE

FLAT = 1.25  # a step that takes no more than this times as long over the whole sweep does not grow worth a word


Grown = Literal["larger", "flat", "undecided", "unknown"]


class ClaimAnswer(msgspec.Struct, frozen=True):
    """answer: to `claim`, on this machine; 'undecided' where the measurements scatter too much. why: in one sentence,
    with figures.
    """

    claim: str
    answer: Literal["yes", "no", "in part", "undecided", "not measured"]
    why: str


def claim_answers(told: Explanation, columns: Growth | None) -> list[ClaimAnswer]:
    """columns: how a step with a frozen table grows with dim, None where that was not measured."""
    return [_gigabytes(told), _lstm(told, columns), _touched(told)]


def _gigabytes(told: Explanation) -> ClaimAnswer:
    claim = "a step looks up and writes gigabytes, which caches cannot hold"
    growth = told.growth
    if growth is None or (grown := _grown(growth)) == "unknown":
        return ClaimAnswer(
            claim, "not measured", "that needs three vocabularies of this case, and times that do not scatter"
        )
    if grown != "larger":
        return ClaimAnswer(claim, "no" if grown == "flat" else "undecided", f"a step takes {_range(growth)}")
    lookups = "" if told.least is None else f"; looking rows up needs {brief(told.least.lookup)} of it"
    passes = told.passes
    if passes is None or not passes.derived:
        return ClaimAnswer(claim, "in part", f"a step grows with the vocabulary: {_range(growth)}{lookups}")
    table = told.table_bytes
    why = f"{format_quantity(passes.derived * table, 'B', 2)} are read and written in order, by gradient and optimizer"
    if passes.kernel is not None and passes.kernel.center > passes.derived:
        faults = format_quantity(passes.kernel.center * table, "B", 2)
        why += f", and page faults for memory that is asked for anew cost as much as {faults} more"
    return ClaimAnswer(claim, "in part", f"{why}{lookups}")


def _lstm(told: Explanation, columns: Growth | None) -> ClaimAnswer:
    claim = "the LSTM's weights grow with the embedding"
    known = (
        (told.frozen, "with the table frozen a step takes"),
        (told.network, "rows, LSTM and loss, forward and backward, take"),
    )
    rows, takes = next(((each, text) for each, text in known if each and _grown(each) != "unknown"), (None, ""))
    if rows is None:
        return ClaimAnswer(
            claim, "not measured", "that needs three vocabularies with a frozen table, or of a step in parts"
        )
    grown, by_rows = _grown(rows), f"{takes} {_range(rows)}"
    if grown == "larger":
        by_rows += ", which is what looking rows up takes: no weight of the LSTM is there for a row"
    if columns is None or (wider := _grown(columns)) == "unknown":
        return ClaimAnswer(claim, "undecided" if grown == "undecided" else "no", f"not with its rows: {by_rows}")
    if wider == "larger":
        return ClaimAnswer(claim, "in part", f"with its columns ({_range(columns)}), not with its rows: {by_rows}")
    return ClaimAnswer(
        claim, "no", f"not worth a word with its columns ({_range(columns)}), nor with its rows: {by_rows}"
    )


def _touched(told: Explanation) -> ClaimAnswer:
    claim = "only the rows of the batch should cost anything"
    if told.case.table == "frozen":
        return ClaimAnswer(claim, "yes", "nothing of a frozen table is written at all")
    if not moves_others(told.result.semantic):
        if told.growth is None or (grown := _grown(told.growth)) == "unknown":
            return ClaimAnswer(claim, "not measured", "that needs three vocabularies of this case")
        answer: dict[str, Literal["yes", "no", "undecided"]] = {"flat": "yes", "larger": "no"}
        why = f"this update has to move only these rows; a step takes {_range(told.growth)}"
        return ClaimAnswer(claim, answer.get(grown, "undecided"), why)
    lazy = next((each for each in told.alternatives if _only_touched(each, told)), None)
    if lazy is None:
        return ClaimAnswer(claim, "not measured", "that needs an update that moves only these rows, such as sparse")
    gain = "" if lazy.gain is None else f", {factor_text(lazy.gain)} times as fast"
    return ClaimAnswer(
        claim,
        "no",
        f"dense {told.case.optimizer} moves every row in every step, by momentum or decay; an update that does not "
        f"({lazy.result.case.update}) takes {brief(lazy.seconds.center)}{gain}",
    )


def _only_touched(each: Alternative, told: Explanation) -> bool:
    case = each.result.case
    alike = all(getattr(case, axis) == getattr(told.case, axis) for axis in ("contender", "table", "runtime"))
    return alike and not moves_others(each.result.semantic)


def _grown(growth: Growth) -> Grown:
    """Whether a step takes more than FLAT times as long at the largest value as at the smallest, by its line, or what
    of it is not the kernel's by its own.
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
    pivot = -both / steep  # there, what the line says and how steep it is are known independently
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
