"""Steady state: warm-up, size of the blocks, and when enough samples are taken."""

import math
import statistics
from collections.abc import Callable, Sequence

import msgspec

from embbench.spec.contender import Trial
from embbench.spec.protocol import Protocol
from embbench.worker.clock import Clock, clock_cost, time_block

MOST_BLOCK_STEPS = 100_000
SETTLED = 0.05  # the last three warm-up steps are within this of the three before
DOUBLED = 1  # the place of the first sample that is a block of twice the steps
LONGEST = 8.0  # seconds of samples from which on no further one is made for being unlike: rounds repeat them
STEADY = 1.25  # steps are alike where one takes no more than this times as long as the other


class WarmUp(msgspec.Struct, frozen=True):
    """seconds: of each fenced step after the first one."""

    seconds: tuple[float, ...]
    converged: bool


class Samples(msgspec.Struct, frozen=True):
    """seconds: per step, one value a block. steps: of each block. stopped: 'stable', 'budget' or 'turns'. before: how
    many of the blocks were made before the timed window. warm: steps made in it outside the blocks.
    """

    seconds: tuple[float, ...]
    steps: tuple[int, ...]
    stopped: str
    before: int = 0
    warm: int = 0

    @property
    def total_steps(self) -> int:
        return sum(self.steps) + self.warm


def warm_up(trial: Trial, protocol: Protocol, clock: Clock) -> WarmUp:
    """Fenced single steps until their time settles or the warm-up's budget is spent; at least one, from which the
    blocks can be sized: the first step of all may have compiled for a minute what then takes a millisecond.
    """
    seconds: list[float] = []
    while True:
        seconds.append(time_block(trial, 1, clock))
        converged = _settled(seconds)
        if converged or sum(seconds) >= protocol.warmup:
            return WarmUp(tuple(seconds), converged)


def block_steps(step_seconds: float, protocol: Protocol, clock: Clock) -> int:
    """K, so that a block outlasts protocol.block and two clock readings stay below protocol.clock_share of it."""
    least = max(protocol.block, 2 * clock_cost(clock) / protocol.clock_share)
    return min(MOST_BLOCK_STEPS, max(1, math.ceil(least / max(step_seconds, 1e-9))))


def take_samples(
    trial: Trial,
    steps: int,
    protocol: Protocol,
    clock: Clock,
    before: tuple[float, ...] = (),
    made: Callable[[int, int], None] = lambda steps, samples: None,
) -> Samples:
    """Blocks of `steps` until the noise is stable or the budget is spent. before: seconds of single warm-up steps,
    which count if the first block is alike: a second step may still touch memory for the first time. made: called
    between the blocks, with the steps of each and the number of samples that there are then.
    Two samples that disagree get a third, unless they took LONGEST.

    One block has twice the steps, so that the fence can be held to "K steps take K times one step" (`worker.fence`)
    at no further cost.
    """
    seconds, sizes = [*before], [1] * len(before)
    spent, stable = sum(before), False
    while (
        len(seconds) < protocol.least_samples
        or not (stable or spent >= protocol.budget)
        or (disagree(seconds) and spent < LONGEST)
    ):
        size = 2 * steps if len(seconds) == DOUBLED else steps
        block = time_block(trial, size, clock)
        made(size, len(seconds) + 1)
        if len(seconds) == len(before) == DOUBLED and disagree([before[-1], block / size]):
            first = time_block(trial, steps, clock)
            made(steps, 2)
            seconds, sizes, spent, before = [first / steps], [steps], first, ()
        seconds.append(block / size)
        sizes.append(size)
        spent += block
        stable = noise_is_stable(seconds, protocol.steady)
    return Samples(tuple(seconds), tuple(sizes), "stable" if stable else "budget", len(before))


def disagree(seconds: Sequence[float]) -> bool:
    """Whether these are two that are not alike: their median would be neither."""
    return len(seconds) == 2 and max(seconds) > STEADY * min(seconds)


def noise_is_stable(seconds: Sequence[float], steady: float, least: int = 16) -> bool:
    """Whether the relative spread, estimated anew with each sample of the second half, stayed within `steady` of
    itself. More samples would then cost time and change neither the median nor what is known of its noise.
    """
    count = len(seconds)
    if count < least:
        return False
    spreads = [_spread(seconds[:length]) for length in range(count // 2, count + 1, max(1, count // 16))]
    return max(spreads) - min(spreads) <= steady * max(spreads[-1], 1e-3)


def _spread(seconds: Sequence[float]) -> float:
    """Median absolute deviation over the median."""
    center = statistics.median(seconds)
    return statistics.median(abs(value - center) for value in seconds) / center if center else 0.0


def _settled(seconds: Sequence[float]) -> bool:
    if len(seconds) < 6:
        return False
    before, now = statistics.median(seconds[-6:-3]), statistics.median(seconds[-3:])
    return abs(now - before) <= SETTLED * before
