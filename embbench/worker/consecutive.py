"""Steps behind the timed window, made as they were timed: several at once, with no read between them.

A program can do its first steps and each single step right, and leave work out when nobody looks. Where a trial shows
its state, the oracle goes on from there, and rows, loss and weights must be its.
"""

from collections.abc import Sequence
from typing import cast

import numpy as np

from embbench.cases.capabilities import Inside, Inspectable
from embbench.cases.case import Case
from embbench.cases.contender import Path, Trial
from embbench.cases.precision import as_read
from embbench.cases.semantics import moves_others
from embbench.cases.workload import HYBRID_ROWS
from embbench.contenders import Contender
from embbench.host.memory import available_bytes
from embbench.oracle.doubt import EPSILON
from embbench.oracle.step import Oracle
from embbench.worker.audit import LENGTH, Findings
from embbench.worker.batches import LATE, Batches
from embbench.worker.movement import Movement
from embbench.worker.weights import most_are_off, most_of_a_gate_are_off
from embbench.workloads import ByName

AT_ONCE = 3  # steps with no read between them: where every other one is left out, or the last, that shows
SINGLES = 3  # with a read behind each
MANY = 16  # with no read between them, in small: what leaves out one step of many shows where no count of steps does
SMALL_WORK = 1.2e8  # floating-point operations of a step of the oracle up to which MANY take it a second or less
PATIENCE = 10.0  # seconds that MANY steps may take: on a busy machine small steps take long too
LONG = 1.0  # seconds of a step from which on the singles, which find little more, are not made
MOST_ORACLE_WORK = 2e10  # floating-point operations beyond which the oracle takes many seconds
ORACLE_ARRAYS = 8  # of its rows in float64, alive while it makes a step
WRITTEN = 16  # rows of the next batch that are made long
LEARNT = 1e-2  # a loss below which float32's rounding of a probability near 1 decides where weights go
WEIGHTS = 0.1  # of their movement that weights may be off, as a whole: of single ones rounding may decide


def oracle_work(case: Case) -> float:
    """Floating-point operations of one step, about."""
    return 24.0 * case.rows_per_step * case.hidden * case.layers * (case.dim + case.hidden)


