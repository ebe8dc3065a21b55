"""Predictions of several ranks -> a Grid, and JSON values."""

from collections.abc import Sequence
from typing import Any

import msgspec

from embbench.analysis.cost.lacks import Lack
from embbench.analysis.cost.ranks import PredictedRanks
from embbench.cases.case import also_varying, label
from embbench.cases.units import format_count, format_quantity
from embbench.report.document import Grid
from embbench.report.explain_json import bounds
from embbench.report.figures import figures, percent
from embbench.report.lack_text import lack_text
from embbench.stats.summary import Summary
from embbench.store.exchange import AskedPlanner


class RankRow(msgspec.Struct, frozen=True):
    """least: the smallest number of ranks whose machines of this kind hold the table; None where none does. planner:
    name of the framework's own planner, '' without. asked: its answer, if it was asked.
    """

    predicted: PredictedRanks
    least: int | None
    planner: str = ""
    asked: AskedPlanner | None = None


def ranks_grid(rows: Sequence[RankRow]) -> Grid:
    """A row for each case."""
    also = also_varying([each.predicted.case for each in rows])
    return Grid(
        headings=("predicted", "step", "peak of a rank", "a rank sends", "fits from"),
        left=("predicted",),
        rows=tuple(_row(each, also) for each in rows),
    )


def planners_grid(rows: Sequence[RankRow]) -> Grid:
    """What the frameworks' own planners estimate: a row for each case that they answered."""
    told = [(row, row.asked.planned) for row in rows if row.asked is not None and row.asked.planned is not None]
    also = also_varying([row.predicted.case for row in rows])
    return Grid(
        headings=("estimated by", "case", "a rank holds", "the table's part of a step"),
        left=("estimated by", "case"),
        rows=tuple(
            (
                row.planner,
                label(row.predicted.case, also),
                format_quantity(planned.bytes, "B", 2),
                format_quantity(planned.seconds, "s", 2),
            )
            for row, planned in told
        ),
    )


def ranks_notes(rows: Sequence[RankRow]) -> list[str]:
    """Why numbers are missing, what a time stands for, and how well the arithmetic held."""
    notes = [lack_text(lack) for each in rows for lack in _lacks(each.predicted)]
    times = [each.predicted.time for each in rows if each.predicted.time is not None]
    for rate in (each.link for each in times if each.seconds is not None and each.link is not None):
        text = f"each rank has a machine like the measured one to itself and sends {format_quantity(rate, 'B/s', 2)}"
        notes.append(f"step: {text}; --link takes another rate")
    if not all(each.by_tokens for each in times):
        notes.append(
            "step: its rest, such as the network, may or may not shrink with the batch: measure another --batch"
        )
    for what, off in (
        ("time", [each.off for each in times if each.off is not None]),
        ("peak", [each.predicted.off for each in rows if each.predicted.off is not None]),
    ):
        if off:
            text = f"each measured {what}, predicted from the other cases of its way, is off by {percent(max(off))}"
            notes.append(f"{text} at most")
    for row in rows:
        if row.asked is not None and row.asked.planned is None:
            notes.append(f"{row.planner} has no estimate: {row.asked.why}")
    return list(dict.fromkeys(notes))


def ranks_json(row: RankRow) -> dict[str, Any]:
    """Base units; null where nothing supports a number."""
    told = row.predicted
    return {
        "case": told.case,
        "step_time": bounds(None if told.time is None else told.time.seconds),
        "rank_peak": bounds(told.bytes),
        "sent_bytes": bounds(told.sent),
        "least_ranks": row.least,
        "off": told.off,
        "measured": told.measured,
        "link": None if told.time is None else told.time.link,
        "off_time": None if told.time is None else told.time.off,
        "planner": None if row.asked is None else {"name": row.planner, "estimate": row.asked.planned},
        "why": "; ".join(map(lack_text, _lacks(told))),
    }


def _lacks(told: PredictedRanks) -> list[Lack]:
    every = (told.lack, None if told.time is None else told.time.lack)
    return [each for each in every if each is not None]


def _row(row: RankRow, also: Sequence[str]) -> tuple[str, ...]:
    told = row.predicted
    return (
        label(told.case, also),
        _amount(None if told.time is None else told.time.seconds, "s", counted=False),
        _amount(told.bytes, "B"),
        _amount(told.sent, "B"),
        "—" if row.least is None else f"{format_count(row.least)} rank{'s' if row.least > 1 else ''} like this machine",
    )


def _amount(summary: Summary | None, unit: str, counted: bool = True) -> str:
    """'2.1 GB (1.9 to 2.3 GB)'"""
    if summary is None:
        return "—"
    digits = min(3, figures(summary, counted=counted))
    text = format_quantity(summary.center, unit, digits)
    if summary.low is None or summary.high is None:
        return text
    return f"{text} ({format_quantity(summary.low, unit, digits)} to {format_quantity(summary.high, unit, digits)})"
