"""The comparable part of rounds: samples in the usual state of the machine, without other programs."""

from collections.abc import Iterable

import msgspec

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.core_states import (
    CoreStates,
    core_states,
    restricted,
    sampled_in,
    table_in,
    tells,
    usual,
)
from embbench.analysis.collapse.per_row import is_of_table
from embbench.analysis.collapse.undisturbed import undisturbed
from embbench.stats.summary import median
from embbench.store.round import Round


class StateTimes(msgspec.Struct, frozen=True):
    """Step times in a state of the CPUs. far: whether the CPUs are far apart. latency: core-to-core, in nanoseconds.
    medians: seconds, one per round.
    """

    far: bool
    latency: float
    medians: tuple[float, ...]


class ComparableRounds:
    """results: all results; they show the states of their machines."""

    def __init__(self, results: Iterable[Result]) -> None:
        self._results = list(results)
        self._cores: dict[str, tuple[CoreStates, bool] | None] = {}

    def rounds(self, result: Result, metric: str) -> list[Round]:
        """The ok rounds with the comparable samples of the metric; unchanged for a metric that does not depend on the
        states.
        """
        cores = self._of(result.machine)
        if metric == "step_time":
            lines = result.good if cores is None else [restricted(each, *cores) for each in result.good]
            return [undisturbed(line) for line in lines if line is not None]
        if is_of_table(metric) and cores is not None:
            return [line for line in result.good if table_in(line, *cores)]
        return result.good

    def in_states(self, result: Result) -> list[StateTimes]:
        """The step_time of the result in the two states of its machine, the usual state first. [] where the machine was
        in one state only, or where the states do not change the step.
        """
        cores = self._of(result.machine)
        if cores is None:
            return []
        states, usually = cores
        found = []
        for far in (usually, not usually):
            samples = [sampled_in(line, states, far) for line in result.good if tells(line)]
            medians = tuple(median(each) for each in samples if each)
            found.append(StateTimes(far, states.far if far else states.near, medians))
        return [] if found[0].medians == found[1].medians else found

    def _of(self, machine: str) -> tuple[CoreStates, bool] | None:
        """The states of a machine, and whether CPUs far apart are the usual state; None for a machine with one
        state.
        """
        if machine not in self._cores:
            good = [each.good for each in self._results if each.machine == machine]
            states = core_states(line for lines in good for line in lines)
            self._cores[machine] = None if states is None else (states, usual(good, states))
        return self._cores[machine]
