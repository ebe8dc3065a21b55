"""Lies about rows: the table changes without the framework, at the start or after a step."""

import numpy as np

from embbench.lies import Setting, lie
from embbench.lies.wrapping import Wrapped, WrappedMoves

SGD = {"optimizer": "sgd"}
EARLY = 2  # last tokens of a text that a truncated backward pass still reaches


@lie("starts-elsewhere", "Starts from a table of other values.", "does not start with")
class StartsElsewhere(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        ids = np.arange(setting.case.vocab)
        self.trial.write_rows(ids, np.array(self.trial.read_rows(ids))[::-1].copy())


@lie("moves-other-rows", "Lets the last row drift by a rounding each step.", "row", axes={"update": "sparse"})
class MovesOthers(Wrapped):
    def step(self) -> None:
        super().step()
        self.trial.sync()
        last = np.array([self.setting.case.vocab - 1])
        row = np.array(self.trial.read_rows(last))
        self.trial.write_rows(last, np.nextafter(row, row.dtype.type(1)))


@lie("drifts-when-frozen", "Lets rows of a frozen table drift.", "row", axes={"table": "frozen"})
class DriftsFrozen(WrappedMoves):
    def changed(self, ids, before, after, batch):
        return after + 1e-6


@lie("masks-padding", "Keeps row 0 as it is, as a padding index does.", "row")
class MasksPadding(WrappedMoves):
    def changed(self, ids, before, after, batch):
        return np.where((ids == 0)[:, None], before, after)


@lie("never-trains", "Puts the rows of the batch back after each step.", "row")
class NeverTrains(WrappedMoves):
    def changed(self, ids, before, after, batch):
        return before


@lie("wrong-rate", "Moves the rows of the batch twice as far.", "row")
class WrongRate(WrappedMoves):
    def changed(self, ids, before, after, batch):
        return 2 * after - before


@lie("wrong-rate-later", "Moves the rows of the batch by one percent too far after a while.", "timed program")
class WrongRateLater(WrappedMoves):
    patient = True

    def changed(self, ids, before, after, batch):
        return before + 1.01 * (after - before)


@lie("decays-others-when-lazy", "Decays rows outside the batch though the update is lazy.", "row",
     axes={"update": "sparse", "optimizer": "adamw"})  # fmt: skip
class DecaysOthers(Wrapped):
    def step(self) -> None:
        others = np.setdiff1d(np.arange(self.setting.case.vocab), self.batch)
        super().step()
        self.trial.sync()
        self.trial.write_rows(others, np.array(self.trial.read_rows(others)) * np.float32(1 - 1e-5))


@lie("bfloat16-table", "Holds the table in bfloat16 and gives it as float32.", "row")
class Rounded(WrappedMoves):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        if not self.patient:
            ids = np.arange(setting.case.vocab)
            self.trial.write_rows(ids, to_bfloat16(np.array(self.trial.read_rows(ids))))

    def changed(self, ids, before, after, batch):
        return to_bfloat16(after)


@lie("bfloat16-later", "Holds rows in bfloat16 after a while.", "timed program")
class RoundedLater(Rounded):
    patient = True


@lie("float16-table", "Holds the table in float16 and gives it as float32.", "row")
class Halved(Rounded):
    def changed(self, ids, before, after, batch):
        return after.astype(np.float16).astype(after.dtype)


@lie("max-norm", "Keeps rows below a norm.", "row")
class MaxNorm(WrappedMoves):
    share = 0.5  # of the usual initial norm

    def changed(self, ids, before, after, batch):
        norms = np.linalg.norm(after, axis=1, keepdims=True)
        most = self.share * 0.05 * (after.shape[1] / 3) ** 0.5
        return after * np.minimum(1.0, most / np.maximum(norms, 1e-30))


@lie("max-norm-later", "Keeps rows below a norm that few reach, after many steps.", "timed program")
class MaxNormLater(MaxNorm):
    patient = True
    share = 1.05


@lie("averages-repeats", "Divides what a row moves by how often the row occurs in the batch.", "row", axes=SGD)
class AveragesRepeats(WrappedMoves):
    def changed(self, ids, before, after, batch):
        _, counts = np.unique(batch, return_counts=True)
        return before + (after - before) / counts[:, None]


@lie("clips-the-gradient", "Clips how far a row may move.", "row", axes=SGD)
class Clips(WrappedMoves):
    def changed(self, ids, before, after, batch):
        moved = after - before
        length = np.linalg.norm(moved, axis=1, keepdims=True)
        return before + moved * np.minimum(1.0, np.median(length) / np.maximum(length, 1e-30))


@lie("truncates-the-backward-pass", "Moves only rows of the last two tokens of a text.", "row")
class Truncates(WrappedMoves):
    def changed(self, ids, before, after, batch):
        return np.where(np.isin(ids, batch[:, -EARLY:])[:, None], after, before)


@lie("truncates-later", "Moves only rows of the last two tokens of a text, after a while.", "timed program")
class TruncatesLater(Truncates):
    patient = True


@lie("drops-rare-rows", "Keeps rows as they are that occur once in a batch.", "row")
class DropsRare(WrappedMoves):
    def changed(self, ids, before, after, batch):
        _, counts = np.unique(batch, return_counts=True)
        return np.where((counts == 1)[:, None], before, after)


@lie("drops-rare-rows-later", "Keeps rows as they are that occur once in a batch, after a while.", "timed program")
class DropsRareLater(DropsRare):
    patient = True


@lie("tail-stays-later", "Keeps the upper half of the table as it is, after a while.", "timed program")
class TailStays(WrappedMoves):
    patient = True

    def changed(self, ids, before, after, batch):
        return np.where((ids >= self.setting.case.vocab // 2)[:, None], before, after)


@lie("a-step-behind", "Gives each step's rows to the table one step late.", "row")
class Behind(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.kept: tuple[np.ndarray, np.ndarray] | None = None

    def step(self) -> None:
        ids = np.unique(self.batch)
        before = np.array(self.trial.read_rows(ids))
        super().step()
        self.trial.sync()
        moved = np.array(self.trial.read_rows(ids)) - before
        self.trial.write_rows(ids, before)
        if self.kept is not None:
            earlier, movement = self.kept
            self.trial.write_rows(earlier, np.array(self.trial.read_rows(earlier)) + movement)
        self.kept = ids, moved


def to_bfloat16(rows: np.ndarray) -> np.ndarray:
    """The nearest values of bfloat16, ties to even, in the dtype of `rows`."""
    bits = rows.astype(np.float32).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
    return rounded.astype(np.uint32).view(np.float32).astype(rows.dtype)
