"""Predictions of several ranks -> a Grid, and JSON values."""

from collections.abc import Sequence
from typing import Any

import msgspec

from embbench.analysis.collapse.axes import listed
from embbench.analysis.cost.lacks import Measure
from embbench.analysis.cost.rank_lacks import LeastLack, RankLack, ScatteredTimes
from embbench.analysis.cost.ranks import PredictedRanks
from embbench.cases.case import also_varying, label
from embbench.cases.units import format_count, format_quantity
from embbench.report.command import measure_commands
from embbench.report.document import Grid
from embbench.report.explain_json import bounds
from embbench.report.figures import figures, percent
from embbench.report.rank_lack_text import BY_MEASURING, rank_lack_text
from embbench.stats.summary import Summary
from embbench.store.exchange import AskedPlanner

FEW, MANY = 3, 10  # rounds that a command measures; many where times scatter
MOST_NAMES = 3  # of cases with the same reason


class RankRow(msgspec.Struct, frozen=True):
    """least: the smallest number of ranks whose machines of this kind hold the table, or why there is none; None where
    nothing supports it. planner: name of the framework's own planner, '' without. asked: its answer, if it was asked.
    """

    predicted: PredictedRanks
    least: int | LeastLack | None
    planner: str = ""
    asked: AskedPlanner | None = None


def ranks_grid(rows: Sequence[RankRow]) -> Grid:
    """A row for each case."""
    also = also_varying([each.predicted.case for each in rows])
    return Grid(
        headings=("predicted", "step", "peak of a process", "a rank sends", "fits from"),
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
    notes = _reasons(rows)
    times = [each.predicted.time for each in rows if each.predicted.time is not None]
    for rate in (each.link for each in times if each.seconds is not None and each.link is not None):
        text = f"each rank has a machine like the measured one to itself and sends {format_quantity(rate, 'B/s', 2)}"
        notes.append(f"step: {text}; --link takes another rate")
    if not all(each.by_tokens for each in times if each.seconds is not None):
        notes.append(
            "step: its rest, such as the network, may or may not shrink with the batch: measure another --batch"
        )
    for what, off in (
        ("time", [each.off for each in times if each.off is not None and each.seconds is not None]),
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
        "least_ranks": row.least if isinstance(row.least, int) else None,
        "off": told.off,
        "measured": told.measured,
        "link": None if told.time is None else told.time.link,
        "off_time": None if told.time is None else told.time.off,
        "planner": None if row.asked is None else {"name": row.planner, "estimate": row.asked.planned},
        "why": _why(row),
    }


def _lacks(row: RankRow) -> list[RankLack]:
    told = row.predicted
    every = (told.lack, None if told.time is None else told.time.lack, row.least)
    return [each for each in every if each is not None and not isinstance(each, int)]


def _measure(row: RankRow, lack: RankLack) -> tuple[Measure | None, int]:
    """What to measure against the lack, None for nothing, and the number of rounds."""
    rounds = MANY if isinstance(lack, ScatteredTimes) else FEW
    return (row.predicted.measure if isinstance(lack, BY_MEASURING) else None), rounds


def _reasons(rows: Sequence[RankRow]) -> list[str]:
    """A text per reason, with its cases unless all have it, and with the commands that help."""
    also = also_varying([each.predicted.case for each in rows])
    having: dict[str, list[tuple[RankRow, RankLack]]] = {}
    for row in rows:
        for lack in _lacks(row):
            having.setdefault(rank_lack_text(lack), []).append((row, lack))
    texts = []
    for reason, found in having.items():
        names = [label(row.predicted.case, also) for row, _ in found]
        about = "" if len(found) == len(rows) else f"{listed(names, most=MOST_NAMES)}: "
        asked = [_measure(row, lack) for row, lack in found]
        measures = [measure for measure, _ in asked if measure is not None]
        texts.append(about + reason + (f"; measure: {measure_commands(measures, asked[0][1])}" if measures else ""))
    return texts


def _why(row: RankRow) -> str:
    """The reasons of a row, each with its command."""
    texts = []
    for lack in _lacks(row):
        measure, rounds = _measure(row, lack)
        more = "" if measure is None else f"; measure: {measure_commands([measure], rounds)}"
        texts.append(rank_lack_text(lack) + more)
    return "; ".join(texts)


def _row(row: RankRow, also: Sequence[str]) -> tuple[str, ...]:
    told = row.predicted
    return (
        label(told.case, also),
        _amount(None if told.time is None else told.time.seconds, "s", counted=False),
        _amount(told.bytes, "B"),
        _amount(told.sent, "B"),
        _least(row.least),
    )


def _least(least: int | LeastLack | None) -> str:
    if not isinstance(least, int):
        return "—"
    return f"{format_count(least)} rank{'s' if least > 1 else ''} like this machine"


def _amount(summary: Summary | None, unit: str, counted: bool = True) -> str:
    """'2.1 GB (1.9 to 2.3 GB)'"""
    if summary is None:
        return "—"
    digits = min(3, figures(summary, counted=counted))
    text = format_quantity(summary.center, unit, digits)
    if summary.low is None or summary.high is None:
        return text
    return f"{text} ({format_quantity(summary.low, unit, digits)} to {format_quantity(summary.high, unit, digits)})"
