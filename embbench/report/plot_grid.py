"""A picture as a table of its values."""

from embbench.cases.units import format_count, format_quantity
from embbench.report.document import Grid
from embbench.report.figures import percent
from embbench.report.plot import Bars, Cells, Picture, PlotLines, Strips, Timeline

MOST = 500  # rows; more marks are summed up strip by strip


def grid_of(picture: Picture) -> Grid:
    """All values of the picture; of a picture with very many marks, how many each strip has."""
    if isinstance(picture, PlotLines):
        return _lines(picture)
    if isinstance(picture, Bars):
        return _bars(picture)
    if isinstance(picture, Timeline):
        return _timeline(picture)
    return _cells(picture) if isinstance(picture, Cells) else _strips(picture)


def amount(value: float, unit: str) -> str:
    """A number with 3 figures, as axes and points show it. unit: '' for a count."""
    if value == 0:
        return "0"
    return format_quantity(value, unit, 3) if unit else format_count(round(value))


def ratio(value: float) -> str:
    return f"×{value:.3g}"


def _lines(plot: PlotLines) -> Grid:
    rows = []
    for series in plot.series:
        for x, y, low, high in () if series.drawn else series.points:
            ends = ("" if each is None else amount(each, plot.units[1]) for each in (low, high))
            rows.append((series.name, amount(x, plot.units[0]), amount(y, plot.units[1]), *ends))
    return Grid(headings=("line", plot.x, plot.y, "from", "to"), left=("line",), rows=tuple(rows))


def _bars(plot: Bars) -> Grid:
    rows = []
    for place, name in enumerate(plot.names):
        whole = sum(part[place] for part in plot.parts.values())
        rows += [
            (name, part, amount(seconds[place], "s"), percent(seconds[place] / whole) if whole else "")
            for part, seconds in plot.parts.items()
            if seconds[place]
        ]
    return Grid(headings=("step", "part", "time", "share"), left=("step", "part"), rows=tuple(rows))


def _timeline(plot: Timeline) -> Grid:
    rows = []
    for series in plot.series:
        for x, y, low, high in series.points:
            ends = ("" if each is None else amount(each, plot.unit) for each in (low, high))
            rows.append((series.name, plot.places[int(x)], amount(y, plot.unit), *ends))
    return Grid(headings=("line", "run", plot.y, "from", "to"), left=("line", "run"), rows=tuple(rows))


def _cells(plot: Cells) -> Grid:
    rows = []
    for place, name in enumerate(plot.rows):
        texts = (plot.cells.get((place, column), ("", ""))[1] for column in range(len(plot.columns)))
        rows.append((name, *texts))
    return Grid(headings=("", *plot.columns), left=("", *plot.columns), rows=tuple(rows))


def _strips(plot: Strips) -> Grid:
    def text(value: float | None) -> str:
        return "" if value is None else amount(value, plot.unit) if plot.unit else ratio(value)

    if sum(len(each.marks) for each in plot.strips) > MOST:
        rows = [
            (each.name, str(len(each.marks)), str(sum(bool(mark.disturbed) for mark in each.marks)))
            for each in plot.strips
        ]
        return Grid(headings=("", "marks", "disturbed"), left=("",), rows=tuple(rows))
    rows = [
        (each.name, mark.text, text(mark.value), text(mark.low), text(mark.high), mark.disturbed)
        for each in plot.strips
        for mark in each.marks
    ]
    headings = ("", "mark", plot.x, "from", "to", "disturbed")
    return Grid(headings=headings, left=("", "mark", "disturbed"), rows=tuple(rows))
