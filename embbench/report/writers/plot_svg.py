"""A Plot as SVG, the same bytes for the same values."""

import io
import warnings
from typing import Any

from embbench.cases.units import format_count, format_quantity
from embbench.errors import UsageError
from embbench.plain import one_line
from embbench.report.plot import MISSING, Bars, Cells, Plot, PlotLines

SETTINGS = {"svg.hashsalt": "embbench", "svg.fonttype": "none", "font.size": 9, "figure.constrained_layout.use": True}


def draw_svg(plot: Plot) -> str:
    """Raises UsageError where Matplotlib is missing."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        raise UsageError("--plot: matplotlib is not installed: pip install 'embbench[plots]'") from None
    with mpl.rc_context(SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from")  # the SVG holds text, not the font's shapes
        warnings.filterwarnings("ignore", "constrained_layout not applied")  # a name longer than the figure is wide
        figure = Figure(figsize=(7.2, 4.5))
        axes = figure.add_subplot()
        axes.set_title(_name(plot.title))
        if isinstance(plot, PlotLines):
            _lines(axes, plot)
        elif isinstance(plot, Bars):
            _bars(axes, plot)
        else:
            _cells(axes, plot)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": "embbench"})
    return text.getvalue()


def _lines(axes: Any, plot: PlotLines) -> None:
    for series in plot.series:
        xs, ys = ([point[place] for point in series.points] for place in (0, 1))
        if series.drawn:
            axes.plot(xs, ys, color="black", linewidth=1, label=_name(series.name))
            continue
        below = [0.0 if low is None else max(0.0, y - low) for _, y, low, _ in series.points]
        above = [0.0 if high is None else max(0.0, high - y) for _, y, _, high in series.points]
        axes.errorbar(xs, ys, yerr=(below, above), marker="o", markersize=3, capsize=2, label=_name(series.name))
    for place, name in plot.marks:
        axes.axvline(place, color="grey", linewidth=0.6, linestyle=":")
        axes.annotate(_name(name), (place, 1), xycoords=("data", "axes fraction"), fontsize=7, ha="right", va="top")
    axes.set(xscale="log", yscale="log", xlabel=_name(plot.x), ylabel=_name(plot.y))
    for axis, unit in ((axes.xaxis, plot.units[0]), (axes.yaxis, plot.units[1])):
        axis.set_major_formatter(lambda value, _, unit=unit: _amount(value, unit))
    axes.grid(visible=True, which="major", linewidth=0.3)
    axes.legend(fontsize=7)


def _bars(axes: Any, plot: Bars) -> None:
    places = range(len(plot.names))
    left = [0.0] * len(plot.names)
    for name, part in plot.parts.items():
        width = [max(0.0, value) for value in part]
        axes.barh(places, width, left=left, label=_name(name), color="lightgrey" if name == MISSING else None)
        left = [one + other for one, other in zip(left, width, strict=True)]
    axes.set_yticks(places, map(_name, plot.names))
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(lambda value, _: _amount(value, "s"))
    axes.legend(fontsize=7)


def _cells(axes: Any, plot: Cells) -> None:
    kinds = list(dict.fromkeys(kind for kind, _ in plot.cells.values()))
    values = [[float("nan")] * len(plot.columns) for _ in plot.rows]
    for (row, column), (kind, text) in plot.cells.items():
        values[row][column] = kinds.index(kind)
        axes.text(column, row, _name(text), ha="center", va="center", fontsize=8)
    axes.imshow(values, cmap="Pastel1", vmin=0, vmax=8, aspect="auto")
    axes.set_xticks(range(len(plot.columns)), map(_name, plot.columns))
    axes.set_yticks(range(len(plot.rows)), map(_name, plot.rows))


def _name(text: str) -> str:
    """The text as it is: Matplotlib reads dollars as a formula, and hides names of _ and empty names from a legend."""
    name = one_line(text).replace("$", r"\$")
    return f" {name}" if name.startswith("_") or not name else name


def _amount(value: float, unit: str) -> str:
    if value <= 0:
        return "0"
    return format_count(round(value)) if not unit else format_quantity(value, unit, 2)
