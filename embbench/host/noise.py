"""How quiet the machine is now: a fixed piece of work, timed many times. Only reads; changes no setting."""

import statistics
import time
from collections.abc import Callable

import msgspec

from embbench.host.load import read_load

_TURNS = 20_000


class Noise(msgspec.Struct, frozen=True):
    """spread: (90th percentile - median) / median of the times of the same work. The other values are shares of the
    observed time.

    queue: this process was ready to run and waited for a CPU. steal: the hypervisor gave CPUs to others, as a share of
    one CPU. pressure: some task of the machine waited for a CPU. steal, pressure: None if unknown.
    """

    spread: float
    queue: float | None
    steal: float | None
    pressure: float | None


def measure_noise(seconds: float = 1.0, clock: Callable[[], float] = time.perf_counter) -> Noise:
    """Keeps one CPU busy for `seconds`, in pieces of about a millisecond."""
    before, begun = read_load(), clock()
    pieces: list[float] = []
    while len(pieces) < 10 or clock() - begun < seconds:
        start = clock()
        _work()
        pieces.append(clock() - start)
    taken, after = clock() - begun, read_load()
    median = statistics.median(pieces)

    def share(name: str) -> float | None:
        then, now = getattr(before, name), getattr(after, name)
        # not below zero: the wait of a thread that ended meanwhile is lost
        return None if then is None or now is None else max(0.0, now - then) / taken

    spread = (statistics.quantiles(pieces, n=10)[-1] - median) / median
    return Noise(spread, share("queue_wait"), share("steal"), share("pressure"))


def _work() -> int:
    total = 0
    for turn in range(_TURNS):
        total += turn
    return total
