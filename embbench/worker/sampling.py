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
SETTLED = 0.05  # largest relative change of the median between three warm-up steps and the next three
DOUBLED = 1  # the place of the first sample that is a block of twice the steps
LONGEST = 8.0  # seconds of samples after which unlike samples get no further sample: rounds repeat them
STEADY = 1.25  # two steps are alike up to this ratio of their times
CALM = 8  # wanted number of samples that other programs did not disturb
PATIENT = 3  # multiple of the budget that these samples may take
# On a GPU the host starts steps ahead of the GPU. A fence ends that lead, so the first step of a block is slower: an
# H200 took 6.6 ms per step in blocks of 3 steps, 6.4 ms in blocks of 6. A block there has AHEAD steps or AHEAD_SECONDS.
AHEAD = 50
AHEAD_SECONDS = 0.3  # more than `fence.SHORT`: the samples then prove the fence


class WarmUp(msgspec.Struct, frozen=True):
    """seconds: of each fenced step after the first step."""

    seconds: tuple[float, ...]
    converged: bool


class Samples(msgspec.Struct, frozen=True):
    """seconds: per step, one value per block. steps: number of steps of each block. stopped: 'stable', 'budget' or
    'turns'. before: number of blocks made before the timed window. warm: number of steps in the window outside the
    blocks. waits: seconds per step that the threads waited for a CPU, one value per block, None if unknown; () if not
    measured.
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
    """Makes fenced single steps until their time settles or the warm-up's budget is spent. Makes at least one step, by
    which blocks can be sized: the very first step may have compiled for a minute and then takes a millisecond.
    """
    seconds: list[float] = []
    while True:
        seconds.append(time_block(trial, 1, clock))
        converged = _settled(seconds)
        if converged or sum(seconds) >= protocol.warmup:
            return WarmUp(tuple(seconds), converged)


def block_steps(step_seconds: float, protocol: Protocol, clock: Clock, device: str = "cpu") -> int:
    """K, so that a block outlasts protocol.block and two clock readings stay below protocol.clock_share of it, and that
    the fence hardly counts on the device. step_seconds: of a step with its fence.
    """
    least = max(protocol.block, 2 * clock_cost(clock) / protocol.clock_share, seconds_ahead(step_seconds, device))
    return min(MOST_BLOCK_STEPS, max(1, math.ceil(least / max(step_seconds, 1e-9))))


def seconds_ahead(call: float, device: str) -> float:
    """Least seconds of a block in which the fence hardly counts. call: seconds of a call with its fence."""
    return 0.0 if device == "cpu" else min(AHEAD * call, AHEAD_SECONDS)


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
    """Takes blocks of `steps` until the noise is stable or the budget is spent. before: seconds of single warm-up
    steps, which count if the first block is alike: a second step may still touch memory for the first time. made:
    called after each block with its steps and the number of samples then. waited: seconds that the threads have waited
    for a CPU so far. others: whether other programs have disturbed the window so far. threads: threads that steps
    compute on. Two samples that disagree get a third sample, unless they took LONGEST. If other programs run, samples
    are taken until CALM samples are undisturbed, or for PATIENT times the budget.

    One block has twice the steps, so that the proof of the fence, "K steps take K times one step" (`worker.fence`),
    costs nothing more.
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
    """The samples so far; see `take_samples`. spent: seconds of all blocks."""

    def __init__(
        self, trial: Trial, clock: Clock, before: tuple[float, ...], waited: Callable[[], float | None], threads: int
    ) -> None:
        self._trial, self._clock, self._waited, self._threads = trial, clock, waited, threads
        self.seconds, self.sizes = [*before], [1] * len(before)
        self.waits: list[float | None] = [None] * len(before)
        self.spent = sum(before)

    def time(self, size: int) -> tuple[float, float | None]:
        """(seconds per step, seconds per step that the threads waited, None if unknown) of a block of `size` steps."""
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
    """Whether there are two samples that are not alike: their median would be neither of them."""
    return len(seconds) == 2 and max(seconds) > STEADY * min(seconds)


def noise_is_stable(seconds: Sequence[float], steady: float, least: int = 16) -> bool:
    """Whether the relative spread stayed within `steady` of itself when the samples of the second half came. Further
    samples would then cost time and change neither the median nor its estimated noise.
    """
    count = len(seconds)
    if count < least:
        return False
    spreads = [_spread(seconds[:length]) for length in range(count // 2, count + 1, max(1, count // 16))]
    return max(spreads) - min(spreads) <= steady * max(spreads[-1], 1e-3)


def _spread(seconds: Sequence[float]) -> float:
    """Median absolute deviation divided by the median."""
    center = statistics.median(seconds)
    return statistics.median(abs(value - center) for value in seconds) / center if center else 0.0


def _settled(seconds: Sequence[float]) -> bool:
    if len(seconds) < 6:
        return False
    before, now = statistics.median(seconds[-6:-3]), statistics.median(seconds[-3:])
    return abs(now - before) <= SETTLED * before
