"""In which state the CPUs were at each sample: near each other or far apart (see `host.core_latency`). Like is compared
with like: a step on several threads may take a quarter longer in one state than in the other.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from embbench.stats.states import boundary
from embbench.stats.summary import median
from embbench.store.round import Round, Values

TABLE = "table_core_latency"  # among a round's conditions: looks while its table was stepped by itself


class CoreStates(msgspec.Struct, frozen=True):
    """Of one machine that was in two states. boundary: nanoseconds between them. near, far: each one's median look."""

    boundary: float
    near: float
    far: float


def slowest(look: Sequence[object]) -> float | None:
    """Nanoseconds of the slowest pair; None where one did not answer, since then another would seem to be it, and where
    it is no look, as in a file of others.
    """
    known = [each for each in look if isinstance(each, int | float) and not isinstance(each, bool) and 0 < each < 1e12]
    return float(max(known)) if known and len(known) == len(look) else None


def core_states(rounds: Iterable[Round]) -> CoreStates | None:
    """Found from the rounds of one machine; None where they tell of one state, or too little."""
    looks = [latency for line in rounds for _, latency in _looks(line)]
    limit = boundary(looks)
    if limit is None:
        return None
    near, far = [each for each in looks if each < limit], [each for each in looks if each >= limit]
    return CoreStates(limit, median(near), median(far))


def sampled_in(line: Round, states: CoreStates, far: bool) -> tuple[float, ...]:
    """The step times of samples that were taken in that state: the looks before and behind them saw it. All of a round
    that does not tell its states, and of a step that notices nothing of them: on one thread, or on a GPU.
    """
    values = line.metrics["step_time"].values if "step_time" in line.metrics else ()
    return tuple(values[at] for at in _places(line, len(values), states, far))


def _places(line: Round, samples: int, states: CoreStates, far: bool) -> list[int]:
    """Of the samples that `sampled_in` has."""
    if not tells(line) or line.case.threads == 1 or line.case.device != "cpu":
        return list(range(samples))
    kept: dict[int, None] = {}
    for (start, before), (end, behind) in pairwise(_looks(line)):
        if (before >= states.boundary) == (behind >= states.boundary) == far:
            kept |= dict.fromkeys(range(start, min(end, samples)))
    return list(kept)


def table_in(line: Round, states: CoreStates, far: bool) -> bool:
    """Whether the round's table was stepped by itself in that state: all looks before, between and behind saw it. Also
    of a round that does not tell, and of one thread.
    """
    looks = _read(line.conditions.get(TABLE))
    if not looks or line.case.threads == 1 or line.case.device != "cpu":
        return True
    return all((latency >= states.boundary) == far for _, latency in looks)


def tells(line: Round) -> bool:
    """Whether the round tells in which states it was sampled: before and behind a sample."""
    return len(_looks(line)) > 1


def usual(results: Iterable[Sequence[Round]], states: CoreStates) -> bool:
    """Whether CPUs far apart are the state in which most results have rounds, and then in which they have most."""
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
    """(samples made before it, nanoseconds of the slowest pair). A file of others may hold anything there. Nobody looks
    behind the last turns, so that what was seen before them counts.
    """
    found = _read(line.conditions.get("core_latency"))
    if found and line.conditions.get("stopped") == "turns" and "step_time" in line.metrics:
        found.append((len(line.metrics["step_time"].values), found[-1][1]))
    return found


def _read(told: object) -> list[tuple[int, float]]:
    """(samples made before it, nanoseconds of the slowest pair)."""
    samples, latencies = (told.get(name) if isinstance(told, dict) else None for name in ("samples", "ns"))
    if not isinstance(samples, list) or not isinstance(latencies, list):
        return []
    found: list[tuple[int, float]] = []
    for at, each in zip(samples, latencies, strict=False):
        latency = slowest(each) if isinstance(each, list) else None
        if latency is not None and isinstance(at, int) and at >= (found[-1][0] if found else 0):
            found.append((at, latency))
    return found
