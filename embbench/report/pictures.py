"""Results -> the pictures of a page: growth, parts of a step, time against memory, raw samples."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from embbench.analysis.collapse.axes import named, naming_axes
from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.collapse.per_row import values_of
from embbench.analysis.cost.growth import MEMORY
from embbench.cases.case import AXES, COUNT_AXES, WAYS
from embbench.errors import NothingMeasured
from embbench.report.plot import Cells, Mark, Picture, PlotLines, Series, Strip, Strips
from embbench.report.plots import crossover_plot, growth_plot, paths_along, phase_plot
from embbench.stats.summary import Summary, median
from embbench.store.round import Round

TIME = "step_time"
COUNTS = ("vocab", *sorted(COUNT_AXES - {"vocab", "seed"}))  # the first of equals is drawn along; a seed is a name
HALF = "half of the step grows"  # a mark at a number of rows
UNUSUAL = "in an unusual state of the machine"


def results_pictures(results: Sequence[Result], measures: Measures) -> Iterator[Picture]:
    """The pictures that the results can fill. Results of the machine with the most results are drawn."""
    machines = [each.machine for each in results]
    here = [each for each in results if each.machine == max(machines, key=machines.count)]
    yield from _crossover(here, measures)
    if along := _longest_axis([each for each in here if measures.is_timed(each)]):
        yield from drawn(lambda: growth_plot(here, measures, along=along))
        yield from drawn(lambda: growth_plot(here, measures, memory=True, along=along))
    yield from drawn(lambda: phase_plot(here))
    yield from drawn(lambda: pareto_plot(here, measures))


def _longest_axis(results: Sequence[Result]) -> str:
    """The axis of numbers along which most results lie on a line with another result; '' where none does."""

    def joined(axis: str) -> int:
        return sum(len(path) for path in paths_along(axis, results) if len(path) > 1)

    numbers = [axis for axis in COUNTS if min(getattr(each.case, axis) for each in results) > 0] if results else []
    best = max(numbers, key=joined, default="")
    return best if best and joined(best) else ""


def _crossover(results: Sequence[Result], measures: Measures) -> Iterator[Picture]:
    """The map of the fastest updates, if it has several rows and columns and is filled."""
    like = next((each for each in results if each.case.table == "trainable"), None)
    for picture in () if like is None else drawn(lambda: crossover_plot(results, measures, like.case)):
        assert isinstance(picture, Cells)
        across, down = len(picture.columns), len(picture.rows)
        if across > 1 and down > 1 and len(picture.cells) == across * down:
            yield picture


def drawn(make: Callable[[], Picture]) -> Iterator[Picture]:
    """The picture; nothing where there is nothing to draw."""
    try:
        yield make()
    except NothingMeasured:
        return


def pareto_plot(results: Sequence[Result], measures: Measures) -> PlotLines:
    """Step time against peak memory of all ways to do the same work: at the largest work that has most ways. Raises
    NothingMeasured where no work has three ways.
    """
    groups: dict[tuple, list[Result]] = {}
    for each in filter(measures.is_timed, results):
        groups.setdefault(tuple(getattr(each.case, axis) for axis in AXES if axis not in WAYS), []).append(each)
    order = list(dict.fromkeys(_way(each) for each in results))  # as in the other pictures, for the same colours
    ways = max(groups.values(), key=lambda found: (len(found), found[0].case.vocab), default=[])
    ways.sort(key=lambda each: order.index(_way(each)))
    metric = next((name for name in MEMORY if all(measures.medians(each, name) for each in ways)), "")
    if len(ways) < 3 or not metric:
        raise NothingMeasured("nothing to plot: no work was done in three ways")
    axes = naming_axes(ways)
    known = []
    for each in ways:
        memory, seconds = measures.summary(each, metric), measures.summary(each, TIME)
        if isinstance(memory, Summary) and isinstance(seconds, Summary):
            known.append((named(axes, each), memory, seconds))
    return time_against_memory(known)


def time_against_memory(ways: Iterable[tuple[str, Summary, Summary]]) -> PlotLines:
    """ways: (name, peak memory in bytes, step time in seconds)."""
    series = tuple(
        Series(name, ((memory.center, seconds.center, seconds.low, seconds.high),), counts=(seconds.n,))
        for name, memory, seconds in ways
    )
    return PlotLines("step time against peak memory", "peak memory", "step time", ("B", "s"), series)


def _way(result: Result) -> tuple[object, ...]:
    return tuple(getattr(result.case, axis) for axis in WAYS)


def samples_strips(results: Sequence[Result], measures: Measures) -> Strips | None:
    """The samples of every round, a mark for a round: its median, least and greatest step time, and what disturbed it.
    None without samples.
    """
    axes = naming_axes(results)
    strips = []
    for each in results:
        usual = measures.medians(each, TIME)
        marks = tuple(_mark(line, usual) for line in each.good if values_of(line, TIME))
        if marks:
            strips.append(Strip(named(axes, each), marks))
    return Strips("samples of every round", "step time", "s", tuple(strips)) if strips else None


def _mark(line: Round, usual: dict[tuple[str, int], float]) -> Mark:
    samples = values_of(line, TIME)
    reasons = [] if (line.run, line.round) in usual else [UNUSUAL]
    reasons += [each.code.replace("-", " ") for each in line.warnings]
    text = f"round {line.round + 1} of {line.started[:16].replace('T', ' ')}, {len(samples)} samples"
    return Mark(median(samples), min(samples), max(samples), text, "; ".join(dict.fromkeys(reasons)))
