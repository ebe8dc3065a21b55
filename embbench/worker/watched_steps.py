"""Do steps cost in the timed window what they cost right behind a reading? A program that works while it is watched and
leaves work out when nobody reads for long passes every check of its results, and shows itself by time alone.
"""

import math

import numpy as np

from embbench.cases.contender import Trial
from embbench.worker.clock import Clock, time_block
from embbench.worker.fence import SHORT, mostly_shorter
from embbench.worker.note import NOTHING, Note, warned

STEPS = 3  # behind a reading; blocks of twice as many tell what the fence and the first step take besides
LONG = 0.1  # seconds of a step beside which a fence takes next to nothing: a single step will do
DEARER = 1.6  # times as long as in the window, which leaving out every second step exceeds
TRIES, MOST_TRIES = 5, 200
PATIENCE = 3.0  # seconds of steps in which a busy machine may show that it was the machine
AGAIN = 10.0  # seconds of steps that are then made once more with no reading


def watch(trial: Trial, usual: float, ids: np.ndarray, unread: int, clock: Clock) -> tuple[int, Note]:
    """The steps made, and a warning where watched steps are dearer. For arguments see `cheaper_unwatched`."""
    made, dearer = cheaper_unwatched(trial, usual, ids, unread, clock)
    if dearer is None:
        return made, NOTHING
    text = (
        f"right behind a reading of its results a step takes {dearer:.2g} times as long as in the timed window: "
        "does the program leave work out when nobody reads? If the machine was busy, measure again"
    )
    return made, warned("cheaper-unwatched", text)


def cheaper_unwatched(
    trial: Trial, usual: float, ids: np.ndarray, unread: int, clock: Clock
) -> tuple[int, float | None]:
    """(steps made, None or how many times as long as `usual` a step takes that is watched). usual: seconds of a step in
    the window, the median. ids: (R,) of rows that are read. unread: steps of the window.

    It is the fastest block of each size that counts: what disturbs a block only makes it slower, so that more tries
    clear the honest and never a liar. Sizes are subtracted, since a step that is waited for alone may take twice as
    long as one among many: its launch and its work do not overlap. But no step takes longer than its share of the
    longer block, as it would seem where only the shorter one met a moment of rest. The window may have met that too, so
    that in the end steps are made as there, with no reading, and must be cheaper still: the fastest, and of blocks so
    short that one fits into a moment of rest most others.
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
    """(steps made, seconds of some blocks) behind so many steps with no reading."""
    time_block(trial, before, clock)
    return before + TRIES * size, [time_block(trial, size, clock) for _ in range(TRIES)]
