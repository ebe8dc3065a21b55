"""How quiet the machine is now: a fixed piece of work, timed again and again. Reads only; tunes nothing."""

import statistics
import time
from collections.abc import Callable

import msgspec

from embbench.host.load import read_load

_TURNS = 20_000


class Noise(msgspec.Struct, frozen=True):
    """spread: (90th percentile - median) / median of the same work's times. The shares are of the time looked at.

    queue: this process ready to run but waiting for a CPU. steal, pressure: of one CPU's time, taken by the
    hypervisor, and some task of the machine waiting for a CPU; None where the system does not tell.
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
        # not below zero: a thread that ended meanwhile took what it had waited with it
        return None if then is None or now is None else max(0.0, now - then) / taken

    spread = (statistics.quantiles(pieces, n=10)[-1] - median) / median
    return Noise(spread, share("queue_wait"), share("steal"), share("pressure"))


def _work() -> int:
    total = 0
    for turn in range(_TURNS):
        total += turn
    return total
