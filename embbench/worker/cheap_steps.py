"""Blocks of the timed window that cost far less than the others. What disturbs a block makes it slower, and each by
another amount; blocks that cost half of what many others cost alike left something out.
"""

import statistics
from collections.abc import Iterator, Sequence

from embbench.store.round import Warning_
from embbench.worker.sampling import Samples

CHEAP = 0.55  # times the cost of the others below which blocks are cheap
FEWEST = 8  # blocks from which on costs can be told apart
LEAST_CHEAP = 2  # blocks
TIGHT = 0.1  # of the median, within which costs are alike
ALIKE = 0.8  # of the dear blocks, which cost alike; the rest may have met a pause besides
DEAR_SHARE = 0.4  # of all blocks that must be dear: pauses of a busy machine make fewer blocks slow
DEAR_FIRST = 4  # blocks that must be; at the start they are enough where all others are cheap: caches settle sooner
DISTURBED = {"cpu-contention", "steal", "throttled-by-quota", "throttled"}  # warnings of what makes blocks slow


def cheap_steps(samples: Samples, found: Sequence[Warning_]) -> str | None:
    """What a warning says of such blocks; None where there are none. found: the window's other warnings, which may say
    that the machine made the others slow and then ask to measure again.
    """
    if len(samples.seconds) < FEWEST or DISTURBED & {warning.code for warning in found}:
        return None
    for limit, ratio in _gaps(samples.seconds):
        dear = [seconds >= limit for seconds in samples.seconds]
        count = sum(dear)
        if all(dear[:count]):
            begin = sum(samples.steps[:count]) + 1
            return _text(f"from step {begin} of the timed window on its steps took {ratio:.2g} times as long as before")
        # Where sides take turns, every other pair of blocks is made on another CPU, which may be slower.
        if count >= DEAR_SHARE * len(dear) and samples.stopped != "turns":
            cheap = f"{len(dear) - count} of {len(dear)} blocks of steps"
            return _text(f"{cheap} in the timed window took {ratio:.2g} times as long as the others")
    return None


def _gaps(seconds: Sequence[float]) -> Iterator[tuple[float, float]]:
    """(seconds from which on a block is dear, cost of the cheap over that of the dear, by medians) of each way to part
    the blocks into cheap ones and dear ones that cost alike, those with the most dear ones first.
    """
    ordered = sorted(seconds)
    for count in range(LEAST_CHEAP, len(ordered) - DEAR_FIRST + 1):
        low, high = ordered[:count], ordered[count:]
        center = statistics.median(high)
        alike = sum(abs(value - center) <= TIGHT * center for value in high)
        ratio = statistics.median(low) / max(center, 1e-12)
        if ratio < CHEAP and low[-1] < (1 + CHEAP) / 2 * high[0] and alike >= ALIKE * len(high):
            yield high[0], ratio


def _text(seen: str) -> str:
    return (
        f"{seen}, and the median of all is the cost of neither: look for what the program leaves out or does only at "
        "times; if the machine was busy or changed its clock, measure again"
    )
