"""Strips as SVG inside a page: a line of marks for each strip, comparable and disturbed marks apart."""

from collections.abc import Iterator, Sequence

from embbench.report.plot import Mark, Strips
from embbench.report.plot_grid import amount, ratio
from embbench.report.writers.svg_parts import WIDTH, Axis, cut, safe, svg, text_at

NAMES, ROW, TOP, RIGHT = 250, 26, 10, 14  # pixels: of names, of a strip, and of edges
FOCUSABLE = 400  # most marks that can be focused; more marks are drawn as one path


def draw_strips(plot: Strips) -> str:
    """An <svg> element, see `page_svg.draw`."""
    every = [mark for strip in plot.strips for mark in strip.marks]
    ends = [each for mark in every for each in (mark.value, mark.low, mark.high) if each is not None and each > 0]
    bottom = TOP + ROW * len(plot.strips)
    if not ends:
        return svg(plot.title, bottom, [])
    axis = Axis([*ends, *(plot.band or ())], NAMES, WIDTH - RIGHT)
    parts = list(_frame(plot, axis, bottom))
    focusable = len(every) <= FOCUSABLE
    for number, disturbed in enumerate((False, True)):
        kind = "disturbed" if disturbed else "comparable"
        parts.append(f'<g class="series c{3 * number}" data-series="{kind}">')
        for place, strip in enumerate(plot.strips):
            marks = [each for each in strip.marks if bool(each.disturbed) == disturbed and each.value > 0]
            y = TOP + ROW * (place + 0.5)
            parts += _marks(strip.name, marks, plot, axis, y) if focusable else _path(marks, axis, y)
        parts.append("</g>")
    return svg(plot.title, bottom + 40, parts)


def _frame(plot: Strips, axis: Axis, bottom: float) -> Iterator[str]:
    if plot.band is not None:
        left, right = map(axis.at, plot.band)
        yield f'<rect class="band" x="{left:.1f}" y="{TOP}" width="{right - left:.1f}" height="{bottom - TOP}"/>'
    for tick in axis.ticks():
        x = axis.at(tick)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}"/>'
        yield text_at(x, bottom + 16, _shown(tick, plot), "middle")
    for place, strip in enumerate(plot.strips):
        yield text_at(NAMES - 8, TOP + ROW * (place + 0.5) + 4, cut(strip.name), "end")
    yield text_at((NAMES + WIDTH - RIGHT) / 2, bottom + 34, plot.x, "middle")


def _marks(name: str, marks: Sequence[Mark], plot: Strips, axis: Axis, y: float) -> Iterator[str]:
    for each in marks:
        spread = ""
        if each.low is not None and each.high is not None and each.low > 0:
            yield f'<path class="range" d="M{axis.at(each.low):.1f} {y}H{axis.at(each.high):.1f}"/>'
            spread = f" ({_shown(each.low, plot)} to {_shown(each.high, plot)})"
        why = f"; {each.disturbed}" if each.disturbed else ""
        label = f"{name}, {each.text}: {_shown(each.value, plot)}{spread}{why}"
        yield (
            f'<circle class="point" tabindex="-1" role="img" cx="{axis.at(each.value):.1f}" cy="{y}" r="4" '
            f'data-x="{each.value:.12g}" aria-label="{safe(label)}"/>'
        )


def _path(marks: Sequence[Mark], axis: Axis, y: float) -> Iterator[str]:
    """All marks as one path of short lines, without ranges."""
    if marks:
        places = sorted({round(axis.at(each.value), 1) for each in marks})
        yield f'<path class="ticks" d="{"".join(f"M{x:g} {y - 8:g}v16" for x in places)}"/>'


def _shown(value: float, plot: Strips) -> str:
    return amount(value, plot.unit) if plot.unit else ratio(value)
