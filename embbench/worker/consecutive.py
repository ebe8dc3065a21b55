"""Steps after the timed window, made as the timed steps were made: several steps with no read between them.

A program can do its first steps and every single step right, and still leave work out when nobody reads. If a trial
shows its state, the oracle goes on from that state, and rows, loss and weights must agree with the oracle.
"""

from collections.abc import Sequence
from typing import cast

import numpy as np

from embbench.cases.capabilities import Inside, Inspectable
from embbench.cases.case import Case
from embbench.cases.contender import Trial
from embbench.cases.precision import as_read
from embbench.cases.semantics import moves_others
from embbench.cases.update_path import Path
from embbench.cases.workload import HYBRID_ROWS
from embbench.contenders import Contender
from embbench.host.memory import available_bytes
from embbench.oracle.doubt import EPSILON
from embbench.oracle.step import Oracle
from embbench.worker.audit import LENGTH, Findings
from embbench.worker.batches import LATE, Batches
from embbench.worker.movement import Movement
from embbench.worker.weights import most_are_off, most_of_a_gate_are_off
from embbench.workloads import ByName, workload_of

AT_ONCE = 3  # steps with no read between them: a skipped second or last step shows
SINGLES = 3  # steps with a read after each step
MANY = 16  # steps of a small case with no read between them: one skipped step of many shows without a step counter
SMALL_WORK = 1.2e8  # floating-point operations per oracle step up to which MANY steps take the oracle a second at most
PATIENCE = 10.0  # seconds that MANY steps may take: on a busy machine small steps are slow too
LONG = 1.0  # seconds per step from which on SINGLES are left out, since they find little more
MOST_ORACLE_WORK = 2e10  # floating-point operations per step beyond which the oracle takes many seconds
ORACLE_ARRAYS = 8  # float64 copies of its rows that the oracle holds during a step
WRITTEN = 16  # rows of the next batch that get a large norm
LEARNT = 1e-2  # below this loss, float32's rounding of a probability near 1 decides where weights move
WEIGHTS = 0.1  # allowed error of all weights together, as a share of their movement; rounding moves single weights


class Consecutive:
    """Makes more steps of a trial and reports to `findings`. extra: rows to compare with the oracle in addition to the
    rows of the batches.
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
        """The number of steps made after all checks. steps: steps made before. seconds: per step."""
        affordable = int(MOST_ORACLE_WORK / workload_of(self._case).operations(self._case))
        at_once = min(AT_ONCE, affordable)
        singles = min(SINGLES, affordable - at_once) if seconds < LONG else 0
        room = 8 * ORACLE_ARRAYS * len(self._rows(steps, AT_ONCE)) * self._case.dim < available_bytes() / 2
        # not isinstance: from Python 3.12 on it does not see attributes that a wrapper passes on
        if not callable(getattr(self._trial, "inspect", None)):
            self._findings.leave_out(
                "consecutive steps (this trial does not show its state: give it the method `inspect`, see "
                "embbench/cases/capabilities.py)"
            )
        elif at_once < 2 or not room:
            self._findings.leave_out("consecutive steps (the case is too large for the oracle)")
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
            return steps  # rows of few bits may not show small steps
        movement = Movement(self._case, self._batches, self._trial, self._findings)
        return movement.check_end(steps, 1 if seconds >= LONG else SINGLES)

    def _small(self, seconds: float) -> bool:
        """Whether MANY steps take the trial some seconds at most, and the oracle less. False for Adam: its step counter
        shows skipped steps, and it turns rounding errors into whole steps that add up. False for a table of few bits:
        with every step the oracle knows less about its rows.
        """
        quick = workload_of(self._case).operations(self._case) <= SMALL_WORK and MANY * seconds < PATIENCE
        return quick and self._case.optimizer not in ("adam", "adamw") and self._precision is None

    def _hold(self, trial: Inspectable, steps: int, blocks: Sequence[int], when: str) -> int:
        """Makes blocks of steps with a read after each block, and compares each read with one oracle. blocks: steps
        each.
        """
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
            self._findings.rows(when, ids, now, start, oracle)  # before the loss, which depends on the rows
            self._findings.loss(when, got, loss, oracle.loss_slack)
            self._stayed(when, ids, touched, start, now)
        self._weights(when, sum(blocks), weights, oracle.weights, trial.inspect(ids[:1]).weights)
        return steps

    def _resumed(self, steps: int, when: str, ids: np.ndarray, rows: np.ndarray, inside: Inside) -> Oracle | None:
        """The oracle at the state that the trial shows; None with a finding if that state is unusable."""
        if inside.steps is not None:
            text = f"{when}: its optimizer has counted {inside.steps} updates"
            self._findings.fact(inside.steps == steps, text)
        if not self._findings.shown(when, rows, (len(ids), self._case.dim)):
            return None
        try:
            return Oracle.resumed(self._case, self._contender.declaration, ids, rows, inside, steps)
        except ValueError as error:
            self._findings.fact(False, f"{when}: `inspect` returned an unusable state: {error}")
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
            text = f"{when}: {name} is off by {off:.3g}; it should have moved by {movement:.3g}"
            self._findings.fact(off <= WEIGHTS * movement + rounding, text)
            if self._precision is not None:
                continue  # a row of few bits may have been rounded either way, so single weights are uncertain
            arrays = start[name], array, found, self._case.dtype, steps
            share, of = most_are_off(*arrays), name
            if share is None and not name.startswith("head"):
                share, of = most_of_a_gate_are_off(*arrays), f"a gate of {name}"
            text = f"{when}: most of {of} is off by {share or 0:.2g} of the movement that it should have made"
            self._findings.fact(share is None, text)

    def _unlearn(self, steps: int) -> None:
        """Exchanges the rows of the next batches if the program has memorized its batches: then its gradients are
        rounding errors, which no oracle can predict.
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
        """The first of the rows that share their trained part."""
        return min(self._case.vocab, HYBRID_ROWS) - 1 if self._case.table == "hybrid" else self._case.vocab

    def _lengthen(self, steps: int) -> None:
        """Gives rows of the next batch the norm that rows reach in a long training, so that clipped rows show."""
        if 4 * self._case.table_bytes > available_bytes():
            return  # some frameworks write into copies of the table
        late = np.unique(self._batches.ids(steps)[:, -LATE:])
        ids = late[late < self._first_shared][:WRITTEN]
        values = self._read(ids)
        values *= LENGTH / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-30)
        values = as_read(values, self._precision, self._case.dtype)
        self._write(ids, values)

    def _rows(self, steps: int, count: int) -> np.ndarray:
        """Sorted ids of the next `count` batches, of the batch before, and of `extra`."""
        coming = [self._batches.ids(steps + step).ravel() for step in range(count)]
        return np.unique(np.concatenate([*coming, self._batches.ids(steps - 1)[:, -LATE:].ravel(), self._extra]))

    def _read(self, ids: np.ndarray) -> np.ndarray:
        return self._trial.read_rows(ids).copy()
