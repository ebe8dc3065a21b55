"""Lies about memory: more or less memory than a user would have."""

import numpy as np

from embbench.cases.capabilities import Inside
from embbench.cases.streams import Tokens
from embbench.cases.workload import HYPERPARAMETERS, initial_rows
from embbench.lies import Setting, lie
from embbench.lies.wrapping import Wrapped, start_child

GRAPH = 1 << 20  # bytes that a step leaves behind
CHILD = 500_000_000
# A table of 512 MB. The memory that a framework loads with its first step is small beside it.
LARGE = {"vocab": 2_000_000, "dim": 64, "optimizer": "sgd"}


@lie(
    "keeps-memory-each-step",
    "Keeps memory with each step, as a loss summed without detaching does.",
    "grow",
    told="memory-grows",
)
class Grows(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.kept: list[np.ndarray] = []

    def step(self) -> None:
        super().step()
        if self.setting.timed:
            self.kept.append(np.ones(GRAPH // 8))


@lie("keeps-memory-later", "Keeps memory with each step after a while.", "grow", told="memory-grows")
class GrowsLater(Grows):
    def step(self) -> None:
        super().step()
        if not self.late:
            self.kept.clear()


@lie("child-holds-500-MB", "Starts a process that holds 500 MB.", "child", told="children")
class Child(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        if not setting.timed:
            return
        start_child(self, f"held = bytearray(b'x') * {CHILD}; ")


@lie("keeps-used-rows-only", "Holds only the rows of its batches and makes up the others when they are read.",
     "resident|bytes|memory", told="table-not-resident", axes=LARGE)  # fmt: skip
class UsedRows(Wrapped):
    def __init__(self, setting: Setting) -> None:
        if not setting.timed:
            super().__init__(setting)
            return
        self.used, ids = np.unique(setting.tokens.ids, return_inverse=True)
        tokens = Tokens(ids.reshape(setting.tokens.ids.shape), setting.tokens.labels)
        super().__init__(setting, setting.trial(tokens, vocab=len(self.used)))
        start = initial_rows(setting.case, self.used).astype(setting.case.dtype)
        self.trial.write_rows(np.arange(len(self.used)), start)

    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        if not self.setting.timed:
            return self.trial.read_rows(ids)
        case = self.setting.case
        held, told = np.isin(ids, self.used), HYPERPARAMETERS[case.optimizer]
        rows = initial_rows(case, ids).astype(case.dtype) * (1 - told.rate * told.decay) ** self.steps
        if held.any():
            rows[held] = self.trial.read_rows(np.searchsorted(self.used, ids[held]))
        return rows.astype(case.dtype)

    def write_rows(self, ids: np.ndarray, values: np.ndarray) -> None:
        """Values written to a missing row are lost."""
        if not self.setting.timed:
            self.trial.write_rows(ids, values)
            return
        held = np.isin(ids, self.used)
        self.trial.write_rows(np.searchsorted(self.used, ids[held]), values[held])

    def show(self, ids: np.ndarray) -> Inside:
        """For a missing row, the state of the first row: nobody asks for it."""
        if not self.setting.timed:
            return super().show(ids)
        return super().show(np.where(np.isin(ids, self.used), np.searchsorted(self.used, ids), 0))
