"""Proof that the fence fences: a number between two fences that do not wait is a number of nothing."""

import statistics

import numpy as np

from embbench.spec.contender import Trial
from embbench.worker.clock import Clock, time_block
from embbench.worker.sampling import Samples

TRIES = 3  # a busy machine may spoil one or two; a broken fence fails them all
LEAK = 0.2  # share of a block that may still be waited for after its fence
LEAST_BLOCK = 2e-3
MOST_STEPS = 50
LINEAR = (0.6, 1.67)
PATIENCE = 30.0  # seconds of blocks that may show a fence right on a busy machine: some tries of steps of 2 s too
MOST_TRIES = 100


def leak_after_fence(trial: Trial, last_step: float, ids: np.ndarray, clock: Clock) -> tuple[int, str | None]:
    """(steps made, None or how much work was still running after the fence): reading the results must not wait.

    last_step: seconds of the fenced step that has just ended; where it is long enough it is the first try.
    """
    found, made, steps, block = None, 0, 1, last_step
    for attempt in range(TRIES):
        if attempt or last_step < LEAST_BLOCK:
            steps = min(MOST_STEPS, max(1, round(LEAST_BLOCK / max(last_step, 1e-9))))
            block = time_block(trial, steps, clock)
            made += steps
        first, again = _read_time(trial, ids, clock), _read_time(trial, ids, clock)
        if first - again <= LEAK * block + 3 * again:
            return made, None
        found = (
            f"the fence does not wait: {steps} steps took {block:.3g} s to it, "
            f"then reading the loss and rows waited {first - again:.3g} s more"
        )
    return made, found


def is_linear(samples: Samples) -> bool:
    """Whether the samples' blocks of twice the steps took about twice the time, by medians or by the fastest."""
    return any(LINEAR[0] <= ratio <= LINEAR[1] for ratio in _ratios(samples))


def not_linear(trial: Trial, samples: Samples, clock: Clock) -> tuple[int, str | None]:
    """(steps made, None or that twice the steps did not take about twice the time).

    The samples hold blocks of twice the steps; only where those look wrong are some made for this alone, and it is the
    fastest of each size that count: what disturbs a block only makes it slower, so that more of them clear a fence that
    is right and never one that drops work. (Each try's own ratio was not enough: threads that wait for a CPU can make
    ten blocks of eleven several times slower, and four ratios in a row wrong.)
    """
    if is_linear(samples):
        return 0, None
    steps, made = samples.steps[0], 0
    doubles, singles = [], []
    while len(singles) < TRIES or (sum(doubles) + sum(singles) < PATIENCE and len(singles) < MOST_TRIES):
        doubles.append(time_block(trial, 2 * steps, clock))
        singles.append(time_block(trial, steps, clock))
        made += 3 * steps
        ratio = min(doubles) / 2 / max(min(singles), 1e-12)
        if LINEAR[0] <= ratio <= LINEAR[1]:
            return made, None
    return made, f"the fence does not hold: twice the steps took {2 * ratio:.3g} times as long as a block"


def _ratios(samples: Samples) -> list[float]:
    """Of a step in blocks of twice the steps to one in the others: of medians, of the fastest."""
    blocks = list(zip(samples.seconds, samples.steps, strict=True))
    doubles = [seconds for seconds, steps in blocks if steps == 2 * samples.steps[0]]
    singles = [seconds for seconds, steps in blocks if steps == samples.steps[0]]
    if not doubles:
        return []
    return [pick(doubles) / max(pick(singles), 1e-12) for pick in (statistics.median, min)]


def _read_time(trial: Trial, ids: np.ndarray, clock: Clock) -> float:
    begin = clock()
    trial.loss()
    trial.read_rows(ids)
    return (clock() - begin) / 1e9
