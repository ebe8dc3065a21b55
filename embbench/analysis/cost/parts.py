"""The parts of a step: some are programs, others are differences of two programs. The parts are not scaled to the step:
the remainder is shown.
"""

from collections.abc import Sequence

import msgspec

from embbench.analysis.collapse.collapse import Result
from embbench.cases.capabilities import PROFILED
from embbench.cases.workload_parts import Part, metric_of, parts_of
from embbench.stats.effects import difference, separates, total
from embbench.stats.summary import Summary, median, summarize, summarize_differences
from embbench.store.round import Round

ADDS_UP = 0.05  # of a step: the remainder may be this large


class Phases(msgspec.Struct, frozen=True):
    """Seconds. step: timed in turn with the parts. parts: label -> time. missing: the step without its parts; below 0
    where the parts take longer. profiled: name of PROFILED -> time by a profiler, on a GPU of its kernels alone.
    profiled_parts: the same name -> labels of the same work. on_gpu: then the host starts a part while the GPU makes
    another, so parts overlap in a step.
    """

    step: Summary
    parts: dict[str, Summary]
    missing: Summary
    profiled: dict[str, Summary] = {}
    profiled_parts: dict[str, list[str]] = {}
    on_gpu: bool = False

    def against_profiler(self) -> dict[str, float]:
        """Name -> relative difference of the profiler's time from the parts, where a difference is shown."""
        found = {}
        for name, value in self.profiled.items():
            mine = total([self.parts[each] for each in self.profiled_parts[name] if each in self.parts])
            if mine.center > 0 and separates(difference(value, mine), 0.0):
                found[name] = value.center / mine.center - 1
        return found

    @property
    def add_up(self) -> bool:
        """Whether the parts add up to the step, within ADDS_UP or within their scatter."""
        close = abs(self.missing.center) <= ADDS_UP * self.step.center
        return close or separates(self.missing, 0.0) is False


def phases_of(result: Result) -> Phases | None:
    """The parts of a result's step; None where the step was not measured in parts."""
    lines = [line for line in result.good if "phase_step" in line.metrics]
    if not lines:
        return None
    steps = [line.metrics["phase_step"].values for line in lines]
    trains = result.case.table != "frozen"
    known = {name: part for name, part in parts_of(result.case.workload).items() if not part.within}
    parts = {
        part.label: [_cycles(line, name, part) for line in lines]
        for name, part in known.items()
        if (trains or not part.trains_table) and all(metric_of(name) in line.metrics for line in lines)
    }
    missing = [
        [
            step - sum(cycle)
            for step, *cycle in zip(steps[place], *(each[place] for each in parts.values()), strict=True)
        ]
        for place in range(len(lines))
    ]
    profiled: dict[str, Summary] = {}
    alike: dict[str, list[str]] = {}
    for name in PROFILED:
        values = [line.metrics[f"profiled_{name}"].values for line in lines if f"profiled_{name}" in line.metrics]
        if values:
            profiled[name] = _summary(values)
            alike[name] = [part.label for part in known.values() if part.profiled == name]
    times = {label: _summary(found) for label, found in parts.items()}
    whole = summarize(list(map(median, steps)))
    return Phases(whole, times, _summary(missing), profiled, alike, result.case.device != "cpu")


def _cycles(line: Round, name: str, part: Part) -> list[float]:
    """A value per cycle: the difference cancels what the machine did during the cycle."""
    values = line.metrics[metric_of(name)].values
    less = line.metrics[metric_of(part.includes)].values if part.includes else (0.0,) * len(values)
    return [one - other for one, other in zip(values, less, strict=True)]


def _summary(cycles: Sequence[Sequence[float]]) -> Summary:
    """cycles: per round, its cycles or profiles. For a single round its cycles give the interval, which then holds for
    this process alone.
    """
    if len(cycles) == 1:
        return summarize_differences(list(cycles[0]))
    return summarize_differences(list(map(median, cycles)))
