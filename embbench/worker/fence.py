"""Proof that the fence fences: a number between two fences that do not wait is a number of nothing."""

import math
import statistics
from collections.abc import Sequence

import numpy as np

from embbench.cases.contender import Trial
from embbench.worker.clock import Clock, time_block
from embbench.worker.sampling import Samples

TRIES = 3  # at least, before a fence is cleared of what one try alone can look like on a busy machine
PAIRS = 5  # likewise, of blocks whose every pause counts
FEW_PAIRS = 2  # likewise, where the samples look right and a block outlasts LONG
LEAK = 0.2  # share of a block that may still be waited for after its fence
SURE = 0.01  # the same of the first tries alone, whose block may have been disturbed
LEAST_BLOCK = 2e-3
MOST_STEPS = 50
LINEAR = (0.6, 1.67)
NEAR = (0.75, 1.33)  # so near to twice, blocks that meet pauses come by themselves, and half the work by none
CLOSE = (0.9, 1.11)  # the same of FEW_PAIRS
LONG = 0.1  # seconds of a block from which on pauses as long as half of it are rare
SHORT = 0.25  # seconds of a block up to which a pause of a busy machine can look like its second half
PATIENCE = 30.0  # seconds of blocks that may show a fence right on a busy machine: some tries of steps of 2 s too
SHORTER = 2.58  # standard deviations of chance, which five blocks exceed that are all shorter than five others
MOST_TRIES = 100


def leak_after_fence(trial: Trial, last_step: float, ids: np.ndarray, clock: Clock) -> tuple[int, str | None]:
    """(steps made, None or how much work was still running after the fence): reading the results must not wait.

    last_step: seconds of the fenced step that has just ended; where it is long enough it is the first try.

    The fastest of all tries counts, of the block, of the first reading after it and of the second: what disturbs them
    only makes them slower, so that more tries clear a fence that is right, and never one that does not wait, whose
    first reading has the work left to do in every try. (Of each try by itself, a pause in the block or in the second
    reading cleared a wrong fence, and one in the first of three readings in a row condemned a right one.)
    """
    made, steps, spent = 0, 1, 0.0
    blocks: list[float] = []
    firsts: list[float] = []
    seconds: list[float] = []
    waited = 0.0
    while len(firsts) < TRIES or (spent < PATIENCE and len(firsts) < MOST_TRIES):
        if firsts or last_step < LEAST_BLOCK:
            steps = min(MOST_STEPS, max(1, round(LEAST_BLOCK / max(last_step, 1e-9))))
            blocks.append(time_block(trial, steps, clock))
            made += steps
        else:
            blocks.append(last_step)
        firsts.append(_read_time(trial, ids, clock))
        seconds.append(_read_time(trial, ids, clock))
        spent += blocks[-1] + firsts[-1] + seconds[-1]
        waited = min(firsts) - min(seconds)
        leak = LEAK if len(firsts) >= TRIES else SURE
        if (len(firsts) >= TRIES or last_step > SHORT) and waited <= leak * min(blocks) + 3 * min(seconds):
            return made, None
    return made, (
        f"the fence does not wait: {steps} steps took {min(blocks):.3g} s to it, "
        f"then reading the loss and rows waited {waited:.3g} s more"
    )


def is_linear(samples: Samples) -> bool:
    """Whether the samples' blocks of twice the steps took about twice the time, by medians or by the fastest."""
    return any(LINEAR[0] <= ratio <= LINEAR[1] for ratio in _ratios(samples))


def not_linear(trial: Trial, samples: Samples, ids: np.ndarray | None, clock: Clock) -> tuple[int, str | None]:
    """(steps made, None or that twice the steps did not take about twice the time). ids: (R,) of rows that may be read;
    None where the trial shows none, and then what is left over behind the fence is not seen.

    The samples hold blocks of twice the steps, and where these are long and right, nothing more is made. Else a block
    of twice the steps is held against two blocks in a row, which take as long and so meet as many pauses of a busy
    machine, and it is the fastest of each that count: what disturbs them only makes them slower, so that more of them
    clear a fence that is right and never one that drops work. (Each try's own ratio was not enough: threads that wait
    for a CPU can make ten blocks of eleven several times slower. Nor was the fastest single block, which fits between
    two pauses more often than one of twice the steps: an honest step of 22 ms was refused beside ten busy processes.)

    Blocks between LONG and SHORT are cleared by FEW_PAIRS where the samples look right and these are CLOSE.

    Where the fastest say that work was left out, most others must say so too. (Beside five to twelve busy processes,
    one block of twice the steps in some tens met a moment of rest that was too short for two blocks in a row.)

    Where twice the steps took longer than that, no work was left out. It may have been left over, and then it is waited
    for behind the fence; where nothing is, the machine was busy (two sides that take turns, each kept from its CPUs by
    other programs, took 1.4 s for steps of 30 ms, which leaves time for a handful of tries).
    """
    steps = samples.steps[0]
    right, block = is_linear(samples), steps * min(samples.seconds)
    if right and (block > SHORT or samples.stopped == "turns"):
        return 0, None  # turns are short; together they prove it
    least = FEW_PAIRS if right and block > LONG else PAIRS
    made, spent = 0, 0.0
    doubles: list[float] = []
    pairs: list[float] = []
    while len(pairs) < PAIRS or (spent < PATIENCE and len(pairs) < MOST_TRIES):
        doubles.append(time_block(trial, 2 * steps, clock))
        pairs.append(time_block(trial, steps, clock) + time_block(trial, steps, clock))
        made += 4 * steps
        spent += doubles[-1] + pairs[-1]
        low, high = NEAR if len(pairs) >= PAIRS else CLOSE
        if len(pairs) >= least and low <= min(doubles) / max(min(pairs), 1e-12) <= high:
            return made, None
    ratio = min(doubles) / max(min(pairs), 1e-12)
    if LINEAR[0] <= ratio <= LINEAR[1] or (ratio < LINEAR[0] and not mostly_shorter(doubles, pairs)):
        return made, None
    if ratio > LINEAR[1] and (ids is None or not _leaves_over(trial, 2 * steps, ids, clock)):
        return made + (0 if ids is None else TRIES * 2 * steps), None
    return made, f"the fence does not hold: twice the steps took {2 * ratio:.3g} times as long as a block"


def mostly_shorter(some: Sequence[float], others: Sequence[float]) -> bool:
    """Whether so many of `some` are shorter than so many of `others` as chance does to one honest program in 200, whose
    blocks take alike: by their ranks (Mann and Whitney 1947), of which no long pause is more than the last.
    """
    shorter = sum((a < b) + 0.5 * (a == b) for a in some for b in others)
    pairs, n = len(some) * len(others), len(some) + len(others)
    return shorter - pairs / 2 > SHORTER * math.sqrt(pairs * (n + 1) / 12)


def _leaves_over(trial: Trial, steps: int, ids: np.ndarray, clock: Clock) -> bool:
    """Whether reading the results behind the fence of so many steps waits, by the fastest of TRIES."""
    blocks, firsts, seconds = [], [], []
    for _ in range(TRIES):
        blocks.append(time_block(trial, steps, clock))
        firsts.append(_read_time(trial, ids, clock))
        seconds.append(_read_time(trial, ids, clock))
    return min(firsts) - min(seconds) > LEAK * min(blocks) + 3 * min(seconds)


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
