"""A plot as values. `writers.plot_text` draws it in a terminal, `writers.plot_svg` into a file."""

import msgspec

MISSING = "not accounted for"  # a part of Bars that no name is for


class Series(msgspec.Struct, frozen=True):
    """points: (x, y, low, high), low and high None where the spread is not known. drawn: as a line without marks."""

    name: str
    points: tuple[tuple[float, float, float | None, float | None], ...]
    drawn: bool = False


class PlotLines(msgspec.Struct, frozen=True):
    """Both axes are logarithmic. x, y: what they are. units: of x and y, as `format_quantity` takes them. marks: places
    on x with their names.
    """

    title: str
    x: str
    y: str
    units: tuple[str, str]
    series: tuple[Series, ...]
    marks: tuple[tuple[float, str], ...] = ()


class Bars(msgspec.Struct, frozen=True):
    """Stacked: parts: name -> seconds, one for each of `names`; what is missing is below 0 where parts overlap."""

    title: str
    names: tuple[str, ...]
    parts: dict[str, tuple[float, ...]]


class Cells(msgspec.Struct, frozen=True):
    """A map: cells: (row, column) -> (kind, text), by places in `rows` and `columns`."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[tuple[int, int], tuple[str, str]]


Plot = PlotLines | Bars | Cells
