"""The one clock: the host's monotonic clock, read between fences, the same for every framework."""

import time
from collections.abc import Callable

from embbench.cases.capabilities import Blocks, offers
from embbench.cases.contender import Trial

Clock = Callable[[], int]  # nanoseconds, never going back

host_clock: Clock = time.perf_counter_ns


def clock_cost(clock: Clock, reads: int = 1000) -> float:
    """Seconds per reading of the clock."""
    begin = clock()
    for _ in range(reads):
        clock()
    return (clock() - begin) / 1e9 / (reads + 1)


def time_block(trial: Trial, steps: int, clock: Clock) -> float:
    """Seconds of `steps` steps and the fence behind them. The caller's last fence is the fence before them."""
    if offers(trial, Blocks):
        return trial.block(steps, clock)
    return time_calls(trial.step, trial.sync, steps, clock)


def time_calls(run: Callable[[], None], sync: Callable[[], None], times: int, clock: Clock) -> float:
    """Seconds of `times` calls of `run` and the fence behind them."""
    begin = clock()
    for _ in range(times):
        run()
    sync()
    return (clock() - begin) / 1e9
