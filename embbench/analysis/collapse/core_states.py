"""The state of the CPUs at each sample: near each other or far apart (see `host.core_latency`). Only samples in the
same state are compared, because a step on several threads may take a quarter longer in one state than in the other.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from embbench.stats.states import boundary
from embbench.stats.summary import median
from embbench.store.round import Round, Values

TABLE = "table_core_latency"  # a condition of a round: the core latencies while the table was stepped alone


class CoreStates(msgspec.Struct, frozen=True):
    """Two states of a machine. boundary: nanoseconds between the states. near, far: median latency in the state, in
    nanoseconds.
    """

    boundary: float
    near: float
    far: float


def slowest(look: Sequence[object]) -> float | None:
    """Nanoseconds of the slowest pair of CPUs in a measurement. None where a pair did not answer, because another pair
    would then seem to be the slowest. None for anything else, as a file from outside may hold.
    """
    known = [each for each in look if isinstance(each, int | float) and not isinstance(each, bool) and 0 < each < 1e12]
    return float(max(known)) if known and len(known) == len(look) else None


def core_states(rounds: Iterable[Round]) -> CoreStates | None:
    """The states of a machine, from its rounds; None where the rounds show a single state, or are too few."""
    looks = [latency for line in rounds for _, latency in _looks(line)]
    limit = boundary(looks)
    if limit is None:
        return None
    near, far = [each for each in looks if each < limit], [each for each in looks if each >= limit]
    return CoreStates(limit, median(near), median(far))


def sampled_in(line: Round, states: CoreStates, far: bool) -> tuple[float, ...]:
    """The step times of the samples in a state: the latencies measured before and after the sample are both in that
    state. All samples of a round without latencies, and of a step that does not depend on the states: on one thread, or
    on a GPU.
    """
    values = line.metrics["step_time"].values if "step_time" in line.metrics else ()
    return tuple(values[at] for at in _places(line, len(values), states, far))


def _places(line: Round, samples: int, states: CoreStates, far: bool) -> list[int]:
    """The places of the samples in `sampled_in`."""
    if not tells(line) or line.case.threads == 1 or line.case.device != "cpu":
        return list(range(samples))
    kept: dict[int, None] = {}
    for (start, before), (end, behind) in pairwise(_looks(line)):
        if (before >= states.boundary) == (behind >= states.boundary) == far:
            kept |= dict.fromkeys(range(start, min(end, samples)))
    return list(kept)


def table_in(line: Round, states: CoreStates, far: bool) -> bool:
    """Whether the round's table was stepped alone in a state: all latencies before, between and after its passes are in
    that state. True for a round without latencies, and for one thread.
    """
    looks = _read(line.conditions.get(TABLE))
    if not looks or line.case.threads == 1 or line.case.device != "cpu":
        return True
    return all((latency >= states.boundary) == far for _, latency in looks)


def tells(line: Round) -> bool:
    """Whether the round shows its states: it has latencies before and after a sample."""
    return len(_looks(line)) > 1


def usual(results: Iterable[Sequence[Round]], states: CoreStates) -> bool:
    """Whether CPUs far apart are the usual state: the state in which most results have rounds; at a tie, the state with
    more rounds; at a further tie, CPUs near each other.
    """
    counts = [(0, 0), (0, 0)]
    lines = list(results)
    for far in (False, True):
        rounds = [sum(bool(sampled_in(line, states, far)) for line in each) for each in lines]
        counts[far] = sum(map(bool, rounds)), sum(rounds)
    return counts[True] > counts[False]


def restricted(line: Round, states: CoreStates, far: bool) -> Round | None:
    """The round with the samples of one state; None where it has none."""
    if not (kept := sampled_in(line, states, far)):
        return None
    whole, told = line.metrics["step_time"], line.conditions
    part = Values(whole.unit, whole.kind, whole.better, kept)
    for name in ("turn_faults", "turn_waits", "sample_waits"):
        if isinstance(of_turns := told.get(name), list) and len(of_turns) == len(whole.values):
            told = {**told, name: [of_turns[at] for at in _places(line, len(of_turns), states, far)]}
    return msgspec.structs.replace(line, metrics={**line.metrics, "step_time": part}, conditions=told)


def _looks(line: Round) -> Sequence[tuple[int, float]]:
    """(number of samples before the measurement, nanoseconds of the slowest pair). After the last turns nothing is
    measured, so the last latency counts for them.
    """
    found = _read(line.conditions.get("core_latency"))
    if found and line.conditions.get("stopped") == "turns" and "step_time" in line.metrics:
        found.append((len(line.metrics["step_time"].values), found[-1][1]))
    return found


def _read(told: object) -> list[tuple[int, float]]:
    """(number of samples before the measurement, nanoseconds of the slowest pair). A file from outside may hold
    anything.
    """
    samples, latencies = (told.get(name) if isinstance(told, dict) else None for name in ("samples", "ns"))
    if not isinstance(samples, list) or not isinstance(latencies, list):
        return []
    found: list[tuple[int, float]] = []
    for at, each in zip(samples, latencies, strict=False):
        latency = slowest(each) if isinstance(each, list) else None
        if latency is not None and isinstance(at, int) and at >= (found[-1][0] if found else 0):
            found.append((at, latency))
    return found
