"""Lies about steps: work that is left out, done later, or done outside the timing."""

import msgspec
import numpy as np

from embbench.cases.capabilities import Inside
from embbench.lies import PATIENCE, Setting, lie, wrapping
from embbench.lies.wrapping import Wrapped, WrappedMoves

UNDONE = "timed program"  # the beginning of every finding about the timed program


REST = 5e-5  # seconds of a step that is left out: dispatch alone


class Idle(Wrapped):
    def leave_out(self) -> None:
        """Counts a step without doing it. Its batch is skipped too, where the trial finds its batch by a count."""
        self.steps += 1
        if hasattr(self.trial, "steps") and not hasattr(self.trial, "epoch"):  # a trial with an epoch holds an iterator
            self.trial.steps += 1
        wrapping.wait(REST)


class Miscounts(Idle):
    """Shows the count of all steps, including steps that were left out."""

    def show(self, ids: np.ndarray) -> Inside:
        inside = super().show(ids)
        return inside if inside.steps is None else msgspec.structs.replace(inside, steps=self.steps)


class Skips(Idle):
    """Leaves out one step in `period`, after a while."""

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


@lie("skips-one-step-in-twenty", "Leaves out one step of twenty after a while.", UNDONE, axes={"optimizer": "sgd"})
class SkipsTwentieth(Skips):
    period = 20


@lie("skips-and-counts-on", "Leaves out every second step after a while, and its counter counts all of them.", UNDONE)
class SkipsAndCounts(Skips, Miscounts):
    pass


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
class CountsUnwatched(WorksWhenWatched, Miscounts):
    pass


class SinceReading(Wrapped):
    """since: steps since the results were last read; a lie counts them."""

    since = 0

    def loss(self) -> float:
        self.since = 0
        return self.trial.loss()

    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        self.since = 0
        return self.trial.read_rows(ids)

    def show(self, ids: np.ndarray) -> Inside:
        self.since = 0
        return super().show(ids)


@lie(
    "works-ten-steps-after-a-reading",
    "Does ten steps after each reading and leaves out all others.",
    f"{UNDONE}|watched",
    told="cheaper-unwatched",
    axes={"optimizer": "sgd"},  # it keeps no step count
)
class WorksForTen(SinceReading, Miscounts):
    def step(self) -> None:
        self.since += 1
        if self.setting.timed and self.since > 10:
            self.leave_out()
        else:
            super().step()


@lie(
    "skips-between-readings",
    "Leaves out every second step from the eleventh after a reading on.",
    f"{UNDONE}|watched",
    told="cheaper-unwatched",
    axes={"optimizer": "sgd"},
)
class SkipsBetween(WorksForTen):
    def step(self) -> None:
        if self.setting.timed and self.since > 10 and self.since % 2:
            self.since += 1
            self.leave_out()
        else:
            super(WorksForTen, self).step()
            self.since += 1


@lie(
    "strays-between-readings",
    "Moves the rows of its batch one percent too far from the sixth step after a reading on, in the same time.",
    UNDONE,
    axes={"optimizer": "sgd"},
)
class Strays(SinceReading, WrappedMoves):
    def step(self) -> None:
        self.since += 1
        super().step()

    def changed(self, ids: np.ndarray, before: np.ndarray, after: np.ndarray, batch: np.ndarray) -> np.ndarray:
        return before + 1.01 * (after - before) if self.setting.timed and self.since > 5 else after


@lie("replays-what-it-knows", "Keeps what each batch did and writes that again instead of a step.", f"{UNDONE}|fence")
class Replays(Wrapped):
    """Remembers the first PATIENCE batches, and then repeats their results from the first on."""

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
