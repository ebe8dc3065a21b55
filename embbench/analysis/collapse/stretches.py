"""Stretches: rounds of a run that were measured without a pause. A resumed run keeps its name and its round numbers, so
days may lie between the rounds of two cases with the same number. Such rounds did not see the machine in the same
state.
"""

import bisect
import itertools
from collections.abc import Iterable, Mapping
from datetime import datetime

from embbench.store.round import Round

Run = tuple[str, str]  # run, machine
Place = tuple[str, int]  # run, round
Stretches = Mapping[Run, tuple[float, ...]]

PAUSE = 60.0  # seconds between rounds, beyond the usual time of the case's round, above which a stretch ends
USUAL = 4  # times the usual time of a round that a round may take


def stretches_of(lines: Iterable[tuple[Run, Round]]) -> Stretches:
    """(run, machine) -> the start of each stretch, in seconds, ascending. lines: of all cases.

    The time from one start to the next is the time of a round. It is at most the round's timeout. Where the case has
    several rounds, it is also at most USUAL times their usual time, plus PAUSE. A longer time begins a new stretch.
    Where a file lacks the lines of some cases, rounds may seem further apart than they were. They then make no pair,
    which makes a ratio less sharp and never wrong.
    """
    runs: dict[Run, dict[float, Round]] = {}
    for run, line in lines:
        started = seconds(line)
        if started is not None:
            known = runs.setdefault(run, {})
            while started in known:  # starts are in whole seconds: short rounds may share a start
                started += 1e-3
            known[started] = line
    return {run: _begins(dict(sorted(known.items()))) for run, known in runs.items()}


def stretch(line: Round, begins: tuple[float, ...]) -> int | None:
    """The number of the round's stretch; None for a round without a start time."""
    started = seconds(line)
    return None if started is None else bisect.bisect_right(begins, started)


def seconds(line: Round) -> float | None:
    """The start of a round in seconds since 1970; None for a round without a start time."""
    try:
        return datetime.fromisoformat(line.started).timestamp()
    except ValueError:
        return None


def _begins(known: dict[float, Round]) -> tuple[float, ...]:
    starts = list(known)
    gaps: dict[str, list[float]] = {}
    for start, following in itertools.pairwise(starts):
        gaps.setdefault(known[start].case_id, []).append(following - start)
    usual = {name: USUAL * _usual(found) + PAUSE for name, found in gaps.items() if len(found) > 1}
    begins = starts[:1]
    for start, following in itertools.pairwise(starts):
        line = known[start]
        most = line.protocol.timeout
        if following - start > min(most, usual.get(line.case_id, most)):
            begins.append(following)
    return tuple(begins)


def _usual(gaps: list[float]) -> float:
    """The lower median, so that of two times the time with a pause does not count."""
    return sorted(gaps)[(len(gaps) - 1) // 2]
