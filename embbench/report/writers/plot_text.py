"""A Plot in a terminal."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from rich.table import Table as RichTable
from rich.text import Text

from embbench.cases.units import format_count, format_quantity
from embbench.errors import UsageError
from embbench.report.plot import Bars, Cells, Plot, PlotLines
from embbench.report.writers.console import make_console, written

HEIGHT = 24
TICKS = 11  # columns beside the upright axis
COLOURS = ("blue", "green", "magenta", "yellow", "cyan", "red")
BLOCK = "█▓▒░▞▚"
MARKS = "o+x*#@%&"


def draw_text(plot: Plot, width: int, colour: bool) -> str:
    """The plot as text; ends with a newline. width: columns. Raises UsageError where plotille is missing."""
    if isinstance(plot, PlotLines):
        return _lines(plot, width, colour)
    console = make_console(width, colour)
    console.print(Text(plot.title, style="bold"))
    console.print(_bars(plot, width) if isinstance(plot, Bars) else _cells(plot))
    if isinstance(plot, Bars):
        for place, name in enumerate(plot.parts):
            console.print(Text(f"{BLOCK[place % len(BLOCK)]} {name}", style=COLOURS[place % len(COLOURS)]))
    return written(console)


def _lines(plot: PlotLines, width: int, colour: bool) -> str:
    try:
        import plotille
    except ImportError:
        raise UsageError("--plot: plotille is not installed: pip install 'embbench[plots]'") from None
    figure = plotille.Figure()
    figure.width, figure.height = max(20, width - TICKS - len(f"-> ({plot.x})") - 3), HEIGHT
    figure.origin = False
    figure.with_colors, figure.color_mode = colour, "names"
    figure.x_label, figure.y_label = plot.x, plot.y
    # The library knows linear axes only: it draws logarithms, and the ticks name the values.
    figure.x_ticks_fkt, figure.y_ticks_fkt = _tick(plot.units[0], 0), _tick(plot.units[1], TICKS - 1)
    for number, series in enumerate(plot.series):
        xs = [math.log10(point[0]) for point in series.points]
        ys = [math.log10(point[1]) for point in series.points]
        how = {"lc": COLOURS[number % len(COLOURS)] if colour else None, "label": series.name}
        if len(xs) > 1:
            figure.plot(xs, ys, marker=None if series.drawn else MARKS[number % len(MARKS)], **how)
        else:
            figure.scatter(xs, ys, marker=MARKS[number % len(MARKS)], **how)
    heights = [math.log10(point[1]) for series in plot.series for point in series.points]
    for place, name in plot.marks:
        label = f"{name} {_amount(place, plot.units[0])}"
        figure.plot([math.log10(place)] * 2, [min(heights), max(heights)], lc=None, label=label)
    drawn = figure.show(legend=True)
    return "\n".join([plot.title, "", *(line.rstrip() for line in drawn.splitlines())]) + "\n"


def _tick(unit: str, width: int) -> Callable[[Any, Any], str]:
    return lambda low, _: f"{_amount(10**low, unit):>{width}}"


def _amount(value: float, unit: str) -> str:
    return format_count(int(float(f"{value:.1e}"))) if not unit else format_quantity(value, unit, 2)


def _bars(plot: Bars, width: int) -> RichTable:
    totals = [sum(max(0.0, part[place]) for part in plot.parts.values()) for place in range(len(plot.names))]
    room = max(10, width - max(map(len, plot.names)) - 14)
    grid = RichTable.grid(padding=(0, 2, 0, 0))
    for place, name in enumerate(plot.names):
        bar = Text()
        for number, (part, cells) in enumerate(_lengths(plot, place, room, totals[place])):
            del part
            bar.append(BLOCK[number % len(BLOCK)] * cells, style=COLOURS[number % len(COLOURS)])
        grid.add_row(Text(name), format_quantity(totals[place], "s", 3), bar)
    return grid


def _lengths(plot: Bars, place: int, room: int, total: float) -> Sequence[tuple[str, int]]:
    """(part, length) as shares of a step: the bars of all steps are equally long."""
    return [(name, round(room * max(0.0, part[place]) / total)) for name, part in plot.parts.items()]


def _cells(plot: Cells) -> RichTable:
    kinds = list(dict.fromkeys(kind for kind, _ in plot.cells.values()))
    grid = RichTable.grid(padding=(0, 2, 0, 0))
    grid.add_row("", *(Text(name, style="dim") for name in plot.columns))
    for row, name in enumerate(plot.rows):
        line = (plot.cells.get((row, column), ("", "—")) for column in range(len(plot.columns)))
        texts = (Text(text, style=COLOURS[kinds.index(kind) % len(COLOURS)] if kind else "") for kind, text in line)
        grid.add_row(Text(name), *texts)
    return grid
