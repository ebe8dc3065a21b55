"""Results -> plots: growth, parts of a step, roofline, crossover."""

from collections.abc import Callable, Iterable, Sequence

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.crossover import CROSSED
from embbench.analysis.cost.growth import MEMORY
from embbench.analysis.cost.parts import phases_of
from embbench.cases.case import AXES, Case, also_varying, has_axis, label
from embbench.cases.declared import Declared
from embbench.cases.units import format_count
from embbench.errors import NothingMeasured
from embbench.report.plot import MISSING, Bars, Cells, PlotLines, Series
from embbench.stats.effects import separates
from embbench.stats.summary import Summary
from embbench.store.ceilings import Ceilings
from embbench.workloads import operations_of

GIGA = 1e9
CROSSOVER = "fastest update (≈: not shown to be faster), and U/V"
ROWS = "rows of the table"
POINTS = 25  # of a line without marks


def growth_plot(results: Sequence[Result], measures: Measures, memory: bool = False, along: str = "vocab") -> PlotLines:
    """Step time, or peak memory, against an axis of numbers, `along`; a series per path. Raises NothingMeasured."""
    paths = paths_along(along, filter(measures.is_timed, results))
    metric = "step_time" if not memory else _memory_metric(results, measures)
    also = [axis for axis in (*also_varying([each.case for each in results]), "vocab") if axis != along]
    lines = []
    for path in paths:
        values = [(getattr(each.case, along), measures.summary(each, metric)) for each in path]
        known = [(float(x), y) for x, y in values if isinstance(y, Summary) and y.center > 0]
        if known:
            points = tuple((x, y.center, y.low, y.high) for x, y in known)
            lines.append((path[0], points, tuple(y.n for _, y in known)))
    if not lines:
        raise NothingMeasured("nothing to plot: no case has an audited number")
    names = distinct([(_short(first.case, also), first.software) for first, *_ in lines])
    series = tuple(Series(name, points, counts=counts) for name, (_, points, counts) in zip(names, lines, strict=True))
    what = "peak memory" if memory else "step time"
    title = f"{what} by {ROWS if along == 'vocab' else along}"
    return PlotLines(title, along, what, ("", "B" if memory else "s"), series)


def paths_along(axis: str, results: Iterable[Result]) -> list[list[Result]]:
    """Results that differ in the axis only, ascending."""
    paths: dict[tuple, list[Result]] = {}
    for each in results:
        fixed = tuple(getattr(each.case, other) for other in AXES if other != axis)
        paths.setdefault((*fixed, each.software), []).append(each)
    return [sorted(path, key=lambda each: getattr(each.case, axis)) for path in paths.values()]


def distinct(named: Sequence[tuple[str, str]]) -> list[str]:
    """Names of lines. named: (name, versions) of each line; versions join a name that several lines have."""
    names = [name for name, _ in named]
    return [f"{name}, {versions}" if names.count(name) > 1 else name for name, versions in named]


def phase_plot(results: Sequence[Result]) -> Bars:
    """The parts of each step that was measured in parts. Raises NothingMeasured."""
    known = [(each, phases) for each in results if each.audited and (phases := phases_of(each)) is not None]
    if not known:
        raise NothingMeasured("nothing to plot: no step was measured in parts; measure: embbench run --suite explain")
    names = list(dict.fromkeys(name for _, phases in known for name in phases.parts))
    also = also_varying([each.case for each, _ in known])
    parts = {
        name: tuple(max(0.0, phases.parts[name].center) if name in phases.parts else 0.0 for _, phases in known)
        for name in names
    }
    parts[MISSING] = tuple(phases.missing.center for _, phases in known)
    return Bars("where a step goes", tuple(_short(each.case, (*also, "vocab")) for each, _ in known), parts)


