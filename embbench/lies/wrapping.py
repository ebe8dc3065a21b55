"""A trial around another trial. Everything that it does not change comes from the other trial."""

import subprocess
import sys
import time
import weakref
from typing import Any

import numpy as np

from embbench.cases.capabilities import Inside
from embbench.cases.contender import Trial
from embbench.lies import PATIENCE, Setting


def wait(seconds: float) -> None:
    """Lets time pass. Tests replace it with a virtual clock."""
    time.sleep(seconds)


def start_child(trial: Any, code: str) -> None:
    """Starts a process that executes `code` and then waits until `trial` is deleted. Returns when `code` is done."""
    command = [sys.executable, "-S", "-c", f"import sys; {code}print(flush=True); sys.stdin.read()"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    weakref.finalize(trial, child.communicate)


class Wrapped:
    """steps: made so far. `show` replaces the trial's `inspect`, where the trial has one."""

    def __init__(self, setting: Setting, trial: Trial | None = None) -> None:
        self.setting = setting
        self.trial: Any = setting.trial() if trial is None else trial
        self.steps = 0
        if hasattr(self.trial, "inspect"):
            self.inspect = self.show

    def step(self) -> None:
        self.trial.step()
        self.steps += 1

    def show(self, ids: np.ndarray) -> Inside:
        return self.trial.inspect(ids)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["trial"], name)

    @property
    def batch(self) -> np.ndarray:
        """(B, S) ids of the next step."""
        return self.setting.tokens.ids[self.steps % len(self.setting.tokens.ids)]

    @property
    def late(self) -> bool:
        """Whether a patient lie has begun, in the timed program."""
        return self.setting.timed and self.steps >= PATIENCE


class WrappedMoves(Wrapped):
    """Changes by `changed` what a step did to the rows of its batch, on a timed table and on a small table."""

    patient = False

    def step(self) -> None:
        if self.patient and not self.late:
            super().step()
            return
        batch = self.batch
        ids = np.unique(batch)
        self.trial.sync()
        before = np.array(self.trial.read_rows(ids))
        super().step()
        self.trial.sync()
        after = np.array(self.trial.read_rows(ids))
        self.trial.write_rows(ids, self.changed(ids, before, after, batch).astype(after.dtype))

    def changed(self, ids: np.ndarray, before: np.ndarray, after: np.ndarray, batch: np.ndarray) -> np.ndarray:
        """(len(ids), D) rows after the step. ids: of the batch, unique and sorted."""
        raise NotImplementedError
