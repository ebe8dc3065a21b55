"""The three explanations that people give for a slow embedding layer, each held against what was measured."""

from typing import Literal

import msgspec

from embbench.model.explanation import Explanation
from embbench.model.growth import Growth
from embbench.report.figures import factor_text
from embbench.spec.semantics import moves_others
from embbench.spec.units import format_count, format_quantity
from embbench.stats.effects import ratio
from embbench.stats.fit import line
from embbench.stats.summary import Summary

FLAT = 1.25  # a step that takes no more than this times as long over the whole sweep does not grow worth a word


class Verdict(msgspec.Struct, frozen=True):
    """answer: to `claim`, on this machine. why: in one sentence, with figures."""

    claim: str
    answer: Literal["yes", "no", "in part", "not measured"]
    why: str


def verdicts(told: Explanation, columns: Growth | None) -> list[Verdict]:
    """columns: how a step with a frozen table grows with dim, None where that was not measured."""
    return [_gigabytes(told), _lstm(told, columns), _touched(told)]


def _gigabytes(told: Explanation) -> Verdict:
    claim = "a step looks up and writes gigabytes, which caches cannot hold"
    growth = told.growth
    if growth is None or growth.grows is None:
        return Verdict(claim, "not measured", "that needs three vocabularies of this case")
    if not growth.grows:
        return Verdict(claim, "no", f"no growth with the vocabulary is shown ({_range(growth)})")
    if told.passes is None:
        return Verdict(claim, "in part", f"a step grows with the vocabulary ({_range(growth)})")
    table = told.case.table_bytes
    moved = format_quantity(told.passes.measured.center * table, "B", 2)
    lookups = "" if told.least is None else f"; the lookups themselves need {_seconds(told.least.lookup)}"
    return Verdict(claim, "in part", f"some {moved} are read and written in order, by gradient and optimizer{lookups}")


def _lstm(told: Explanation, columns: Growth | None) -> Verdict:
    claim = "the LSTM's weights grow with the embedding"
    rows = told.frozen
    if rows is None or rows.time is None:
        return Verdict(claim, "not measured", "that needs a frozen table with two vocabularies")
    flat = _factor(rows)
    by_rows = f"with the table frozen a step takes {factor_text(flat)} times as long ({_range(rows)})"
    if columns is None or columns.time is None:
        answer = "no" if flat.center < FLAT else "in part"
        return Verdict(claim, answer, f"not with the vocabulary: {by_rows}")
    wide = f"{factor_text(_factor(columns))} times with {_values(columns)} columns"
    answer = "in part" if flat.center < FLAT else "yes"
    return Verdict(claim, answer, f"with its columns, not its rows: {by_rows}, and {wide}")


def _touched(told: Explanation) -> Verdict:
    claim = "only the rows of the batch should cost anything"
    if not moves_others(told.result.semantic):
        lazy = told
        if lazy.growth is None or lazy.growth.grows is None:
            return Verdict(claim, "not measured", "that needs three vocabularies of this case")
        answer = "no" if lazy.growth.grows else "yes"
        return Verdict(claim, answer, f"this update moves only these rows; {_range(lazy.growth)}")
    lazy = next((each for each in told.alternatives if each.result.semantic in ("lazy", "exact", "rowwise")), None)
    if lazy is None:
        return Verdict(claim, "not measured", "that needs an update that moves only these rows, such as sparse")
    gain = "" if lazy.gain is None else f", {factor_text(lazy.gain)} times as fast"
    return Verdict(
        claim,
        "no",
        f"dense {told.case.optimizer} moves every row in every step, by momentum or decay; an update that does not "
        f"({lazy.result.case.update}) takes {_seconds(lazy.seconds.center)}{gain}",
    )


def _factor(growth: Growth) -> Summary:
    """The largest measured value against the smallest, by the line."""
    assert growth.time is not None
    values = growth.sweep.values
    low, high = (growth.time.at(line(value)) for value in (values[0], values[-1]))
    return ratio(high, low) or Summary(1.0, None, None, growth.time.n)


def _range(growth: Growth) -> str:
    """'14.0 ms at 200k, 13.9 ms at 2M'"""
    assert growth.time is not None
    values = growth.sweep.values
    ends = (
        f"{_seconds(growth.time.at(line(value)).center)} at {format_count(value)}" for value in (values[0], values[-1])
    )
    return ", ".join(ends)


def _values(growth: Growth) -> str:
    return f"{format_count(growth.sweep.values[-1])} instead of {format_count(growth.sweep.values[0])}"


def _seconds(value: float) -> str:
    return format_quantity(value, "s", 2)
