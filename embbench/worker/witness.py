"""Checks on the timed program itself, at its full size: the audit's second half.

Before timing, rows of the first batch and rows that never occur are read; the oracle must agree on the first step.
After timing, the same rows show whether the work that was timed was done.
"""

import numpy as np

from embbench.contenders import Contender
from embbench.oracle.step import Oracle
from embbench.spec.case import Case
from embbench.spec.contender import Path, Trial
from embbench.spec.precision import as_read
from embbench.spec.semantics import moves_others
from embbench.spec.streams import Tokens
from embbench.spec.workload import HYBRID_ROWS, HYPERPARAMETERS, hybrid_shape, initial_rows
from embbench.worker.audit import Findings

MOST_ROWS = 256
LATE = 4  # positions from the end of a sequence whose rows surely get a gradient above rounding
MOST_ORACLE_WORK = 2e10  # floating-point operations of one step beyond which the oracle would take many seconds


class Witness:
    """Watches one timed trial. Create before its first step; call `saw_first_step`, then `testify` at the end."""

    def __init__(self, contender: Contender, case: Case, tokens: Tokens, trial: Trial) -> None:
        self._contender, self._case, self._tokens, self._trial = contender, case, tokens, trial
        path = contender.declaration.path(case)
        assert isinstance(path, Path)
        self._precision = path.precision
        # Whether each update of a row that has a gradient shows in it. Where the table has few bits, it does of those
        # optimizers whose steps keep their size.
        self._shows = path.precision is None or case.optimizer in ("adam", "adamw")
        self._first = np.unique(tokens.ids[0])
        self._idle = _rows_outside(tokens.ids, case.vocab)
        self._first_rows = trial.read_rows(self._first).copy()
        self._idle_rows = trial.read_rows(self._idle).copy()
        self._loss = float("nan")

    def saw_first_step(self) -> None:
        """Reads what the first step did."""
        self._loss = self._trial.loss()
        self._after_first = self._trial.read_rows(self._first).copy()

    def testify(self, steps: int, findings: Findings) -> None:
        """All checks. steps: that the trial has made in all. Makes one more."""
        self._started_alike(findings)
        self._first_step(findings)
        self._idle_stayed(steps, findings)
        if findings.semantic != "frozen":
            self._worked(steps, findings)
        self._one_more(steps, findings)
        if findings.semantic == "frozen":
            now = self._trial.read_rows(self._first)
            findings.same("timed program, at the end", self._first, self._first_rows, now)

    def _started_alike(self, findings: Findings) -> None:
        ids, rows = np.concatenate([self._first, self._idle]), np.concatenate([self._first_rows, self._idle_rows])
        wanted = as_read(initial_rows(self._case, ids), self._precision, self._case.dtype)
        other = np.flatnonzero((rows != wanted).any(axis=1))
        told = f"timed program: row {ids[other[0]] if len(other) else 0} does not start as `initial_rows` has it"
        findings.fact(len(other) == 0, told)

    def _first_step(self, findings: Findings) -> None:
        case = self._case
        if 24 * case.lookups * case.hidden * case.layers * (case.dim + case.hidden) > MOST_ORACLE_WORK:
            findings.left_out = "the first step at full size: too large for the oracle"
            return
        oracle = Oracle(case, self._contender.declaration, self._first, self._first_rows)
        loss = oracle.step(self._tokens.ids[0], self._tokens.labels[0])
        findings.loss("timed program, first step", self._loss, loss)
        findings.rows("timed program, first step", self._first, self._after_first, self._first_rows, oracle)

    def _idle_stayed(self, steps: int, findings: Findings) -> None:
        now = self._trial.read_rows(self._idle)
        when, columns = "timed program, rows that never occur", self._trainable_columns()
        if self._case.table == "hybrid":  # they share the small part's last row
            findings.same(when, self._idle, self._idle_rows[:, :-columns], now[:, :-columns])
        elif moves_others(findings.semantic) and self._case.optimizer == "adamw" and not self._decay_is_lost():
            told = HYPERPARAMETERS["adamw"]
            predicted = self._idle_rows * (1 - told.rate * told.decay) ** steps
            if len(predicted):
                movement = float(np.abs(predicted - self._idle_rows).max())
                # one rounding a step adds up like a walk
                rounding = np.sqrt(steps) * np.finfo(self._case.dtype).eps * np.abs(predicted).max()
                most = 0.01 * movement + 4 * rounding
                low, high = (as_read(each, self._precision, "float64") for each in (predicted - most, predicted + most))
                off = np.abs(now - predicted).max()
                findings.fact(bool(((low <= now) & (now <= high)).all()), f"{when}: decay is off by {off:.3g}")
        else:
            findings.same(when, self._idle, self._idle_rows, now)

    def _decay_is_lost(self) -> bool:
        """Whether the rows are stored in so few bits that decay, less than half of their last one, is rounded away in
        each step.
        """
        return self._precision is not None and not self._precision.master

    def _worked(self, steps: int, findings: Findings) -> None:
        """Rows late in the first batch must have moved, and again after the first step if they occurred again."""
        columns = self._trainable_columns()
        late = np.unique(self._tokens.ids[0][:, -LATE:])
        now = self._trial.read_rows(late)[:, -columns:]
        start = self._first_rows[np.searchsorted(self._first, late)][:, -columns:]
        if not self._shows:
            findings.left_out = f"whether later steps move rows: these of {self._case.optimizer} can be less than a bit"
            return
        findings.fact(bool((now != start).any(axis=1).all()), "timed program: rows of the first batch never moved")
        batches = self._tokens.ids[np.arange(1, min(steps, len(self._tokens.ids)))]
        again = np.intersect1d(late, batches[..., -LATE:])
        if len(again):
            place = np.searchsorted(self._first, again)
            now = self._trial.read_rows(again)[:, -columns:]
            moved = (now != self._after_first[place][:, -columns:]).any(axis=1)
            findings.fact(bool(moved.all()), f"timed program: row {again[np.argmin(moved)]} stopped moving")

    def _one_more(self, steps: int, findings: Findings) -> None:
        """One more step has a loss of its own, moves rows of its batch, and others only where the class is dense."""
        count = len(self._tokens.ids)
        batch, previous = self._tokens.ids[steps % count], self._tokens.ids[(steps - 1) % count]
        if self._case.table == "hybrid":
            batch, previous = np.minimum(batch, HYBRID_ROWS - 1), np.minimum(previous, HYBRID_ROWS - 1)
        late, outside = np.unique(batch[:, -LATE:]), np.setdiff1d(previous[:, -LATE:], batch)[:MOST_ROWS]
        loss = self._trial.loss()
        before = self._trial.read_rows(late).copy(), self._trial.read_rows(outside).copy()
        self._trial.step()
        self._trial.sync()
        when = "timed program, one step more"
        now = self._trial.loss()
        findings.fact(bool(np.isfinite(now)) and now != loss, f"{when}: the loss is {now} after {loss}")
        if findings.semantic == "frozen":
            return
        moved = (self._trial.read_rows(late) != before[0]).any(axis=1)
        # not all: the gradient of a sequence that is learned by heart can be rounded away
        findings.fact(
            bool(moved.mean() > 0.5) or not self._shows,
            f"{when}: {np.sum(~moved)} of {len(late)} rows of its batch did not move",
        )
        after = self._trial.read_rows(outside)
        if moves_others(findings.semantic) and not self._shows:
            return
        if moves_others(findings.semantic):
            held = bool((before[1] != after).any()) or len(outside) == 0
            findings.fact(held, f"{when}, rows outside its batch: none moved, though the class is dense")
        else:
            findings.same(f"{when}, rows outside its batch", outside, before[1], after)

    def _trainable_columns(self) -> int:
        return hybrid_shape(self._case)[1] if self._case.table == "hybrid" else self._case.dim


def _rows_outside(ids: np.ndarray, vocab: int) -> np.ndarray:
    """Up to MOST_ROWS rows that no batch touches, spread over the table; (0,) where all are touched."""
    spread = np.unique(np.linspace(0, vocab - 1, num=min(vocab, 16 * MOST_ROWS), dtype=np.int64))
    return np.setdiff1d(spread, ids)[:MOST_ROWS]
