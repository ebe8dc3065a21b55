"""Predictions -> a Document."""

from collections.abc import Sequence
from typing import Any

import msgspec

from embbench.analysis.cost.predict import Predicted
from embbench.cases.case import also_varying, label
from embbench.cases.units import format_quantity
from embbench.report.document import Document, Grid, Notes, only_filled
from embbench.report.explain_json import bounds
from embbench.report.figures import figures
from embbench.report.lack_text import why_text, why_texts
from embbench.report.prediction_ranks import RankRow, planners_grid, ranks_grid, ranks_json, ranks_notes
from embbench.stats.summary import Summary

SCHEMA = 1


class MachineMemory(msgspec.Struct, frozen=True):
    """Bytes of this machine's memory and of its first CUDA device; None without such a device."""

    host: int | None
    device: int | None

    def of(self, each: Predicted) -> int | None:
        return self.host if each.case.device == "cpu" else self.device


def fits(each: Predicted, room: MachineMemory) -> bool | None:
    """Whether the case's peak, at the upper end of its interval, is less than the memory here. None: not known."""
    most, there = _most(each.bytes), room.of(each)
    elsewhere = each.case.device != "cpu" and each.metric.startswith("host")  # a host peak does not bound the device
    return None if most is None or there is None or elsewhere else most < there


def needs(each: Predicted) -> int | None:
    """The size of memory, the next power of two of GB (1e9 bytes), that holds the peak with its interval."""
    most = _most(each.bytes)
    size = 1_000_000_000
    while most is not None and size < most:
        size *= 2
    return None if most is None else size


def as_json(made: Sequence[Predicted], room: MachineMemory, ranks: Sequence[RankRow] = ()) -> dict[str, Any]:
    """{"schema": 1, "predictions": [an object per case]}, in base units; keys may be added, never changed. A number
    that the measurements do not support is null. `why` is the reason, or the basis of a number that rests on no line.
    """
    predictions = [
        {
            "case": each.case,
            "step_time": bounds(each.seconds),
            each.metric or "host_peak": bounds(each.bytes),
            "fits": fits(each, room),
            "needs": needs(each),
            "measured": each.measured,
            "why": why_text(each),
        }
        for each in made
    ]
    return {"schema": SCHEMA, "predictions": [*predictions, *map(ranks_json, ranks)]}


def prediction_document(made: Sequence[Predicted], room: MachineMemory, ranks: Sequence[RankRow] = ()) -> Document:
    """A row for each case, then the reasons of missing numbers. ranks: the cases of several ranks."""
    also = also_varying([each.case for each in made])
    grid = Grid(
        headings=("predicted", "step", "peak memory", "here", "from"),
        left=("predicted",),
        rows=tuple(
            (
                label(each.case, also),
                _amount(each.seconds, "s"),
                _amount(each.bytes, "B"),
                _here(each, room),
                f"{each.measured} size{'s' if each.measured != 1 else ''}",
            )
            for each in made
        ),
    )
    notes = Notes((*why_texts(made), *ranks_notes(ranks)))
    return Document(
        blocks=only_filled(grid, ranks_grid(ranks), planners_grid(ranks), notes), data=as_json(made, room, ranks)
    )


def _here(each: Predicted, room: MachineMemory) -> str:
    enough, size = fits(each, room), needs(each)
    if size is None:
        return "—"
    if enough is None:
        return f"needs {format_quantity(size, 'B', 2)}"
    return "fits" if enough else f"no: needs {format_quantity(size, 'B', 2)}"


def _amount(summary: Summary | None, unit: str) -> str:
    """'20.9 s (19.1 to 22.7 s)'"""
    if summary is None:
        return "—"
    digits = min(3, figures(summary))
    text = format_quantity(summary.center, unit, digits)
    if summary.low is None or summary.high is None:
        return text
    low = format_quantity(max(0.0, summary.low), unit, digits)
    return f"{text} ({low} to {format_quantity(summary.high, unit, digits)})"


def _most(summary: Summary | None) -> float | None:
    return None if summary is None else summary.high if summary.high is not None else summary.center