class Consecutive:
    """Makes more steps of a trial and tells `findings`. extra: rows that are held to the oracle besides those of the
    batches.
    """

    def __init__(
        self, contender: Contender, case: Case, batches: Batches, trial: Trial, extra: np.ndarray, findings: Findings
    ) -> None:
        self._contender, self._case, self._batches, self._trial = contender, case, batches, trial
        self._extra, self._findings = extra, findings
        path = contender.declaration.path(case)
        assert isinstance(path, Path)
        self._precision = path.precision

    def check_end(self, steps: int, seconds: float) -> int:
        """steps: that the trial has made; returns those that it has made then. seconds: of one."""
        affordable = int(MOST_ORACLE_WORK / oracle_work(self._case))
        at_once = min(AT_ONCE, affordable)
        singles = min(SINGLES, affordable - at_once) if seconds < LONG else 0
        room = 8 * ORACLE_ARRAYS * len(self._rows(steps, AT_ONCE)) * self._case.dim < available_bytes() / 2
        # not by isinstance, which from Python 3.12 on does not see what a wrapper passes on
        if not callable(getattr(self._trial, "inspect", None)):
            self._findings.leave_out(
                "consecutive steps held to the oracle: this trial does not show its state; give it the method "
                "`inspect` (see embbench/cases/capabilities.py)"
            )
        elif at_once < 2 or not room:
            self._findings.leave_out("consecutive steps held to the oracle: too large for it")
        else:
            trial = cast(Inspectable, self._trial)
            self._unlearn(steps)
            steps = self._hold(trial, steps, [at_once], f"timed program, {at_once} steps at once after {steps}")
            if self._small(seconds):
                steps = self._hold(trial, steps, [MANY], f"timed program, {MANY} steps at once after {steps}")
            if singles > 0:
                self._lengthen(steps)
                steps = self._hold(trial, steps, [1] * singles, f"timed program, steps after {steps}")
            return steps
        if self._precision is not None:
            return steps  # steps can be too small for rows of few bits to show
        movement = Movement(self._case, self._batches, self._trial, self._findings)
        return movement.check_end(steps, 1 if seconds >= LONG else SINGLES)

    def _small(self, seconds: float) -> bool:
        """Whether MANY steps take the trial some seconds at most, and the oracle little. Not of Adam, whose count shows
        steps that are left out, and which makes whole steps of roundings: these add up where nobody reads. Nor of a
        table of few bits, of whose rows the oracle knows less with each such step.
        """
        quick = oracle_work(self._case) <= SMALL_WORK and MANY * seconds < PATIENCE
        return quick and self._case.optimizer not in ("adam", "adamw") and self._precision is None

    def _hold(self, trial: Inspectable, steps: int, blocks: Sequence[int], when: str) -> int:
        """Blocks of so many steps each, a read behind each block, all against one oracle that goes on."""
        ids = self._rows(steps, sum(blocks))
        start, inside = self._read(ids), trial.inspect(ids)
        oracle = self._resumed(steps, when, ids, start, inside)
        if oracle is None:
            return steps
        weights, touched = oracle.weights, np.zeros(0, dtype=np.int64)
        for block in blocks:
            for _ in range(block):
                self._trial.step()
            self._trial.sync()
            loss = float("nan")
            for step in range(steps, steps + block):
                loss = oracle.step(self._batches.ids(step), self._batches.labels(step))
                touched = np.union1d(touched, self._batches.trained(self._batches.ids(step)))
            steps += block
            got, now = self._trial.loss(), self._read(ids)
            self._findings.rows(when, ids, now, start, oracle)  # before the loss, which only follows from them
            self._findings.loss(when, got, loss, oracle.loss_slack)
            self._stayed(when, ids, touched, start, now)
        self._weights(when, sum(blocks), weights, oracle.weights, trial.inspect(ids[:1]).weights)
        return steps

    def _resumed(self, steps: int, when: str, ids: np.ndarray, rows: np.ndarray, inside: Inside) -> Oracle | None:
        """The oracle from there; None where there is none, which is a finding."""
        if inside.steps is not None:
            told = f"{when}: its optimizer has made {inside.steps} updates"
            self._findings.fact(inside.steps == steps, told)
        if not self._findings.shown(when, rows, (len(ids), self._case.dim)):
            return None
        try:
            return Oracle.resumed(self._case, self._contender.declaration, ids, rows, inside, steps)
        except ValueError as error:
            self._findings.fact(False, f"{when}: `inspect` does not show what it must: {error}")
            return None

    def _stayed(self, when: str, ids: np.ndarray, touched: np.ndarray, start: np.ndarray, now: np.ndarray) -> None:
        semantic = self._findings.semantic
        if semantic == "frozen":
            self._findings.same(when, ids, start, now)
        elif not moves_others(semantic) and now.shape == start.shape:
            still = ~np.isin(self._batches.trained(ids), touched)
            self._findings.same(f"{when}, rows outside its batches", ids[still], start[still], now[still])

    def _weights(self, when: str, steps: int, start: ByName, want: ByName, got: ByName) -> None:
        for name, array in want.items():
            movement = float(np.linalg.norm(array - start[name]))
            found = np.asarray(got[name], np.float64).reshape(array.shape)
            off = float(np.linalg.norm(found - array))
            rounding = 8 * EPSILON[self._case.dtype] * float(np.linalg.norm(array))
            told = f"{when}: {name} is off by {off:.3g}, which should have moved by {movement:.3g}"
            self._findings.fact(off <= WEIGHTS * movement + rounding, told)
            if self._precision is not None:
                continue  # rows of few bits that may be either of two make each single weight uncertain
            arrays = start[name], array, found, self._case.dtype, steps
            share, of = most_are_off(*arrays), name
            if share is None and not name.startswith("head"):
                share, of = most_of_a_gate_are_off(*arrays), f"a gate of {name}"
            told = f"{when}: most of {of} is off by {share or 0:.2g} of what it should have moved by"
            self._findings.fact(share is None, told)

    def _unlearn(self, steps: int) -> None:
        """Gives the rows of the batches to come to other words, where the program has learnt its batches by heart: what
        is left of its gradients is rounding, which no oracle knows.
        """
        if not self._trial.loss() < LEARNT or 4 * self._case.table_bytes > available_bytes():
            return
        ids = self._rows(steps, AT_ONCE)
        ids = ids[ids < self._first_shared]
        values = np.roll(self._read(ids), 1, axis=0)
        self._write(ids, values)

    def _write(self, ids: np.ndarray, values: np.ndarray) -> None:
        self._trial.write_rows(ids, values)
        self._findings.same("rows that were written", ids, values, self._read(ids))

    @property
    def _first_shared(self) -> int:
        """The row from which on rows share their trained part."""
        return min(self._case.vocab, HYBRID_ROWS) - 1 if self._case.table == "hybrid" else self._case.vocab

    def _lengthen(self, steps: int) -> None:
        """Makes rows of the next batch as long as rows become in a long training: what then happens to them?"""
        if 4 * self._case.table_bytes > available_bytes():
            return  # some frameworks write into copies of the table
        late = np.unique(self._batches.ids(steps)[:, -LATE:])
        ids = late[late < self._first_shared][:WRITTEN]
        values = self._read(ids)
        values *= LENGTH / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-30)
        values = as_read(values, self._precision, self._case.dtype)
        self._write(ids, values)

    def _rows(self, steps: int, count: int) -> np.ndarray:
        """Of the batches to come, of the one before, and `extra`."""
        coming = [self._batches.ids(steps + step).ravel() for step in range(count)]
        return np.unique(np.concatenate([*coming, self._batches.ids(steps - 1)[:, -LATE:].ravel(), self._extra]))

    def _read(self, ids: np.ndarray) -> np.ndarray:
        return self._trial.read_rows(ids).copy()
