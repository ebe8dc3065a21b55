"""Lies about fences: a fence that does not wait, and work that depends on where the fences are."""

import queue
import threading
from typing import Any

import numpy as np

from embbench.cases.capabilities import Inside
from embbench.lies import Setting, lie
from embbench.lies.steps import UNDONE, Miscounts
from embbench.lies.wrapping import Wrapped

FENCE = "the fence does not"


@lie("fence-that-does-not-wait", "A thread does the steps; the fence returns at once.", FENCE)
class Unfenced(Wrapped):
    """The fence passes the steps to the thread. Reading a result waits for them."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.asked: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.free = threading.Semaphore(0)
        self.noted = self.owed = 0
        threading.Thread(target=self._work, daemon=True).start()

    def step(self) -> None:
        if not self.setting.timed:
            super().step()
            return
        self.noted += 1

    def sync(self) -> None:
        if not self.setting.timed:
            self.trial.sync()
            return
        for _ in range(self.noted):
            self.asked.put(None)
        self.owed, self.noted = self.owed + self.noted, 0

    def _work(self) -> None:
        while True:
            self.asked.get()
            self.trial.step()
            self.trial.sync()
            self.free.release()

    def _catch_up(self) -> None:
        self.sync()
        for _ in range(self.owed):
            self.free.acquire()
        self.owed = 0

    def loss(self) -> float:
        self._catch_up()
        return self.trial.loss()

    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        self._catch_up()
        return self.trial.read_rows(ids)

    def show(self, ids: np.ndarray) -> Inside:
        self._catch_up()
        return super().show(ids)


@lie("works-when-read", "Takes note of a step and does it when a result is read.", FENCE)
class WorksWhenRead(Wrapped):
    owed = 0

    def step(self) -> None:
        self.owed += 1

    def sync(self) -> None:
        """Does nothing: this is the lie."""

    def _catch_up(self) -> Any:
        for _ in range(self.owed):
            super().step()
        self.owed = 0
        self.trial.sync()
        return self.trial

    def loss(self) -> float:
        return self._catch_up().loss()

    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        return self._catch_up().read_rows(ids)

    def show(self, ids: np.ndarray) -> Inside:
        self._catch_up()
        return super().show(ids)


@lie("fence-that-waits-for-half", "Has done half of the steps when the fence returns.", FENCE)
class HalfFenced(WorksWhenRead):
    def sync(self) -> None:
        for _ in range(self.owed // 2):
            super(WorksWhenRead, self).step()
        self.owed -= self.owed // 2
        self.trial.sync()


@lie("only-the-last-step", "Drops all steps before a fence but the last one.", FENCE)
class OnlyTheLast(Wrapped):
    owed = False

    def step(self) -> None:
        self.owed = True

    def sync(self) -> None:
        if self.owed:
            super().step()
            self.owed = False
        self.trial.sync()


@lie(
    "rests-in-long-blocks",
    "Does four steps behind each fence and leaves out the others before the next one.",
    f"{UNDONE}|{FENCE}",
)
class RestsInBlocks(Miscounts):
    since = 0

    def step(self) -> None:
        self.since += 1
        if self.setting.timed and self.since > 4:
            self.leave_out()
        else:
            super().step()

    def sync(self) -> None:
        self.since = 0
        self.trial.sync()
