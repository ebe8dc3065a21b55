"""Proof that the fence waits: without a fence that waits, a measured time means nothing."""

import math
import statistics
from collections.abc import Sequence

import numpy as np

from embbench.cases.contender import Trial
from embbench.worker.clock import Clock, time_block
from embbench.worker.sampling import Samples

TRIES = 3  # least number of tries: on a busy machine a single try can be misleading
PAIRS = 5  # least number of pairs of blocks: any pause changes their ratio
FEW_PAIRS = 2  # least number of pairs if the samples look right and a block takes longer than LONG
LEAK = 0.2  # allowed wait after the fence, as a share of a block
SURE = 0.01  # the same before TRIES tries: the first block may have been disturbed
LEAST_BLOCK = 2e-3
MOST_STEPS = 50
LINEAR = (0.6, 1.67)
NEAR = (0.75, 1.33)  # of twice the time: pauses alone can move an honest ratio so far, skipped work moves it farther
CLOSE = (0.9, 1.11)  # the same for FEW_PAIRS
LONG = 0.1  # seconds of a block from which on pauses of half a block are rare
SHORT = 0.25  # seconds of a block up to which a pause of a busy machine can be as long as half a block
PATIENCE = 30.0  # seconds of blocks to prove a right fence on a busy machine: enough for some tries of 2 s steps
SHORTER = 2.58  # standard deviations: five blocks that are all shorter than five other blocks exceed this
MOST_TRIES = 100


def leak_after_fence(
    trial: Trial, last_step: float, ids: np.ndarray, clock: Clock, block: int = 0
) -> tuple[int, str | None]:
    """(steps made, None or a text about work that was still running after the fence). Reading the results right after
    the fence must not wait.

    last_step: seconds of the fenced step that has just ended. A long enough step is the first try. block: steps of each
    try, and last_step is then the seconds of such a block; 0 for as many steps as LEAST_BLOCK needs.

    The fastest block, the fastest first reading and the fastest second reading of all tries count. Disturbances only
    make them slower. So more tries clear a right fence, and never a fence that does not wait: its first reading has to
    wait in every try. (Single tries were not enough: a pause in the block or in the second reading cleared a wrong
    fence, and a pause in the first of three readings in a row refused a right fence.)
    """
    made, steps, spent = 0, 1, 0.0
    blocks: list[float] = []
    firsts: list[float] = []
    seconds: list[float] = []
    waited = 0.0
    while len(firsts) < TRIES or (spent < PATIENCE and len(firsts) < MOST_TRIES):
        if block or firsts or last_step < LEAST_BLOCK:
            steps = block or min(MOST_STEPS, max(1, round(LEAST_BLOCK / max(last_step, 1e-9))))
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
        f"the fence does not wait: {steps} steps took {min(blocks):.3g} s up to the fence, and reading the loss and "
        f"rows behind the fence waited {waited:.3g} s more"
    )


def is_linear(samples: Samples) -> bool:
    """Whether the sampled blocks of twice the steps took about twice the time, by medians or by the fastest blocks."""
    return any(LINEAR[0] <= ratio <= LINEAR[1] for ratio in _ratios(samples))


def not_linear(trial: Trial, samples: Samples, ids: np.ndarray | None, clock: Clock) -> tuple[int, str | None]:
    """(steps made, None or a text that twice the steps did not take about twice the time). ids: (R,) rows that may be
    read; None if the trial shows no rows, and then work that is left over behind the fence is not detected.

    The samples contain blocks of twice the steps. If these blocks are long and right, no more steps are made. Otherwise
    a block of twice the steps is compared with two blocks in a row, which take as long and so meet as many pauses of a
    busy machine. The fastest of each kind count. Disturbances only make them slower, so more tries clear a right fence
    and never a fence that drops work. (The ratio of a single try was not enough: threads that wait for a CPU can make
    ten of eleven blocks several times slower. The fastest single block was not enough either, since it fits between two
    pauses more often than a block of twice the steps: beside ten busy processes an honest step of 22 ms was refused.)

    FEW_PAIRS clear blocks between LONG and SHORT if the samples look right and the ratio is CLOSE.

    If the fastest blocks say that work was left out, most other blocks must say so too. (Beside five to twelve busy
    processes, one of some tens of blocks of twice the steps met a quiet moment too short for two blocks in a row.)

    If twice the steps took longer or only somewhat less than expected, no work was left out. Work may have been left
    over, and then a read behind the fence waits for it: with a fence that waits for a few milliseconds and no longer,
    twice the steps took 1.25 times as long. If no read waits, the machine was busy. (Two sides that take turns while
    other programs use their CPUs took 1.4 s for steps of 30 ms, which leaves time for few tries.)
    """
    steps = samples.steps[0]
    right, block = is_linear(samples), steps * min(samples.seconds)
    if right and (block > SHORT or samples.stopped == "turns"):
        return 0, None  # turns are short; together they prove the fence
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
    if ratio < LINEAR[0]:
        broken = mostly_shorter(doubles, pairs)
    else:
        broken = ids is not None and _leaves_over(trial, 2 * steps, ids, clock)
        made += 0 if ids is None else TRIES * 2 * steps
    if not broken:
        return made, None
    return made, f"the fence does not hold: a block of twice the steps took {2 * ratio:.3g} times as long as a block"


def mostly_shorter(some: Sequence[float], others: Sequence[float]) -> bool:
    """Whether `some` are shorter than `others` by more than chance, with one false alarm in 200 honest programs: by
    ranks (Mann and Whitney 1947), so that a long pause counts no more than the last rank.
    """
    shorter = sum((a < b) + 0.5 * (a == b) for a in some for b in others)
    pairs, n = len(some) * len(others), len(some) + len(others)
    return shorter - pairs / 2 > SHORTER * math.sqrt(pairs * (n + 1) / 12)


def _leaves_over(trial: Trial, steps: int, ids: np.ndarray, clock: Clock) -> bool:
    """Whether reading the results behind the fence waits, by the fastest of TRIES tries of `steps` steps."""
    blocks, firsts, seconds = [], [], []
    for _ in range(TRIES):
        blocks.append(time_block(trial, steps, clock))
        firsts.append(_read_time(trial, ids, clock))
        seconds.append(_read_time(trial, ids, clock))
    return min(firsts) - min(seconds) > LEAK * min(blocks) + 3 * min(seconds)


def _ratios(samples: Samples) -> list[float]:
    """Time per step in blocks of twice the steps over time per step in other blocks: by medians, by the fastest."""
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
