"""A trial made slower by a known share, for `selftest`: what the tool is told to see, it must see."""

from typing import Any

from embbench.spec.contender import Trial
from embbench.worker.clock import Clock


class Slowed:
    """The trial, each step of it followed by idle work of `share` of its time. A share of 0 adds the fence and the
    readings of the clock alone, so that the other side pays for them too.
    """

    def __init__(self, trial: Trial, share: float, clock: Clock) -> None:
        self._trial, self._share, self._clock = trial, share, clock

    def step(self) -> None:
        begin = self._clock()
        self._trial.step()
        self._trial.sync()
        done = self._clock()
        until = done + self._share * (done - begin)
        while self._clock() < until:
            pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self._trial, name)
