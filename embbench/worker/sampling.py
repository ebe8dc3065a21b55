"""Steady state: warm-up, size of the blocks, and when enough samples are taken."""

import math
import statistics
from collections.abc import Callable, Sequence

import msgspec

from embbench.cases.contender import Trial
from embbench.cases.disturbance import calm
from embbench.cases.protocol import Protocol
from embbench.worker.clock import Clock, clock_cost, time_block

MOST_BLOCK_STEPS = 100_000
SETTLED = 0.05  # the last three warm-up steps are within this of the three before
DOUBLED = 1  # the place of the first sample that is a block of twice the steps
LONGEST = 8.0  # seconds of samples from which on no further one is made for being unlike: rounds repeat them
STEADY = 1.25  # steps are alike where one takes no more than this times as long as the other
CALM = 8  # samples that other programs left alone, until which more are made
PATIENT = 3  # times the budget that they may take


class WarmUp(msgspec.Struct, frozen=True):
    """seconds: of each fenced step after the first one."""

    seconds: tuple[float, ...]
    converged: bool


class Samples(msgspec.Struct, frozen=True):
    """seconds: per step, one value a block. steps: of each block. stopped: 'stable', 'budget' or 'turns'. before: how
    many of the blocks were made before the timed window. warm: steps made in it outside the blocks. waits: seconds a
    step that the threads waited for a CPU, one value a block, None where unknown; () where nobody asked.
    """

    seconds: tuple[float, ...]
    steps: tuple[int, ...]
    stopped: str
    before: int = 0
    warm: int = 0
    waits: tuple[float | None, ...] = ()

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
    waited: Callable[[], float | None] = lambda: None,
    others: Callable[[], bool] = lambda: False,
    threads: int = 1,
) -> Samples:
    """Blocks of `steps` until the noise is stable or the budget is spent. before: seconds of single warm-up steps,
    which count if the first block is alike: a second step may still touch memory for the first time. made: called
    between the blocks, with the steps of each and the number of samples that there are then. waited: seconds that the
    threads have waited for a CPU. others: whether other programs have been in the way since the window began. threads:
    that steps compute on. Two samples that disagree get a third, unless they took LONGEST. Where others run, samples
    are made until CALM of them are, or for PATIENT times the budget.

    One block has twice the steps, so that the fence can be held to "K steps take K times one step" (`worker.fence`)
    at no further cost.
    """
    window = _Window(trial, clock, before, waited, threads)
    stable = False
    while (
        len(window.seconds) < protocol.least_samples
        or not (stable or window.spent >= protocol.budget)
        or (disagree(window.seconds) and window.spent < LONGEST)
        or (window.few_calm and window.spent < PATIENT * protocol.budget and others())
    ):
        size = 2 * steps if len(window.seconds) == DOUBLED else steps
        block = window.time(size)
        made(size, len(window.seconds) + 1)
        if len(window.seconds) == len(before) == DOUBLED and disagree([before[-1], block[0]]):
            before, window = (), _Window(trial, clock, (), waited, threads)
            window.put(steps, *window.time(steps))
            made(steps, 2)
        window.put(size, *block)
        stable = noise_is_stable(window.seconds, protocol.steady)
    stopped = "stable" if stable else "budget"
    return Samples(tuple(window.seconds), tuple(window.sizes), stopped, len(before), waits=tuple(window.waits))


class _Window:
    """Samples so far; see `take_samples`. spent: seconds of their blocks."""

    def __init__(
        self, trial: Trial, clock: Clock, before: tuple[float, ...], waited: Callable[[], float | None], threads: int
    ) -> None:
        self._trial, self._clock, self._waited, self._threads = trial, clock, waited, threads
        self.seconds, self.sizes = [*before], [1] * len(before)
        self.waits: list[float | None] = [None] * len(before)
        self.spent = sum(before)

    def time(self, size: int) -> tuple[float, float | None]:
        """Seconds of a step in a block of so many, and of what its threads waited; the wait is None where unknown."""
        before = self._waited()
        whole = time_block(self._trial, size, self._clock)
        wait = None if before is None else max(0.0, (self._waited() or 0.0) - before) / size
        return whole / size, wait

    def put(self, size: int, seconds: float, wait: float | None) -> None:
        self.seconds.append(seconds)
        self.sizes.append(size)
        self.waits.append(wait)
        self.spent += size * seconds

    @property
    def few_calm(self) -> bool:
        return len(calm(self.seconds, self.waits, self._threads)) < min(CALM, len(self.seconds))


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
