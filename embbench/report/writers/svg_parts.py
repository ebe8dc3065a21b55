"""Parts of pictures in a page: axes, texts, the frame."""

import math
from collections.abc import Sequence
from html import escape

from embbench.plain import one_line

WIDTH = 720  # pixels of a picture
MOST_TICKS = 8
SHORT = 0.4  # decades, a factor of 2.5
LONGEST = 34  # characters of a name, in the widest of the usual fonts


class Axis:
    """A logarithmic axis from a smallest to a largest value > 0, on pixels. least: decades that it spans at least, so
    that values that hardly differ lie close together.
    """

    def __init__(self, values: Sequence[float], start: float, end: float, least: float = 0.0) -> None:
        low, high = math.log10(min(values)), math.log10(max(values))
        margin = max(0.04 * (high - low), (least - (high - low)) / 2) or 0.15
        self.low, self.high, self._start, self._end = low - margin, high + margin, start, end

    def at(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self._start + share * (self._end - self._start)

    def has(self, value: float) -> bool:
        """Whether the value has a place."""
        return value > 0

    def ticks(self) -> list[float]:
        """At most MOST_TICKS round values; even steps where the axis is too short for the first digit to tell."""
        if self.high - self.low < SHORT:
            low, high = 10**self.low, 10**self.high
            wide = 10.0 ** math.floor(math.log10(high - low))
            step = next(wide * each for each in (0.1, 0.2, 0.5, 1.0, 2.0) if (high - low) / (wide * each) < MOST_TICKS)
            return [step * place for place in range(math.ceil(low / step), math.floor(high / step) + 1)]
        for steps in ((1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 5), (1, 3), (1,)):
            decades = range(math.floor(self.low), math.ceil(self.high) + 1)
            found = [step * 10.0**decade for decade in decades for step in steps]
            found = [each for each in found if self.low <= math.log10(each) <= self.high]
            if len(found) <= MOST_TICKS:
                return found
        return found[:: math.ceil(len(found) / MOST_TICKS)]


class Steps:
    """An axis of places in order, on pixels."""

    def __init__(self, count: int, start: float, end: float) -> None:
        self._start, self._step = start, (end - start) / max(1, count)

    def at(self, value: float) -> float:
        return self._start + (value + 0.5) * self._step

    def has(self, value: float) -> bool:
        return True


def svg(title: str, height: float, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="group" aria-label="{safe(title)}">{"".join(parts)}</svg>'


def text_at(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{safe(text)}</text>'


def cut(name: str) -> str:
    """The name, shortened in its middle for the room left of a picture; the table of the picture has it whole. Names of
    cases differ at their ends.
    """
    begin = LONGEST // 3
    return name if len(name) <= LONGEST else f"{name[:begin]}…{name[begin + 1 - LONGEST :]}"


def safe(text: str) -> str:
    return escape(one_line(text))
