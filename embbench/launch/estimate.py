"""How long a round will take, roughly. An estimate for `plan` and for the time left; never a result.

A round = what the contender declares for its start + the build of the table + a fixed number of steps outside the
samples (first step, proof of the fence, audit) + warm-up + samples + what is asked for besides. A step = the declared
passes over the table at STREAM bytes a second + the LSTM's arithmetic at ARITHMETIC + OVERHEAD.
"""

import statistics

import msgspec

from embbench.spec.case import Case
from embbench.spec.contender import Declaration, Path
from embbench.spec.protocol import Protocol
from embbench.spec.sources import Source
from embbench.workloads import workload_of

BUILD = 1e9  # bytes of table a second: drawing and copying the initial values
STREAM = 10e9  # bytes a second of one core streaming through a table
READ = 8e6  # bytes of text a second that are cut into words
ARITHMETIC = 40e9  # floating-point operations a second
OVERHEAD = 2e-3  # seconds a step: Python and the framework's dispatch
STEPS_OUTSIDE = 12
TAKEN_APART = (2.0, 8)  # seconds at least, and steps: cycles of a step and its parts, and profiles
TRAINING = 3.0  # seconds
ALONE = 3.5  # of a table that is stepped by itself, with the rates beside it


def step_seconds(case: Case, path: Path) -> float:
    """Predicted seconds of one step."""
    table = path.passes * case.vocab * case.dim * path.itemsize(case) / STREAM
    if case.table == "onehot":
        table += 4 * case.rows_per_step * case.vocab * case.dim / ARITHMETIC  # the product, and its transpose backward
    return table + workload_of(case).operations(case) / ARITHMETIC + OVERHEAD


def round_seconds(case: Case, declaration: Declaration, protocol: Protocol, source: Source | None = None) -> float:
    """Predicted seconds of one round of a supported case, its process included; never more than the timeout. source: of
    its token stream.
    """
    path = declaration.path(case)
    assert isinstance(path, Path)
    step = step_seconds(case, path)
    timed = max(protocol.warmup, step) + max(protocol.budget, protocol.least_samples * step)
    start = declaration.start if path.start is None else path.start
    apart = max(TAKEN_APART[0], TAKEN_APART[1] * step) if protocol.phases else 0.0
    read = source.size / READ if source else 0.0
    besides = read + apart + (TRAINING if protocol.training else 0.0) + (ALONE if protocol.table_alone else 0.0)
    return min(start + case.table_bytes / BUILD + STEPS_OUTSIDE * step + timed + besides, protocol.timeout)


def duration(seconds: float) -> str:
    """'40 s', '12 min', '2.5 h': as exact as an estimate deserves."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class Durations:
    """Seconds a round of each case: the mean of those seen in this run, else the prediction."""

    def __init__(self, predicted: dict[str, float]) -> None:
        self._predicted = predicted
        self._seen: dict[str, list[float]] = {}

    def saw(self, case: str, seconds: float) -> None:
        """Takes in one round. case: its id."""
        self._seen.setdefault(case, []).append(seconds)

    def left(self, rounds_left: dict[str, int]) -> float:
        """Seconds for the given number of rounds of each case."""
        return sum(count * self.of(case) for case, count in rounds_left.items())

    def of(self, case: str) -> float:
        """Seconds of one round of the case. case: its id."""
        seen = self._seen.get(case)
        return statistics.fmean(seen) if seen else self._predicted.get(case, 0.0)


class Prediction(msgspec.Struct, frozen=True):
    """Of one case. status: 'run', or why it will not start ('skipped', 'unsupported') with its reason.

    needed, free: bytes; None where the case is unsupported, and `free` where its device does not tell.
    seconds: of all its rounds.
    """

    case: Case
    status: str
    reason: str | None
    rounds: int
    needed: int | None
    free: int | None
    passes: float | None
    seconds: float
