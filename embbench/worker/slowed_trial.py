"""A trial that is slower by a known share, for `selftest`, which must detect the slowdown."""

from typing import Any

from embbench.cases.contender import Trial
from embbench.worker.clock import Clock


class Slowed:
    """The trial with idle work at the fence, `share` of the time of the steps before it. A share of 0 adds only fences
    and clock readings, so that the other side pays for them too.

    Idle work after each step was rejected: the other threads of a framework fall asleep meanwhile and wake in the next
    step. A share of 5 % came out as 7.5 % (README's contender on two threads, four launches).
    """

    def __init__(self, trial: Trial, share: float, clock: Clock) -> None:
        self._trial, self._share, self._clock = trial, share, clock
        self._owed = 0.0  # nanoseconds

    def step(self) -> None:
        begin = self._clock()
        self._trial.step()
        self._trial.sync()
        self._owed += self._share * (self._clock() - begin)

    def sync(self) -> None:
        """The fence. Returns after the idle work."""
        self._trial.sync()
        until, self._owed = self._clock() + self._owed, 0.0
        while self._clock() < until:
            pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self._trial, name)
