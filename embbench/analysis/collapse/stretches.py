"""Which rounds of a run were measured in one stretch. A run that is gone on with keeps its name and its numbers of
rounds, so that days may lie between two cases' rounds of one number: those saw no machine in common.
"""

import bisect
import itertools
from collections.abc import Iterable, Mapping
from datetime import datetime

from embbench.store.round import Round

Run = tuple[str, str]  # run, machine
Place = tuple[str, int]  # run, round
Stretches = Mapping[Run, tuple[float, ...]]

PAUSE = 60.0  # seconds beyond what a round of its case usually takes until the next one starts
USUAL = 4  # times the usual: so much longer a round may take


def stretches_of(lines: Iterable[tuple[Run, Round]]) -> Stretches:
    """The begin of each stretch, in seconds, ascending, by run and machine. lines: of all cases.

    From one start to the next lies what a round takes. That is no more than its own timeout, nor, where the case has
    other rounds, much more than between these and what follows them; what is longer parts two stretches. Where lines of
    other cases were left out of a file, rounds may seem further apart than they were: then they make no pair, which
    leaves a ratio less sharp and never wrong.
    """
    runs: dict[Run, dict[float, Round]] = {}
    for run, line in lines:
        started = seconds(line)
        if started is not None:
            known = runs.setdefault(run, {})
            while started in known:  # whole seconds: short rounds may share one
                started += 1e-3
            known[started] = line
    return {run: _begins(dict(sorted(known.items()))) for run, known in runs.items()}


def stretch(line: Round, begins: tuple[float, ...]) -> int | None:
    """Which of them the round belongs to; None where it does not say when it started."""
    started = seconds(line)
    return None if started is None else bisect.bisect_right(begins, started)


def seconds(line: Round) -> float | None:
    """Of its start, since 1970; None where it does not say."""
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
    """The lower median, so that of two the one with a pause in it does not count."""
    return sorted(gaps)[(len(gaps) - 1) // 2]
