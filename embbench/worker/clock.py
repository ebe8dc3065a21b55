"""The one clock: the host's monotonic clock, read between fences, the same for every framework."""

import time
from collections.abc import Callable

from embbench.cases.contender import Trial

Clock = Callable[[], int]  # nanoseconds, never going back

host_clock: Clock = time.perf_counter_ns


def clock_cost(clock: Clock, reads: int = 1000) -> float:
    """Seconds that one reading of the clock takes."""
    begin = clock()
    for _ in range(reads):
        clock()
    return (clock() - begin) / 1e9 / (reads + 1)


def time_block(trial: Trial, steps: int, clock: Clock) -> float:
    """Seconds of `steps` steps and the fence behind them. The fence before them is the caller's last one."""
    return time_calls(trial.step, trial.sync, steps, clock)


def time_calls(run: Callable[[], None], sync: Callable[[], None], times: int, clock: Clock) -> float:
    """Seconds of so many calls of `run` and the fence behind them."""
    begin = clock()
    for _ in range(times):
        run()
    sync()
    return (clock() - begin) / 1e9
