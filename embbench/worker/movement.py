"""Steps behind the timed window of a trial that does not show its state: what rows and losses alone can tell."""

import numpy as np

from embbench.cases.case import Case
from embbench.cases.contender import Trial
from embbench.cases.semantics import moves_all_states, moves_others
from embbench.cases.workload import HYPERPARAMETERS, TABLE_RANGE
from embbench.host.memory import available_bytes
from embbench.worker.audit import Findings
from embbench.worker.batches import Batches

AT_ONCE = 3  # steps with no read between them
MOST_ROWS = 256
OFF = 0.15  # of what momentum alone moves rows in AT_ONCE steps; one step of three is 0.27 of it at least
CLEAR = 1e-5  # movement of rows, as a share of them, that is not rounding


class Movement:
    """Makes more steps of a trial and tells `findings`."""

    def __init__(self, case: Case, batches: Batches, trial: Trial, findings: Findings) -> None:
        self._case, self._batches, self._trial, self._findings = case, batches, trial, findings

    def check_end(self, steps: int, singles: int) -> int:
        """steps: that the trial has made; returns those that it has made then. singles: steps with a read behind each,
        one at least.
        """
        self._renew(steps, singles + AT_ONCE)
        loss = self._trial.loss()
        for _ in range(singles - 1):
            loss = self._one_more(steps, loss)
            steps += 1
        coming = [self._batches.trained(self._batches.ids(steps + 1 + step)) for step in range(AT_ONCE)]
        now = self._batches.trained(self._batches.ids(steps))
        left = np.setdiff1d(self._batches.late(steps - 1), np.concatenate([now.ravel(), *map(np.ravel, coming)]))
        left = left[:MOST_ROWS]
        before = self._read(left)
        self._one_more(steps, loss)
        self._at_once(steps + 1, left, before)
        return steps + 1 + AT_ONCE

    def _one_more(self, steps: int, loss: float) -> float:
        """One more step has a loss of its own, moves rows of its batch, and others only where the class says so."""
        findings, when = self._findings, "timed program, one step more"
        batch, late = self._batches.trained(self._batches.ids(steps)), self._batches.late(steps)
        outside = np.setdiff1d(self._batches.late(steps - 1), batch)[:MOST_ROWS]
        before = self._read(late), self._read(outside)
        self._trial.step()
        self._trial.sync()
        now = self._trial.loss()
        findings.fact(bool(np.isfinite(now)) and now != loss, f"{when}: the loss is {now} after {loss}")
        if findings.semantic == "frozen":
            return now
        moved = (self._read(late) != before[0]).any(axis=1)
        # not all: the gradient of a sequence that is learnt by heart can be rounded away
        findings.fact(
            bool(moved.mean() > 0.5), f"{when}: {np.sum(~moved)} of {len(late)} rows of its batch did not move"
        )
        after = self._read(outside)
        if moves_others(findings.semantic):
            held = bool((before[1] != after).any()) or len(outside) == 0
            findings.fact(held, f"{when}, rows outside its batch: none moved, though the class is {findings.semantic}")
        else:
            findings.same(f"{when}, rows outside its batch", outside, before[1], after)
        return now

    def _at_once(self, steps: int, left: np.ndarray, before: np.ndarray) -> None:
        """Several steps with no read between them. Each batch's own rows must have moved; where the optimizer moves
        all rows, those that it moves by momentum alone, as far as it does in so many steps. left: rows of no batch
        since the last but one; before: as they were then, a step ago.
        """
        batches = [self._batches.trained(self._batches.ids(steps + step)) for step in range(AT_ONCE)]
        own = [
            np.setdiff1d(self._batches.late(steps + place), [other for at, other in enumerate(batches) if at != place])
            for place in range(AT_ONCE)
        ]
        rows, start = [self._read(ids) for ids in own], self._read(left)
        for _ in range(AT_ONCE):
            self._trial.step()
        self._trial.sync()
        findings, when = self._findings, f"timed program, {AT_ONCE} steps at once"
        if moves_all_states(findings.semantic):
            one, all_ = (float(np.linalg.norm(part)) for part in (start - before, self._read(left) - start))
            if one > CLEAR * float(np.linalg.norm(start)):
                share = all_ / one / self._momentum(steps)
                told = f"{when}: momentum moved rows outside their batches {share:.2f} times as far as it does"
                findings.fact(abs(share - 1) < OFF, told)
        elif findings.semantic != "frozen":
            for place, (ids, values) in enumerate(zip(own, rows, strict=True), 1):
                moved = (self._read(ids) != values).any(axis=1)
                told = f"{when}: {np.sum(~moved)} of {len(ids)} rows that only batch {place} has did not move"
                findings.fact(len(ids) == 0 or bool(moved.mean() > 0.5), told)

    def _momentum(self, steps: int) -> float:
        """How far momentum alone moves a row in AT_ONCE steps after `steps`, as a multiple of the step before."""
        told = HYPERPARAMETERS[self._case.optimizer]
        if self._case.optimizer == "momentum":
            return sum(told.momentum**step for step in range(1, AT_ONCE + 1))

        def size(further: int) -> float:
            """Of Adam's movement in a later step without a gradient, whose moments are 1 in the step before."""
            step = steps + further
            corrected = (1 - told.beta2**step) ** 0.5 / (1 - told.beta1**step)
            return corrected * (told.beta1 / told.beta2**0.5) ** further

        return sum(size(further) for further in range(1, AT_ONCE + 1)) / size(0)

    def _renew(self, steps: int, count: int) -> None:
        """Gives rows to come other values: where all texts are learnt by heart, as many thousand steps can do, no
        gradient is left that would show whether a step is made.
        """
        if self._findings.semantic == "frozen" or 4 * self._case.table_bytes > available_bytes():
            return  # some frameworks write into copies of the table
        ids = np.unique(np.concatenate([self._batches.late(steps + step) for step in range(count)]))
        shape = len(ids), self._case.dim
        values = np.random.default_rng([self._case.seed, 7]).uniform(-TABLE_RANGE, TABLE_RANGE, shape)
        self._trial.write_rows(ids, values.astype(self._case.dtype))

    def _read(self, ids: np.ndarray) -> np.ndarray:
        return self._trial.read_rows(ids).copy()
