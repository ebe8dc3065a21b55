"""A trial made slower by a known share, for `selftest`: what the tool is told to see, it must see."""

from typing import Any

from embbench.cases.contender import Trial
from embbench.worker.clock import Clock


class Slowed:
    """The trial, with idle work of `share` of its steps' time at the fence behind them. A share of 0 adds the fences
    and the readings of the clock alone, so that the other side pays for them too.

    Idle work behind each step was rejected: a framework's other threads fall asleep meanwhile, and wake in the next
    step. 5 % came out as 7.5 % (README's contender on two threads, four launches).
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
        """The fence, which returns when the idle work is done too."""
        self._trial.sync()
        until, self._owed = self._clock() + self._owed, 0.0
        while self._clock() < until:
            pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self._trial, name)
