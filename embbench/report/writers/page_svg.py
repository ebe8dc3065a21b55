"""A Picture as SVG inside a page: every mark has its numbers, colours come from the page's style, points can be
focused.

Matplotlib's SVG (`plot_svg`) was rejected for pages: its marks have no names and its colours do not follow the page.
"""

import functools
import math
from collections.abc import Callable, Iterator, Sequence

from embbench.report.plot import Bars, Cells, Picture, PlotLines, Series, Timeline
from embbench.report.plot_grid import amount
from embbench.report.writers.page_strips import draw_strips
from embbench.report.writers.svg_parts import WIDTH, Axis, Steps, cut, safe, svg, text_at

HEIGHT = 400
LEFT, RIGHT, TOP, BOTTOM = 76, 16, 14, 46
MOST_PLACES = 8  # names below a timeline
COLOURS = 8  # classes c0 to c7 of the style
FLAT = 0.2  # decades: an axis of times or sizes reaches over a factor of 1.6 at least
ROW, BAR, NAMES = 34, 20, 250  # of bars: pixels of a row, of its bar, and of the names on the left


Point = tuple[float, float, float | None, float | None]


def draw(picture: Picture) -> str:
    """An <svg> element. It has no style of its own: see `pages/page.css`."""
    if isinstance(picture, PlotLines):
        return _lines(picture)
    if isinstance(picture, Bars):
        return _bars(picture)
    if isinstance(picture, Timeline):
        return _timeline(picture)
    return _cells(picture) if isinstance(picture, Cells) else draw_strips(picture)


def _lines(plot: PlotLines) -> str:
    points = [point for series in plot.series for point in series.points]
    xs = [x for x, *_ in points if x > 0]
    ys = [each for _, y, low, high in points for each in (y, low, high) if each is not None and each > 0]
    if not xs or not ys:
        return svg(plot.title, HEIGHT, [text_at(LEFT, TOP + 20, "nothing to draw", "start")])
    across, up = Axis(xs, LEFT, WIDTH - RIGHT), Axis(ys, HEIGHT - BOTTOM, TOP, FLAT)
    parts = list(_grid(plot, across, up))
    for place, name in plot.marks:
        if across.low <= math.log10(place) <= across.high:
            parts += _mark(across.at(place), name)
    for number, series in enumerate(plot.series):
        parts += _series(number, series, functools.partial(_line_label, plot, series.name), across, up)
    return svg(plot.title, HEIGHT, parts)


def _timeline(plot: Timeline) -> str:
    """The same frame with equally wide steps from place to place."""
    ys = [each for series in plot.series for _, y, *ends in series.points for each in (y, *ends) if each]
    if not ys:
        return svg(plot.title, HEIGHT, [text_at(LEFT, TOP + 20, "nothing to draw", "start")])
    across = Steps(len(plot.places), LEFT, WIDTH - RIGHT)
    up = Axis(ys, HEIGHT - BOTTOM, TOP)
    parts = list(_up_ticks(up, plot.unit))
    shown = range(0, len(plot.places), math.ceil(len(plot.places) / MOST_PLACES))
    parts += [text_at(across.at(place), HEIGHT - BOTTOM + 16, plot.places[place], "middle") for place in shown]
    for place, name in plot.marks:
        parts += _mark(across.at(place), name)
    for number, series in enumerate(plot.series):
        label = functools.partial(_timeline_label, plot, series.name)
        parts += _series(number, series, label, across, up)
    return svg(plot.title, HEIGHT, parts)


def _timeline_label(plot: Timeline, name: str, point: Point) -> str:
    x, y, low, high = point
    return f"{name}: {plot.places[int(x)]}, {amount(y, plot.unit)}{_spread(low, high, plot.unit)}"


def _line_label(plot: PlotLines, name: str, point: Point) -> str:
    x, y, low, high = point
    spread = _spread(low, high, plot.units[1])
    return f"{name}: {amount(x, plot.units[0])} {plot.x}, {amount(y, plot.units[1])}{spread}"


def _spread(low: float | None, high: float | None, unit: str) -> str:
    return "" if low is None or high is None else f" ({amount(low, unit)} to {amount(high, unit)})"


def _mark(x: float, name: str) -> Iterator[str]:
    yield f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
    yield text_at(x - 4, TOP + 12, name, "end")