def roofline_plot(
    results: Sequence[Result], measures: Measures, ceilings: Ceilings, declared: Callable[[Result], Declared | None]
) -> PlotLines:
    """Operations per second against operations per byte of the table: all paths under the roof of memory and
    arithmetic. Raises NothingMeasured.
    """
    bytes_a_second, product = ceilings.rate("update"), ceilings.rate("product")
    points = []
    for each in filter(measures.is_timed, results):
        path, rows, operations = declared(each), measures.stream(each), operations_of(each.case)
        if path is None or rows is None or operations is None:
            continue
        moved = _moved(each.case, path, rows[0])
        seconds = measures.summary(each, "step_time")
        assert isinstance(seconds, Summary)
        name = f"{_short(each.case, ())} {format_count(each.case.vocab)}"
        points.append(Series(name, ((operations / moved, operations / seconds.center / GIGA, None, None),)))
    if not points or bytes_a_second is None or product is None:
        raise NothingMeasured(
            "nothing to plot: a roofline needs ceilings (embbench doctor --ceilings) and an audited case"
        )
    xs = [x for series in points for x, *_ in series.points]
    low, high = min(xs) / 3, max(max(xs), product.center / bytes_a_second.center) * 3
    ticks = [low * (high / low) ** (step / POINTS) for step in range(POINTS + 1)]
    roof = tuple((x, min(product.center, x * bytes_a_second.center) / GIGA, None, None) for x in ticks)
    title = "roofline: operations of the network, bytes of the step"
    return PlotLines(title, "op/B", "10⁹ op/s", ("1", "1"), (Series("roof", roof, True), *points))


def crossover_plot(results: Sequence[Result], measures: Measures, like: Case) -> Cells:
    """The fastest update by vocab and touched rows; '≈' where the second fastest is not shown to be slower. like: the
    case with the values of all other axes. Raises NothingMeasured.
    """
    groups: dict[tuple[str, int, int], list[Result]] = {}
    for each in filter(measures.is_timed, results):
        if all(getattr(each.case, axis) == getattr(like, axis) for axis in AXES if axis not in ("update", *CROSSED)):
            groups.setdefault((each.case.tokens, each.case.batch * each.case.seq, each.case.vocab), []).append(each)
    groups = {place: cases for place, cases in groups.items() if len(cases) > 1}
    if not groups:
        raise NothingMeasured("nothing to plot: no case has several updates; measure: embbench run --suite crossover")
    rows = sorted({(tokens, lookups) for tokens, lookups, _ in groups})
    columns = sorted({vocab for *_, vocab in groups})
    cells = {}
    for (tokens, lookups, vocab), cases in groups.items():
        cells[rows.index((tokens, lookups)), columns.index(vocab)] = _best(cases, measures)
    names = tuple(f"{tokens} N={format_count(lookups)}" for tokens, lookups in rows)
    return Cells(CROSSOVER, names, tuple(f"V={format_count(vocab)}" for vocab in columns), cells)


def _best(cases: Sequence[Result], measures: Measures) -> tuple[str, str]:
    def center(each: Result) -> float:
        summary = measures.summary(each, "step_time")
        assert isinstance(summary, Summary)
        return summary.center

    first, second, *_ = sorted(cases, key=center)
    gain = measures.ratio(second, first, "step_time")
    sure = gain is not None and separates(gain, 1.0) is True
    stream = measures.stream(first)
    share = "" if stream is None else f" {stream[0] / first.case.vocab:.2g}"
    return first.case.update, f"{'' if sure else '≈'}{first.case.update}{share}"


def _moved(case: Case, path: Declared, unique: float) -> float:
    """Bytes of table, state and gathered rows that a step moves with its declared update."""
    itemsize = path.itemsize or case.itemsize
    row = case.dim * itemsize
    sparse = 0.0 if path.passes or case.table == "frozen" else 2 * path.copies * unique * row
    return path.passes * case.vocab * case.dim * itemsize + 2 * case.rows_per_step * row + sparse


def _memory_metric(results: Sequence[Result], measures: Measures) -> str:
    return next((name for name in MEMORY if any(measures.medians(each, name) for each in results)), MEMORY[-1])


def _short(case: Case, also: Sequence[str]) -> str:
    text = label(case, [axis for axis in also if axis != "vocab"]).replace(f" vocab={format_count(case.vocab)}", "")
    return f"{text} {format_count(case.vocab)}" if "vocab" in also and has_axis(case, "vocab") else text
