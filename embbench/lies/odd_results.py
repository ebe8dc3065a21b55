"""Honest programs that look odd: how they give results, and how they do the same arithmetic."""

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from embbench.cases.contender import Trial
from embbench.cases.streams import Tokens
from embbench.lies import Setting, honest
from embbench.lies.wrapping import Wrapped, WrappedMoves


def as_it_is(setting: Setting) -> Trial:
    return setting.trial()


# The contender itself, on edge cases.
for _name, _does, _axes in (
    ("as-it-is", "Does what it declares.", {}),
    ("sgd", "Steps by SGD.", {"optimizer": "sgd"}),
    ("momentum", "Steps by momentum.", {"optimizer": "momentum"}),
    ("adagrad", "Steps by Adagrad.", {"optimizer": "adagrad"}),
    ("adamw", "Steps by AdamW, whose decay moves every row.", {"optimizer": "adamw"}),
    ("sparse", "Moves only the rows of the batch.", {"update": "sparse"}),
    ("sparse-adamw", "Moves and decays only the rows of the batch.", {"update": "sparse", "optimizer": "adamw"}),
    ("fused", "Updates in one fused kernel.", {"update": "fused"}),
    ("frozen-table", "Trains all but the table.", {"table": "frozen"}),
    ("hybrid-table", "Trains a part of the table.", {"table": "hybrid"}),
    ("double-precision", "Computes in float64.", {"dtype": "float64"}),
    ("two-threads", "Uses two threads.", {"threads": 2}),
    ("two-layers", "Has two LSTM layers.", {"layers": 2}),
    ("one-token", "Has texts of one token.", {"seq": 1}),
    ("one-text", "Has one text in a batch.", {"batch": 1}),
    ("one-column", "Has rows of one column.", {"dim": 1}),
    ("one-unit", "Has one unit in the LSTM.", {"hidden": 1}),
    ("one-row", "Has a table of one row.", {"vocab": 1}),
    ("few-rows", "Has a table of 40 rows, all of them in every batch.", {"vocab": 40, "tokens": "uniform"}),
    ("same-row", "Has batches that are one row, again and again.", {"tokens": "same"}),
    ("mostly-padding", "Has batches that are mostly row 0.", {"tokens": "zipf:3"}),
    ("no-repeats", "Has rows that hardly ever come twice.", {"tokens": "uniform", "vocab": 40_000}),
):
    honest(_name, _does, axes=_axes)(as_it_is)


@honest("other-order-of-texts", "Has the texts of each batch in another order, so that sums round otherwise.")
def reordered(setting: Setting) -> Trial:
    ids, labels = setting.tokens.ids, setting.tokens.labels
    return setting.trial(Tokens(ids[:, ::-1].copy(), labels[:, ::-1].copy()))


@honest("ids-as-int32", "Keeps ids as 32-bit integers.")
def int32_ids(setting: Setting) -> Trial:
    return setting.trial(Tokens(setting.tokens.ids.astype(np.int32).astype(np.int64), setting.tokens.labels))


@honest("a-rounding-off", "Moves the rows of its batch by one rounding more.")
class RoundingOff(WrappedMoves):
    def changed(self, ids, before, after, batch):
        return np.nextafter(after, after.dtype.type(0))


@honest("writes-the-table-anew", "Writes the whole table anew each step, as functional programs do.")
class Anew(Wrapped):
    def step(self) -> None:
        super().step()
        ids = np.arange(self.setting.case.vocab)
        self.trial.sync()
        self.trial.write_rows(ids, np.array(self.trial.read_rows(ids)))


@honest("rows-in-column-order", "Gives rows in Fortran's order.")
class ColumnOrder(Wrapped):
    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        return np.asfortranarray(self.trial.read_rows(ids))


@honest("rows-as-a-slice", "Gives rows as a slice of a wider array.")
class Sliced(Wrapped):
    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        return np.repeat(self.trial.read_rows(ids), 2, axis=1)[:, ::2]


@honest("rows-that-cannot-be-written", "Gives rows that cannot be written.")
class ReadOnly(Wrapped):
    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        rows = np.array(self.trial.read_rows(ids))
        rows.flags.writeable = False
        return rows


@honest("rows-in-one-buffer", "Gives rows in one buffer, which the next reading fills anew.")
class OneBuffer(Wrapped):
    buffer = np.empty((0, 0))

    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        rows = self.trial.read_rows(ids)
        if len(self.buffer) < len(rows) or self.buffer.dtype != rows.dtype:
            self.buffer = np.empty((2 * len(rows), rows.shape[1]), rows.dtype)
        self.buffer[: len(rows)] = rows
        return self.buffer[: len(rows)]


@honest("writes-rows-backwards", "Writes rows from the last to the first, in two parts.")
class Backwards(Wrapped):
    def write_rows(self, ids: np.ndarray, values: np.ndarray) -> None:
        order = np.argsort(ids)[::-1]
        for part in np.array_split(order, 2):
            if len(part):
                self.trial.write_rows(ids[part], values[part])


@honest("loss-as-an-array", "Gives the loss as an array of no dimension.")
class ArrayLoss(Wrapped):
    def loss(self) -> Any:
        return np.array(self.trial.loss())


@honest("loss-in-float32", "Gives the loss as a number of 32 bits.")
class SingleLoss(Wrapped):
    def loss(self) -> Any:
        return np.float32(self.trial.loss())


@honest("shows-nothing-inside", "Does not show what it holds.")
class Closed(Wrapped):
    def __getattr__(self, name: str) -> Any:
        if name == "inspect":
            raise AttributeError(name)
        return super().__getattr__(name)

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.__dict__.pop("inspect", None)


@honest("reads-its-loss-each-step", "Reads the loss after each step, as a progress bar does.")
class ReadsLoss(Wrapped):
    def step(self) -> None:
        super().step()
        self.trial.sync()
        self.trial.loss()


@honest("prints-each-step", "Prints a line each step.")
class Prints(Wrapped):
    def step(self) -> None:
        super().step()
        print("step", self.steps)


@honest("works-in-a-thread", "Does its steps in a thread; the fence waits for the thread.")
class Threaded(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.pool = ThreadPoolExecutor(1)
        self.waiting: list[Any] = []

    def step(self) -> None:
        self.waiting.append(self.pool.submit(self.trial.step))
        self.steps += 1

    def sync(self) -> None:
        for each in self.waiting:
            each.result()
        self.waiting.clear()
        self.trial.sync()


@honest("sleeping-thread", "Has a thread that sleeps.")
class Sleeper(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        threading.Thread(target=threading.Event().wait, daemon=True).start()


@honest("collects-garbage", "Collects garbage every tenth step.")
class Collects(Wrapped):
    def step(self) -> None:
        super().step()
        if self.steps % 10 == 0:
            gc.collect()
