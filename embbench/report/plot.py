"""A plot as values. `writers.plot_text` draws it in a terminal, `writers.plot_svg` into a file, `writers.page_svg` into
a page.
"""

from typing import Any

import msgspec

SCHEMA = 1  # of the JSON values: keys may be added, never changed
MISSING = "not accounted for"  # the rest of a step in Bars


class Series(msgspec.Struct, frozen=True):
    """points: (x, y, low, high); low and high are None where the spread is unknown. drawn: a line without marks.
    counts: numbers of the values behind each point, such as rounds; () where unknown.
    """

    name: str
    points: tuple[tuple[float, float, float | None, float | None], ...]
    drawn: bool = False
    counts: tuple[int, ...] = ()


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


class Mark(msgspec.Struct, frozen=True, gc=False):
    """value: the place of the mark. low, high: an interval or a range; None without. text: what the mark is. disturbed:
    why its value is not comparable; '' where it is.
    """

    value: float
    low: float | None
    high: float | None
    text: str
    disturbed: str = ""


class Strip(msgspec.Struct, frozen=True):
    """Marks on a line of their own."""

    name: str
    marks: tuple[Mark, ...]


class Strips(msgspec.Struct, frozen=True):
    """Strips on a common logarithmic axis, for pages. unit: for `format_quantity`; '' for ratios. band: (low, high), an
    area that all strips share; None without.
    """

    title: str
    x: str
    unit: str
    strips: tuple[Strip, ...]
    band: tuple[float, float] | None = None


class Timeline(msgspec.Struct, frozen=True):
    """Lines over places in order, such as runs; y is logarithmic. places: names. series: x is a number of a place, from
    0. marks: (number of a place, what happened).
    """

    title: str
    y: str
    unit: str
    places: tuple[str, ...]
    series: tuple[Series, ...]
    marks: tuple[tuple[int, str], ...] = ()


Picture = Plot | Strips | Timeline


def as_json(plot: Plot) -> dict[str, Any]:
    """The JSON values, in base units: the fields, with a list of {row, column, kind, text} for Cells."""
    values = {"schema": SCHEMA, **msgspec.structs.asdict(plot)}
    if isinstance(plot, Cells):
        values["cells"] = [
            {"row": row, "column": column, "kind": kind, "text": text}
            for (row, column), (kind, text) in sorted(plot.cells.items())
        ]
    return values