def _grid(plot: PlotLines, across: Axis, up: Axis) -> Iterator[str]:
    bottom = HEIGHT - BOTTOM
    for tick in _told_apart(across.ticks(), plot.units[0]):
        x = across.at(tick)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}"/>'
        yield text_at(x, bottom + 16, amount(tick, plot.units[0]), "middle")
    yield from _up_ticks(up, plot.units[1])
    yield text_at((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, plot.x, "middle")
    middle = (TOP + bottom) / 2
    yield f'<text transform="translate(14 {middle:.1f}) rotate(-90)" text-anchor="middle">{safe(plot.y)}</text>'


def _told_apart(ticks: Sequence[float], unit: str) -> list[float]:
    """One tick for each text: between 1 and 2 of what is counted, there is nothing to mark."""
    best: dict[str, float] = {}
    for tick in ticks:
        text = amount(tick, unit)
        if text not in best or abs(tick - round(tick)) < abs(best[text] - round(best[text])):
            best[text] = tick
    return list(best.values())


def _up_ticks(up: Axis, unit: str) -> Iterator[str]:
    for tick in up.ticks():
        y = up.at(tick)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield text_at(LEFT - 6, y + 4, amount(tick, unit), "end")


def _series(
    number: int, series: Series, label: Callable[[Point], str], across: Axis | Steps, up: Axis
) -> Iterator[str]:
    """A line with its points, and a ribbon of the intervals."""
    drawn = [each for each in series.points if across.has(each[0]) and each[1] > 0]
    yield f'<g class="series c{number % COLOURS} d{number // COLOURS % 3}" data-series="{safe(series.name)}">'
    ends = [(x, low, high) for x, _, low, high in drawn if low is not None and high is not None and low > 0]
    if len(ends) > 1:
        edge = [(x, high) for x, _, high in ends] + [(x, low) for x, low, _ in reversed(ends)]
        corners = " ".join(f"{across.at(x):.1f},{up.at(y):.1f}" for x, y in edge)
        yield f'<polygon class="ribbon" points="{corners}"/>'
    path = " ".join(f"{across.at(x):.1f},{up.at(y):.1f}" for x, y, *_ in drawn)
    yield f'<polyline points="{path}"/>'
    counts = dict(zip(series.points, series.counts, strict=False))
    for point in drawn if not series.drawn else ():
        x, y, *_ = point
        count = f", n = {counts[point]}" if point in counts else ""
        yield (
            f'<circle class="point" tabindex="-1" role="img" cx="{across.at(x):.1f}" cy="{up.at(y):.1f}" r="5" '
            f'data-x="{x:.12g}" data-y="{y:.12g}" aria-label="{safe(label(point) + count)}"/>'
        )
    yield "</g>"


def _bars(plot: Bars) -> str:
    sums = [sum(max(0.0, part[place]) for part in plot.parts.values()) for place in range(len(plot.names))]
    most, parts = max(sums, default=0.0) or 1.0, []
    scale = (WIDTH - NAMES - 80) / most
    left = [float(NAMES)] * len(plot.names)
    for number, (name, part) in enumerate(plot.parts.items()):
        parts.append(f'<g class="series c{number % COLOURS}" data-series="{safe(name)}">')
        for place, seconds in enumerate(part):
            width = max(0.0, seconds) * scale
            label = f"{plot.names[place]}: {name} {amount(seconds, 's')}"
            parts.append(
                f'<rect class="point" tabindex="-1" role="img" x="{left[place]:.1f}" y="{TOP + place * ROW}" '
                f'width="{width:.1f}" height="{BAR}" aria-label="{safe(label)}"/>'
            )
            left[place] += width
        parts.append("</g>")
    for place, name in enumerate(plot.names):
        parts.append(text_at(NAMES - 8, TOP + place * ROW + 15, cut(name), "end"))
        parts.append(text_at(left[place] + 6, TOP + place * ROW + 15, amount(sums[place], "s"), "start"))
    return svg(plot.title, TOP + len(plot.names) * ROW + 8, parts)


def _cells(plot: Cells) -> str:
    kinds = list(dict.fromkeys(kind for kind, _ in plot.cells.values()))
    wide, high, parts = (WIDTH - NAMES) / max(1, len(plot.columns)), 40, []
    for (row, column), (kind, text) in plot.cells.items():
        x, y = NAMES + column * wide, TOP + 20 + row * high
        label = f"{plot.rows[row]}, {plot.columns[column]}: {kind}, {text}"
        parts.append(
            f'<rect class="point cell c{kinds.index(kind) % COLOURS}" tabindex="-1" role="img" x="{x:.1f}" '
            f'y="{y}" width="{wide - 2:.1f}" height="{high - 2}" aria-label="{safe(label)}"/>'
        )
        parts.append(text_at(x + wide / 2, y + high / 2 + 4, text, "middle"))
    parts += [text_at(NAMES - 8, TOP + 20 + row * high + 24, cut(name), "end") for row, name in enumerate(plot.rows)]
    parts += [text_at(NAMES + (place + 0.5) * wide, TOP + 8, name, "middle") for place, name in enumerate(plot.columns)]
    return svg(plot.title, TOP + 24 + len(plot.rows) * high, parts)
