"""Blocks of the timed window that cost far less than other blocks. Disturbances make blocks slower, each block by
another amount. So if many blocks cost the same and some cost half of that, those cheap blocks left work out.
"""

import statistics
from collections.abc import Iterator, Sequence

from embbench.store.round import Warning_
from embbench.worker.sampling import Samples

CHEAP = 0.55  # blocks are cheap below this share of the cost of the other blocks
FEWEST = 8  # least number of blocks for a comparison
LEAST_CHEAP = 2  # least number of cheap blocks
TIGHT = 0.1  # costs are equal if they are this close to the median, as a share of the median
ALIKE = 0.8  # least share of the expensive blocks with equal cost; a pause may have hit the other ones
DEAR_SHARE = 0.4  # least share of expensive blocks: pauses of a busy machine make fewer blocks slow
DEAR_FIRST = 4  # least number of expensive blocks; enough if they come first: caches fill sooner
DISTURBED = {"cpu-contention", "steal", "throttled-by-quota", "throttled", "gpu-contention"}  # warnings of disturbances


def cheap_steps(samples: Samples, found: Sequence[Warning_]) -> str | None:
    """The text of a warning about cheap blocks; None if there are no cheap blocks. found: the window's other warnings;
    if one of them says that the machine made blocks slow, that warning is enough.
    """
    if len(samples.seconds) < FEWEST or DISTURBED & {warning.code for warning in found}:
        return None
    for limit, ratio in _gaps(samples.seconds):
        dear = [seconds >= limit for seconds in samples.seconds]
        count = sum(dear)
        if all(dear[:count]):
            begin = sum(samples.steps[:count]) + 1
            return _text(f"from step {begin} of the timed window on, steps took {ratio:.2g} times as long as before")
        # Sides that take turns make every other pair of blocks on another CPU, which may be slower.
        if count >= DEAR_SHARE * len(dear) and samples.stopped != "turns":
            cheap = f"{len(dear) - count} of {len(dear)} blocks of steps"
            return _text(f"{cheap} in the timed window took {ratio:.2g} times as long as the others")
    return None


def _gaps(seconds: Sequence[float]) -> Iterator[tuple[float, float]]:
    """(seconds from which on a block is expensive, median cost of cheap blocks over median cost of expensive blocks)
    for each split into cheap blocks and expensive blocks of equal cost. Splits with the most expensive blocks first.
    """
    ordered = sorted(seconds)
    for count in range(LEAST_CHEAP, len(ordered) - DEAR_FIRST + 1):
        low, high = ordered[:count], ordered[count:]
        center = statistics.median(high)
        alike = sum(abs(value - center) <= TIGHT * center for value in high)
        ratio = statistics.median(low) / max(center, 1e-12)
        if ratio < CHEAP and low[-1] < (1 + CHEAP) / 2 * high[0] and alike >= ALIKE * len(high):
            yield high[0], ratio


def _text(finding: str) -> str:
    return (
        f"{finding}; the median is the cost of neither kind of step. Look for work that the program leaves out or does "
        "only sometimes; if the machine was busy or changed its clock, measure again"
    )
