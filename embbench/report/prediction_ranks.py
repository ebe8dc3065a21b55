"""Predictions of several ranks -> a Grid, and JSON values."""

from collections.abc import Sequence
from typing import Any

import msgspec

from embbench.analysis.cost.ranks import PredictedRanks
from embbench.cases.case import also_varying, label
from embbench.cases.units import format_count, format_quantity
from embbench.report.document import Grid
from embbench.report.explain_json import bounds
from embbench.report.figures import figures, percent
from embbench.report.lack_text import lack_text
from embbench.stats.summary import Summary

NO_TIME = "no time is predicted in several ranks: how fast ranks exchange between machines was not measured"


class RankRow(msgspec.Struct, frozen=True):
    """least: the smallest number of ranks whose machines of this kind hold the table; None where none does."""

    predicted: PredictedRanks
    least: int | None


def ranks_grid(rows: Sequence[RankRow]) -> Grid:
    """A row for each case."""
    also = also_varying([each.predicted.case for each in rows])
    return Grid(
        headings=("predicted", "peak of a rank", "a rank sends", "fits from"),
        left=("predicted",),
        rows=tuple(_row(each, also) for each in rows),
    )


def ranks_notes(rows: Sequence[RankRow]) -> list[str]:
    """Why numbers are missing, and how well the arithmetic held."""
    notes = dict.fromkeys(lack_text(each.predicted.lack) for each in rows if each.predicted.lack is not None)
    off = [each.predicted.off for each in rows if each.predicted.off is not None]
    if off:
        notes[
            f"each measured peak, predicted from the other cases of its way, is off by {percent(max(off))} at most"
        ] = None
    return [*notes, NO_TIME] if rows else []


def ranks_json(row: RankRow) -> dict[str, Any]:
    """Base units; null where nothing supports a number."""
    told = row.predicted
    return {
        "case": told.case,
        "step_time": None,
        "rank_peak": bounds(told.bytes),
        "sent_bytes": bounds(told.sent),
        "least_ranks": row.least,
        "off": told.off,
        "measured": told.measured,
        "why": lack_text(told.lack) if told.lack is not None else NO_TIME,
    }


def _row(row: RankRow, also: Sequence[str]) -> tuple[str, ...]:
    told = row.predicted
    return (
        label(told.case, also),
        _amount(told.bytes, "B"),
        _amount(told.sent, "B"),
        "—" if row.least is None else f"{format_count(row.least)} rank{'s' if row.least > 1 else ''} like this machine",
    )


def _amount(summary: Summary | None, unit: str) -> str:
    """'2.1 GB (1.9 to 2.3 GB)'"""
    if summary is None:
        return "—"
    digits = min(3, figures(summary, counted=True))
    text = format_quantity(summary.center, unit, digits)
    if summary.low is None or summary.high is None:
        return text
    return f"{text} ({format_quantity(summary.low, unit, digits)} to {format_quantity(summary.high, unit, digits)})"
