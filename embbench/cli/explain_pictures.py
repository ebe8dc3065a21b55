"""The pictures of an explanation's page."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.explanation import Explanation
from embbench.analysis.cost.floor import floor
from embbench.cli.declarations import declared
from embbench.cli.explain_output import beside, ceilings_near
from embbench.errors import NothingMeasured
from embbench.report.pictures import HALF, drawn, pareto_plot, samples_strips
from embbench.report.plot import Cells, Picture, PlotLines, Series
from embbench.report.plot_rows import row_plot
from embbench.report.plots import crossover_plot, growth_plot, phase_plot, roofline_plot
from embbench.store.ceilings import Ceilings


def explain_pictures(
    explanation: Explanation, results: Sequence[Result], measures: Measures, files: Sequence[Path]
) -> Iterator[Picture]:
    """Pictures that the results of the explained machine can fill, the raw samples last. files: of the results."""
    chosen = explanation.result
    here = [each for each in results if beside(each, chosen)]
    ceilings = ceilings_near(chosen, files)
    for make in (
        lambda: _with_marks(growth_plot(here, measures), explanation, measures, ceilings),
        lambda: growth_plot(here, measures, memory=True),
        lambda: phase_plot(here),
        lambda: pareto_plot(here, measures),
        lambda: _roofline(here, measures, ceilings),
        lambda: _crossover(here, measures, chosen),
        lambda: row_plot(here, measures),
    ):
        yield from drawn(make)
    samples = samples_strips(here, measures)
    if samples is not None:
        yield samples


def _with_marks(plot: PlotLines, explanation: Explanation, measures: Measures, ceilings: Ceilings | None) -> PlotLines:
    """The plot with the least time of the explained path at its sizes, and the size where half of a step grows."""
    growth, series, marks = explanation.growth, [], []
    half = None if growth is None else growth.break_even()
    if half:
        marks.append((half, HALF))
    stream = measures.stream(explanation.result)
    if growth is not None and ceilings is not None and stream is not None:
        points = []
        for vocab in growth.sweep.values:
            case = msgspec.structs.replace(explanation.case, vocab=vocab)
            least = floor(case, explanation.result.semantic, min(stream[0], vocab), ceilings)
            if least is not None:
                points.append((float(vocab), least.total, None, None))
        if len(points) > 1:
            series.append(Series("least time", tuple(points), drawn=True))
    return msgspec.structs.replace(plot, series=(*plot.series, *series), marks=(*plot.marks, *marks))


def _crossover(results: Sequence[Result], measures: Measures, chosen: Result) -> Cells:
    plot = crossover_plot(results, measures, chosen.case)
    if len(plot.cells) < 2:
        raise NothingMeasured("a map needs several sizes")
    return plot


def _roofline(results: Sequence[Result], measures: Measures, ceilings: Ceilings | None) -> PlotLines:
    if ceilings is None:
        raise NothingMeasured("a roofline needs ceilings")
    return roofline_plot(results, measures, ceilings, declared)
