"""Checks of the timed program at its full size: the second half of the audit.

Rows of the first batch and rows that never occur are read before timing, and the first step must agree with the oracle.
After timing, the same rows show whether the timed work was done.
"""

import numpy as np

from embbench.cases.case import Case
from embbench.cases.contender import Trial
from embbench.cases.precision import as_read
from embbench.cases.semantics import moves_others
from embbench.cases.streams import Tokens
from embbench.cases.update_path import Path
from embbench.cases.workload import HYPERPARAMETERS, TABLE_TILE, hybrid_shape, initial_rows
from embbench.contenders import Contender
from embbench.oracle.step import Oracle
from embbench.worker.audit import Findings, narrow
from embbench.worker.batches import LATE, Batches
from embbench.worker.batches_reached import all_reached
from embbench.worker.consecutive import MOST_ORACLE_WORK, Consecutive
from embbench.workloads import workload_of

MOST_ROWS = 256
STRONG = 64  # roundings by which a row must have moved to have a gradient above rounding


class TimedAudit:
    """Audits one timed trial. Create it before the first step, call `saw_first_step` after that step and `check_end`
    last.
    """

    def __init__(self, contender: Contender, case: Case, tokens: Tokens, trial: Trial) -> None:
        self._contender, self._case, self._tokens, self._trial = contender, case, tokens, trial
        path = contender.declaration.path(case)
        assert isinstance(path, Path)
        self._precision = path.precision
        # Whether every update of a row with a gradient changes the row. In a table of few bits, only optimizers whose
        # steps keep their size do that.
        self._shows = path.precision is None or case.optimizer in ("adam", "adamw")
        self._first = np.unique(tokens.ids[0])
        self._idle = _rows_outside(tokens.ids, case.vocab)
        self._first_rows = trial.read_rows(self._first).copy()
        self._idle_rows = trial.read_rows(self._idle).copy()
        self._loss = float("nan")

    def saw_first_step(self) -> None:
        """Reads the loss and the rows after the first step."""
        self._loss = self._trial.loss()
        self._after_first = self._trial.read_rows(self._first).copy()

    def check_end(self, steps: int, findings: Findings, seconds: float = 0.0) -> int:
        """Makes all checks. Returns the number of steps made then. steps: steps made before. seconds: per step."""
        self._started_alike(findings)
        self._first_step(findings)
        self._idle_stayed(steps, findings)
        if findings.semantic == "frozen":
            now = self._trial.read_rows(self._first)
            findings.same("timed program, at the end", self._first, self._first_rows, now)
        else:
            self._worked(steps, findings)
            if self._shows:
                all_reached(self._case, self._tokens, self._trial, steps, findings, self._precision)
        extra = np.concatenate([self._idle, [0, max(0, self._case.vocab - 2), self._case.vocab - 1]])
        batches = Batches(self._case, self._tokens)
        consecutive = Consecutive(self._contender, self._case, batches, self._trial, extra, findings)
        return consecutive.check_end(steps, seconds)

    def _started_alike(self, findings: Findings) -> None:
        ids, rows = np.concatenate([self._first, self._idle]), np.concatenate([self._first_rows, self._idle_rows])
        wanted = as_read(initial_rows(self._case, ids), self._precision, self._case.dtype)
        other = np.flatnonzero((rows != wanted).any(axis=1))
        row = ids[other[0]] if len(other) else 0
        bits = narrow(rows) if self._precision is None else ""
        text = f"timed program: row {row} does not start with the values of `initial_rows`{bits}"
        findings.fact(len(other) == 0, text)

    def _first_step(self, findings: Findings) -> None:
        if workload_of(self._case).operations(self._case) > MOST_ORACLE_WORK:
            findings.leave_out("the first step at full size (the case is too large for the oracle)")
            return
        oracle = Oracle(self._case, self._contender.declaration, self._first, self._first_rows)
        loss = oracle.step(self._tokens.ids[0], self._tokens.labels[0])
        findings.loss("timed program, first step", self._loss, loss, oracle.loss_slack)
        findings.rows("timed program, first step", self._first, self._after_first, self._first_rows, oracle)

    def _idle_stayed(self, steps: int, findings: Findings) -> None:
        now = self._trial.read_rows(self._idle)
        when, columns = "timed program, rows that never occur", self._trainable_columns()
        if self._case.table == "hybrid":  # these rows share the small part's last row
            findings.same(when, self._idle, self._idle_rows[:, :-columns], now[:, :-columns])
        elif moves_others(findings.semantic) and self._case.optimizer == "adamw" and not self._decay_is_lost():
            values = HYPERPARAMETERS["adamw"]
            predicted = self._idle_rows * (1 - values.rate * values.decay) ** steps
            if len(predicted):
                movement = float(np.abs(predicted - self._idle_rows).max())
                # one rounding per step adds up like a random walk
                rounding = np.sqrt(steps) * np.finfo(self._case.dtype).eps * np.abs(predicted).max()
                most = 0.01 * movement + 4 * rounding
                low, high = (as_read(each, self._precision, "float64") for each in (predicted - most, predicted + most))
                off = np.abs(now - predicted).max()
                findings.fact(bool(((low <= now) & (now <= high)).all()), f"{when}: decay is off by {off:.3g}")
        else:
            findings.same(when, self._idle, self._idle_rows, now)

    def _decay_is_lost(self) -> bool:
        """Whether every step rounds decay away, because the rows have few bits and decay is less than half of the last
        bit.
        """
        return self._precision is not None and not self._precision.master

    def _worked(self, steps: int, findings: Findings) -> None:
        """Rows late in the first batch must have moved, and must have moved again if they occurred again."""
        columns = self._trainable_columns()
        late = np.unique(self._tokens.ids[0][:, -LATE:])
        place = np.searchsorted(self._first, late)
        start, first = (rows[place][:, -columns:] for rows in (self._first_rows, self._after_first))
        now = self._trial.read_rows(late)[:, -columns:]
        if not self._shows:
            why = f"steps of {self._case.optimizer} can be smaller than the last bit"
            findings.leave_out(f"whether later steps move rows ({why})")
            return
        # a small gradient, by the mean over a large batch or far from the loss, can be rounded away
        rounding = np.finfo(self._case.dtype).eps * np.abs(start).max(axis=1)
        strong = np.abs(first - start).max(axis=1) > STRONG * rounding
        findings.fact(
            bool(strong.mean() > 0.5 and (now != start).any(axis=1)[strong].all()),
            "timed program: rows of the first batch never moved",
        )
        batches = self._tokens.ids[np.arange(1, min(steps, len(self._tokens.ids)))]
        again = np.flatnonzero(np.isin(late, batches[..., -LATE:]) & strong)
        moved = (now[again] != first[again]).any(axis=1)
        row = late[again][np.argmin(moved)] if len(again) else 0
        findings.fact(bool(moved.all()), f"timed program: row {row} stopped moving")

    def _trainable_columns(self) -> int:
        return hybrid_shape(self._case)[1] if self._case.table == "hybrid" else self._case.dim


def _rows_outside(ids: np.ndarray, vocab: int) -> np.ndarray:
    """Up to MOST_ROWS rows that no batch touches: rows spread over the whole table, and rows that a smaller table would
    confuse with rows of the first batch. (0,) if all rows are touched.
    """
    spread = np.setdiff1d(np.linspace(0, vocab - 1, num=min(vocab, 16 * MOST_ROWS), dtype=np.int64), ids)
    spread = spread[np.linspace(0, len(spread) - 1, num=min(len(spread), MOST_ROWS // 2), dtype=np.int64)]
    late = np.unique(ids[0][:, -1])[-MOST_ROWS // 16 :]
    shifts = (1, -1, TABLE_TILE // 2, TABLE_TILE, vocab // 10, vocab // 2)
    aliases = np.setdiff1d([(late + shift) % vocab for shift in shifts], ids)[: MOST_ROWS // 2]
    return np.union1d(spread, aliases)
