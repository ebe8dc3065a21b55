"""Other programs during a timed window: whether they disturbed this program."""

from collections.abc import Callable

from embbench.cases.disturbance import crowding
from embbench.host.load import time_of_others
from embbench.worker.clock import Clock


class Bystanders:
    """Measures from its creation on. cpus: CPUs of the system. threads: threads on which the program computes. read:
    CPU seconds that other processes have used; None if unknown.
    """

    def __init__(
        self, clock: Clock, cpus: int, threads: int, read: Callable[[], float | None] = time_of_others
    ) -> None:
        self._clock, self._cpus, self._threads, self._read = clock, cpus, threads, read
        self._begin, self._used = clock(), read()

    def aside(self, look: Callable[[], None]) -> None:
        """Runs `look`, which another process helps with, and takes its time out of the window."""
        begin, used = self._clock(), self._read()
        look()
        self._begin += self._clock() - begin
        if self._used is not None and used is not None:
            self._used += (self._read() or 0.0) - used

    @property
    def crowding(self) -> float | None:
        """See `disturbance.crowding`."""
        used, seconds = self._read(), (self._clock() - self._begin) / 1e9
        if used is None or self._used is None or seconds <= 0:
            return None
        return crowding(max(0.0, used - self._used) / seconds, self._cpus, self._threads)
