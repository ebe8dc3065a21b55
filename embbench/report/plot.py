"""A plot as values. `writers.plot_text` draws it in a terminal, `writers.plot_svg` into a file."""

from typing import Any

import msgspec

SCHEMA = 1  # of the JSON values: keys may be added, never changed
MISSING = "not accounted for"  # the rest of a step in Bars


class Series(msgspec.Struct, frozen=True):
    """points: (x, y, low, high); low and high are None where the spread is unknown. drawn: a line without marks."""

    name: str
    points: tuple[tuple[float, float, float | None, float | None], ...]
    drawn: bool = False


class PlotLines(msgspec.Struct, frozen=True):
    """Both axes are logarithmic. x, y: names of the axes. units: of x and y, for `format_quantity`. marks: (place on x,
    name).
    """

    title: str
    x: str
    y: str
    units: tuple[str, str]
    series: tuple[Series, ...]
    marks: tuple[tuple[float, str], ...] = ()


class Bars(msgspec.Struct, frozen=True):
    """Stacked bars. parts: name -> seconds per entry of `names`. MISSING is below 0 where parts overlap."""

    title: str
    names: tuple[str, ...]
    parts: dict[str, tuple[float, ...]]


class Cells(msgspec.Struct, frozen=True):
    """A map. cells: (row, column) -> (kind, text); row and column are places in `rows` and `columns`."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[tuple[int, int], tuple[str, str]]


Plot = PlotLines | Bars | Cells


def as_json(plot: Plot) -> dict[str, Any]:
    """The JSON values, in base units: the fields, with a list of {row, column, kind, text} for Cells."""
    values = {"schema": SCHEMA, **msgspec.structs.asdict(plot)}
    if isinstance(plot, Cells):
        values["cells"] = [
            {"row": row, "column": column, "kind": kind, "text": text}
            for (row, column), (kind, text) in sorted(plot.cells.items())
        ]
    return values
