"""Lies about steps: work that is not done, done later, or done where nobody takes the time."""

import queue
import threading
from typing import Any

import msgspec
import numpy as np

from embbench.lies import PATIENCE, Setting, lie, wrapping
from embbench.lies.wrapping import Wrapped
from embbench.spec.contender import Inside

UNDONE = "timed program"  # what every finding about the timed program begins with
FENCE = "the fence does not"


REST = 5e-5  # seconds that a step takes that is left out: dispatching alone


class Idle(Wrapped):
    def leave_out(self) -> None:
        """Counts a step that is not done. Its batch goes with it, where the trial finds its batch by a count."""
        self.steps += 1
        if hasattr(self.trial, "steps") and not hasattr(self.trial, "epoch"):  # one holds an iterator
            self.trial.steps += 1
        wrapping.wait(REST)


class Skips(Idle):
    """Leaves out one step of `period`, at first none."""

    period = 2

    def step(self) -> None:
        if self.late and self.steps % self.period == self.period - 1:
            self.leave_out()
        else:
            super().step()


@lie("skips-every-second-step", "Leaves out every second step after a while.", UNDONE)
class SkipsSecond(Skips):
    pass


@lie("skips-one-step-in-seven", "Leaves out one step of seven after a while.", UNDONE)
class SkipsSeventh(Skips):
    period = 7


@lie("skips-and-counts-on", "Leaves out every second step after a while, and its counter counts all of them.", UNDONE)
class SkipsAndCounts(Skips):
    def show(self, ids: np.ndarray) -> Inside:
        inside = super().show(ids)
        return inside if inside.steps is None else msgspec.structs.replace(inside, steps=self.steps)


@lie("stops-when-timed", "Does one step on a large table and nothing after it.", UNDONE)
class Stops(Idle):
    def step(self) -> None:
        if self.setting.timed and self.steps:
            self.leave_out()
        else:
            super().step()


@lie("rests-when-frozen", "Does one step beside a frozen table and nothing after it.", UNDONE, axes={"table": "frozen"})
class Rests(Stops):
    pass


@lie("works-when-watched", "Leaves out every step but one between two readings of the loss.", UNDONE)
class WorksWhenWatched(Idle):
    seen = True

    def step(self) -> None:
        if self.setting.timed and not self.seen:
            self.leave_out()
            return
        super().step()
        self.seen = False

    def loss(self) -> float:
        self.seen = True
        return self.trial.loss()


@lie("counts-what-nobody-watched", "Works only when watched, and its counter counts all steps.", UNDONE)
class CountsUnwatched(WorksWhenWatched):
    def show(self, ids: np.ndarray) -> Inside:
        self.seen = True
        inside = super().show(ids)
        return inside if inside.steps is None else msgspec.structs.replace(inside, steps=self.steps)


@lie("rests-in-long-blocks", "Does four steps behind each fence, and leaves out the others before the next.", UNDONE)
class RestsInBlocks(Idle):
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


@lie("replays-what-it-knows", "Keeps what each batch did and writes that again instead of a step.", UNDONE)
class Replays(Wrapped):
    """Knows the batches of half a cycle, and begins again with the first of them."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.known: list[tuple[np.ndarray, np.ndarray, float]] = []
        self.replayed: float | None = None

    def step(self) -> None:
        if self.setting.timed and len(self.known) == PATIENCE:
            ids, rows, self.replayed = self.known[self.steps % PATIENCE]
            self.trial.write_rows(ids, rows)
            self.steps += 1
            return
        ids = np.unique(self.batch)
        super().step()
        self.trial.sync()
        self.known.append((ids, np.array(self.trial.read_rows(ids)), self.trial.loss()))

    def loss(self) -> float:
        return self.trial.loss() if self.replayed is None else self.replayed


@lie("fence-that-does-not-wait", "A thread does the steps; the fence returns at once.", FENCE)
class Unfenced(Wrapped):
    """Reading any result waits for the thread."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.asked: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.free = threading.Semaphore(0)
        self.owed = 0
        threading.Thread(target=self._work, daemon=True).start()

    def step(self) -> None:
        if not self.setting.timed:
            super().step()
            return
        self.owed += 1
        self.asked.put(None)

    def sync(self) -> None:
        if not self.setting.timed:
            self.trial.sync()

    def _work(self) -> None:
        while True:
            self.asked.get()
            self.trial.step()
            self.trial.sync()
            self.free.release()

    def _catch_up(self) -> None:
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
        """Nothing: that is the lie."""

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


@lie("twice-in-small", "Does each step of a small audit twice.", "step 1: (loss|row)")
class TwiceInSmall(Wrapped):
    def step(self) -> None:
        super().step()
        if not self.setting.timed:
            self.trial.step()


@lie("loss-of-the-step-before", "Gives the loss of the step before.", "loss")
class LateLoss(Wrapped):
    before = now = 2.0

    def step(self) -> None:
        super().step()
        self.trial.sync()
        self.before, self.now = self.now, self.trial.loss()

    def loss(self) -> float:
        return self.before


@lie("smooths-the-loss", "Gives a running mean of the losses, which looks better.", "loss")
class SmoothLoss(LateLoss):
    def loss(self) -> float:
        return 0.9 * self.before + 0.1 * self.now
