"""Do steps take as long in the timed window as right after a read? A program that leaves out work when nobody reads
for long passes every check of its results. Only its times show it.
"""

import math

import numpy as np

from embbench.cases.contender import Trial
from embbench.worker.clock import Clock, time_block
from embbench.worker.fence import SHORT, mostly_shorter
from embbench.worker.note import NOTHING, Note, warned

STEPS = 3  # steps after a read; blocks of twice as many steps show the extra time of the fence and the first step
LONG = 0.1  # seconds per step from which on a fence takes next to nothing: a single step is enough
DEARER = 1.6  # ratio to steps of the window; a program that leaves out every second step exceeds it
TRIES, MOST_TRIES = 5, 200
PATIENCE = 3.0  # seconds of further tries on a busy machine
AGAIN = 10.0  # seconds of steps that are then repeated with no read


def watch(trial: Trial, usual: float, ids: np.ndarray, unread: int, clock: Clock) -> tuple[int, Note]:
    """(steps made, warning if watched steps take longer). Arguments: see `cheaper_unwatched`."""
    made, dearer = cheaper_unwatched(trial, usual, ids, unread, clock)
    if dearer is None:
        return made, NOTHING
    text = (
        f"a step right after its results are read takes {dearer:.2g} times as long as a step of the timed window: the "
        "program may leave out work when nobody reads. If the machine was busy, measure again"
    )
    return made, warned("cheaper-unwatched", text)


def cheaper_unwatched(
    trial: Trial, usual: float, ids: np.ndarray, unread: int, clock: Clock
) -> tuple[int, float | None]:
    """(steps made, None or time of a watched step as a multiple of `usual`). usual: median seconds per step in the
    window. ids: (R,) rows to read. unread: number of steps in the window.

    The fastest block of each size counts. Disturbances only make blocks slower, so more tries clear an honest program
    and never a lie. The times of both sizes are subtracted, since a single awaited step may take twice as long as a
    step among many: its launch and its work do not overlap. But a step takes at most its share of the longer block;
    otherwise a quiet moment during the shorter block alone would make steps look slow. The window may have met a quiet
    moment too. So at the end the steps of the window are repeated with no read, and must still be cheaper: the fastest
    block, and most blocks if a block is short enough for a quiet moment.
    """
    made, spent, tries, step = 0, 0.0, 0, math.inf
    sizes = (1,) if usual > LONG else (STEPS, 2 * STEPS)
    blocks: dict[int, list[float]] = {size: [] for size in sizes}
    while tries < TRIES or (spent < PATIENCE and tries < MOST_TRIES):
        for size in sizes:
            trial.loss()
            trial.read_rows(ids)
            blocks[size].append(time_block(trial, size, clock))
            made, spent = made + size, spent + blocks[size][-1]
        tries += 1
        share = min(blocks[sizes[-1]]) / sizes[-1]
        step = share if len(sizes) == 1 else min(share, (min(blocks[2 * STEPS]) - min(blocks[STEPS])) / STEPS)
        if step <= DEARER * usual:
            return made, None
    more, unread_blocks = _unread(trial, min(unread, int(AGAIN / step)), sizes[-1], clock)
    cheapest = min(unread_blocks)
    dearer = step > DEARER * cheapest / sizes[-1]
    if cheapest <= SHORT:
        dearer &= mostly_shorter([DEARER * each for each in unread_blocks], blocks[sizes[-1]])
    return made + more, step / max(usual, 1e-12) if dearer else None


def _unread(trial: Trial, before: int, size: int, clock: Clock) -> tuple[int, list[float]]:
    """(steps made, seconds of TRIES blocks of `size` steps) after `before` steps, all with no read."""
    time_block(trial, before, clock)
    return before + TRIES * size, [time_block(trial, size, clock) for _ in range(TRIES)]
