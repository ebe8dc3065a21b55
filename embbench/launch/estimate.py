"""How long a round will take, roughly. An estimate for `plan` and for the time left; never a result.

A round = what the contender declares for its start + the build of the table + a fixed number of steps outside the
samples (first step, proof of the fence, audit) + warm-up + samples + the further phases that the protocol asks for. A
step = the declared passes over the table at STREAM bytes a second + the network's arithmetic at ARITHMETIC + OVERHEAD.
"""

import statistics

from embbench.cases.case import Case
from embbench.cases.contender import Declaration
from embbench.cases.learning_curve import SEEDS
from embbench.cases.protocol import Protocol
from embbench.cases.sources import Source
from embbench.cases.update_path import Path
from embbench.workloads import workload_of

BUILD = 1e9  # bytes of the table per second: drawing and copying the initial values
STREAM = 10e9  # bytes per second of one core streaming through a table
READ = 8e6  # bytes of text per second that are cut into words
ARITHMETIC = 40e9  # floating-point operations per second
OVERHEAD = 2e-3  # seconds per step: Python and the framework's dispatch
STEPS_OUTSIDE = 12
TAKEN_APART = (2.0, 8)  # least seconds; steps: cycles of a step and its parts, and profiles
TRAINING = 3.0  # seconds
PREPARED = 1.0  # seconds: building and scoring a training of a learning curve
ALONE = 3.5  # seconds: a table stepped alone, and its rates


def step_seconds(case: Case, path: Path) -> float:
    """Predicted seconds of one step."""
    table = path.passes * case.vocab * case.dim * path.itemsize(case) / STREAM
    if case.table == "onehot":
        table += 4 * case.rows_per_step * case.vocab * case.dim / ARITHMETIC  # the product, and its transpose backward
    return table + workload_of(case).operations(case) / ARITHMETIC + OVERHEAD


def round_seconds(case: Case, declaration: Declaration, protocol: Protocol, source: Source | None = None) -> float:
    """Predicted seconds of one round of a supported case, including its process; at most the timeout. source: the file
    of the token stream.
    """
    path = declaration.path(case)
    assert isinstance(path, Path)
    step = step_seconds(case, path)
    timed = max(protocol.warmup, step) + max(protocol.budget, protocol.least_samples * step)
    start = declaration.start if path.start is None else path.start
    apart = max(TAKEN_APART[0], TAKEN_APART[1] * step) if protocol.phases else 0.0
    read = source.size / READ if source else 0.0
    besides = read + apart + (TRAINING if protocol.training else 0.0) + (ALONE if protocol.table_alone else 0.0)
    count = getattr(workload_of(case), "learning_steps", lambda case: 0)(case)
    besides += SEEDS * (PREPARED + count * step) if count else 0.0
    return min(start + case.table_bytes / BUILD + STEPS_OUTSIDE * step + timed + besides, protocol.timeout)


class Durations:
    """Seconds per round, by case: the mean over this run's rounds, or the prediction before the first of them. alike:
    whether all cases run one program but for changes; then rounds of other cases predict better than their sizes.
    """

    def __init__(self, predicted: dict[str, float], alike: bool = False) -> None:
        self._predicted, self._alike = predicted, alike
        self._seen: dict[str, list[float]] = {}

    def saw(self, case: str, seconds: float) -> None:
        """Adds one round. case: its case id."""
        self._seen.setdefault(case, []).append(seconds)

    def left(self, rounds_left: dict[str, int]) -> float:
        """Predicted seconds for `rounds_left`: case id -> number of rounds."""
        return sum(count * self.of(case) for case, count in rounds_left.items())

    def of(self, case: str) -> float:
        """Seconds of one round. case: a case id."""
        if seen := self._seen.get(case):
            return statistics.fmean(seen)
        if self._alike and self._seen:
            return statistics.median(each for several in self._seen.values() for each in several)
        return self._predicted.get(case, 0.0)
