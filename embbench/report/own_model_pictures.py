"""The pictures of a user's own model: growth with the rows, parts of a step, time against memory of all changes."""

from collections.abc import Iterator

from embbench.analysis.cost.own_model import OwnCost, Size
from embbench.report.own_model import OwnModel, measured
from embbench.report.pictures import HALF, time_against_memory
from embbench.report.plot import Bars, Picture, PlotLines, Series
from embbench.stats.summary import Summary, summarize

OWN = "your step"
WHOLE = "step"  # the part that is the sum of all others


def own_model_pictures(own: OwnModel) -> Iterator[Picture]:
    if own.cost is not None and len(own.cost.sizes) > 1:
        yield from _growth(own.cost)
    parts = {name: summarize(seconds).center for name, seconds in own.found.parts.items() if name != WHOLE}
    if parts:
        stacked: dict[str, tuple[float, ...]] = {name.replace("_", " "): (each,) for name, each in parts.items()}
        yield Bars("where a step goes", (OWN,), stacked)
    if own.cost is not None:
        yield from _changes(own, own.cost)


def _growth(cost: OwnCost) -> Iterator[PlotLines]:
    half = cost.growth.half
    marks = ((half, HALF),) if half else ()
    times = tuple(_point(each, each.seconds) for each in cost.sizes)
    line = Series(OWN, times, counts=tuple(each.seconds.n for each in cost.sizes))
    yield PlotLines("step time by rows of the table", "rows", "step time", ("", "s"), (line,), marks)
    memory = tuple(_point(each, each.bytes) for each in cost.sizes if each.bytes is not None)
    if memory:
        yield PlotLines("peak memory by rows of the table", "rows", "peak memory", ("", "B"), (Series(OWN, memory),))


def _point(size: Size, value: Summary) -> tuple[float, float, float | None, float | None]:
    return float(size.rows), value.center, value.low, value.high


def _changes(own: OwnModel, cost: OwnCost) -> Iterator[PlotLines]:
    """Time against memory of the step and of its changes."""
    found = {OWN: (cost.seconds, cost.bytes)}
    found |= {name: (each.seconds, each.bytes) for name, each in measured(own).items() if each is not None}
    known = [
        (name, memory, seconds)
        for name, (seconds, memory) in found.items()
        if seconds is not None and memory is not None
    ]
    if len(known) > 1:
        yield time_against_memory(known)
