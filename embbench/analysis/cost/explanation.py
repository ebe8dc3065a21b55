"""The explanation of a case's cost, and its alternatives: numbers only."""

import math
from collections.abc import Callable, Sequence

import msgspec

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.analysis.cost.crossover import Crossover, crossovers
from embbench.analysis.cost.floor import Floor, floor
from embbench.analysis.cost.growth import MEMORY, Growth, bends, grow
from embbench.analysis.cost.lacks import Doubt
from embbench.analysis.cost.parts import Phases, phases_of
from embbench.analysis.cost.passes import Passes, passes
from embbench.analysis.cost.sweep import SIZES, longest_sweep, oddities, sweep_of
from embbench.cases.case import AXES, Case
from embbench.cases.declared import Declared
from embbench.cases.semantics import table_itemsize, with_rows
from embbench.cases.training_task import in_small
from embbench.stats.summary import Summary, summarize
from embbench.store.ceilings import Ceilings

WAY = ("contender", "table", "update", "runtime")  # axes that choose how the same work is done

Declares = Callable[[Result], Declared | None]


class Alternative(msgspec.Struct, frozen=True):
    """Another path at the same size. gain: times as fast; None without a comparable ratio. steps: times as many steps
    to the same loss. learns: False where a round did not reach the loss.
    """

    result: Result
    seconds: Summary
    gain: Summary | None
    bytes: Summary | None
    steps: Summary | None
    learns: bool


class Explanation(msgspec.Struct, frozen=True):
    """metric: of the bytes. growth: of step time and memory with the vocabulary on this path; None for a single
    vocabulary. along: growth of step time with other sizes, from the longest sweeps. frozen: growth with a frozen
    table. network: growth of the step without the table. least: floor of this training. lazy: floor of a training that
    moves the touched rows only. steps: to the loss that counts as learnt. doubts: reasons to doubt a line through the
    sizes.
    """

    result: Result
    seconds: Summary
    bytes: Summary | None
    metric: str
    growth: Growth | None
    along: tuple[Growth, ...]
    frozen: Growth | None
    network: Growth | None
    passes: Passes | None
    least: Floor | None
    lazy: Floor | None
    phases: Phases | None
    steps: Summary | None
    alternatives: tuple[Alternative, ...]
    crossovers: tuple[Crossover, ...]
    doubts: tuple[Doubt, ...]

    @property
    def case(self) -> Case:
        return self.result.case

    @property
    def table_bytes(self) -> int:
        """Bytes of the whole stored table."""
        return self.case.vocab * self.case.dim * table_itemsize(self.result.semantic, self.case.itemsize)


def explain(
    result: Result, results: Sequence[Result], measures: Measures, ceilings: Ceilings | None, declared: Declares
) -> Explanation:
    """The explanation of `result`, which has a step_time. results: further results; other machines are ignored.
    ceilings: of the machine of `result`. declared: result -> its declared path.
    """
    mine = sweep_of(result, results, measures)
    fixed = measures.frozen_sibling(result)
    frozen = sweep_of(fixed, results, measures) if fixed is not None else None
    growth = grow(mine, measures) if len(mine.results) > 1 else None
    along = (longest_sweep(result, results, measures, axis) for axis in SIZES if axis != "vocab")
    metric = next((name for name in MEMORY if measures.medians(result, name)), "")
    unique = measures.stream(result)
    rows = unique[0] if unique is not None else math.nan
    least = lazy = None
    if ceilings is not None and unique is not None:
        classes = result.semantic, with_rows(result.semantic, "lazy")
        least, lazy = (floor(result.case, each, rows, ceilings) for each in classes)
    return Explanation(
        result=result,
        seconds=_summary(result, "step_time", measures),
        bytes=_known(result, metric, measures) if metric else None,
        metric=metric,
        growth=growth,
        along=tuple(grow(each, measures) for each in along if each is not None),
        frozen=grow(frozen, measures) if frozen is not None and len(frozen.results) > 1 else None,
        network=grow(mine, measures, "phase_network") if len(mine.results) > 1 else None,
        passes=_passes(growth, ceilings, declared, measures) if growth is not None else None,
        least=least,
        lazy=lazy,
        phases=phases_of(result),
        steps=_known(_trained(result, results, measures), "steps_to_loss", measures),
        alternatives=tuple(alternatives(result, results, metric, measures)),
        crossovers=tuple(crossovers(result, results, measures)),
        doubts=(*oddities(mine, measures), *bends(mine, measures)),
    )


def choose(results: Sequence[Result], measures: Measures) -> Result | None:
    """The default case to explain: trainable default at the largest size with a number, else the largest case."""
    known = list(filter(measures.is_timed, results))
    default = [each for each in known if (each.case.table, each.case.update) == ("trainable", "default")]
    return max(default or known, key=lambda each: (each.case.table_bytes, _center(each, measures)), default=None)


def alternatives(result: Result, results: Sequence[Result], metric: str, measures: Measures) -> list[Alternative]:
    """The alternatives of a result, the fastest first."""
    others = [name for name in AXES if name not in WAY]
    found = []
    for each in results:
        same = all(getattr(each.case, name) == getattr(result.case, name) for name in others)
        if each.case == result.case or not same or not each.audited or each.machine != result.machine:
            continue
        seconds = _known(each, "step_time", measures)
        if seconds is not None:
            gain, size = measures.ratio(result, each, "step_time"), _known(each, metric, measures) if metric else None
            mine, theirs = (_trained(one, results, measures) for one in (each, result))
            learns = not measures.medians(mine, "unreached_loss")
            steps = measures.ratio(mine, theirs, "steps_to_loss") if learns else None
            found.append(Alternative(each, seconds, gain, size, steps, learns))
    return sorted(found, key=lambda each: each.seconds.center)


def _trained(result: Result, results: Sequence[Result], measures: Measures) -> Result:
    """The result whose small training counts for `result`, because it is the same at every size; else `result`."""
    alike = (
        each
        for each in (result, *results)
        if in_small(each.case) == in_small(result.case)
        and (each.machine, each.software) == (result.machine, result.software)
        and (measures.medians(each, "steps_to_loss") or measures.medians(each, "unreached_loss"))
    )
    return next(alike, result)


def _passes(growth: Growth, ceilings: Ceilings | None, declared: Declares, measures: Measures) -> Passes | None:
    rate, path = _rate(growth, ceilings, measures), declared(growth.sweep.largest)
    return None if rate is None else passes(growth, rate, path.passes if path is not None else 0.0)


def _rate(growth: Growth, ceilings: Ceilings | None, measures: Measures) -> Summary | None:
    """Bytes per second of a pass, from the sweep's own rounds, else the machine's ceiling."""
    results = growth.sweep.results.values()
    own = [value for each in results for value in measures.medians(each, "update_rate").values()]
    if own:
        return summarize(own)
    return ceilings.rate("update") if ceilings is not None else None


def _known(result: Result, metric: str, measures: Measures) -> Summary | None:
    found = measures.summary(result, metric)
    return None if isinstance(found, Absent) else found


def _summary(result: Result, metric: str, measures: Measures) -> Summary:
    found = measures.summary(result, metric)
    assert isinstance(found, Summary)  # only results with a step_time are explained
    return found


def _center(result: Result, measures: Measures) -> float:
    return _summary(result, "step_time", measures).center
