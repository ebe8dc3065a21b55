"""The plot of the cost of a touched row against the bytes of the table."""

from collections.abc import Sequence

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Measures
from embbench.cases.case import AXES, also_varying, label
from embbench.cases.units import format_count
from embbench.errors import NothingMeasured
from embbench.report.caches import known_sizes
from embbench.report.plot import PlotLines, Series
from embbench.report.plots import distinct
from embbench.stats.summary import Summary

COST = "row_cost"
SUITE = "sparse-updates"


def row_plot(results: Sequence[Result], measures: Measures) -> PlotLines:
    """row_cost against bytes of the table: a series per set of cases that differ in vocab only, with marks at the sizes
    of the machine's caches. Raises NothingMeasured.
    """
    paths: dict[tuple, list[tuple[int, Result, Summary]]] = {}
    for each in results:
        cost = measures.summary(each, COST)
        if each.audited and isinstance(cost, Summary) and cost.center > 0:
            fixed = tuple(getattr(each.case, axis) for axis in AXES if axis != "vocab")
            paths.setdefault((*fixed, each.software), []).append((each.case.table_bytes, each, cost))
    lines = [sorted(path, key=lambda point: point[0]) for path in paths.values() if len(path) > 1]
    if not lines:
        raise NothingMeasured(
            f"nothing to plot: no table was stepped alone at two sizes; measure: embbench run --suite {SUITE}"
        )
    also = also_varying([path[0][1].case for path in lines])
    names = distinct([(_name(path[0][1], also), path[0][1].software) for path in lines])
    series = tuple(
        Series(name, tuple((float(size), y.center, y.low, y.high) for size, _, y in path))
        for name, path in zip(names, lines, strict=True)
    )
    marks = tuple((float(size), name) for name, size in known_sizes(lines[0][0][1].rounds[-1].machine).items())
    return PlotLines("cost of a touched row", "bytes of the table, without state", COST, ("B", "s/row"), series, marks)


def _name(result: Result, also: Sequence[str]) -> str:
    vocab = f" vocab={format_count(result.case.vocab)}"
    return label(result.case, [axis for axis in also if axis != "vocab"]).replace(vocab, "")
