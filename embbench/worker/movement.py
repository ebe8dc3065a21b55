"""Steps after the timed window of a trial that does not show its state: checks of rows and losses alone."""

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
OFF = 0.15  # allowed error of the movement by momentum alone in AT_ONCE steps; one skipped step makes 0.27 or more
CLEAR = 1e-5  # movement of rows, as a share of their norm, beyond rounding


class Movement:
    """Makes more steps of a trial and reports to `findings`."""

    def __init__(self, case: Case, batches: Batches, trial: Trial, findings: Findings) -> None:
        self._case, self._batches, self._trial, self._findings = case, batches, trial, findings

    def check_end(self, steps: int, singles: int) -> int:
        """The number of steps made after all checks. steps: steps made before. singles: steps with a read after each
        step, at least one.
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
        """Makes one step. Its loss must be new, and it must move rows of its batch, and other rows only if the class
        does.
        """
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
        # not all rows: the gradient of a memorized sequence can be rounded away
        findings.fact(
            bool(moved.mean() > 0.5), f"{when}: {np.sum(~moved)} of {len(late)} rows of its batch did not move"
        )
        after = self._read(outside)
        if moves_others(findings.semantic):
            held = bool((before[1] != after).any()) or len(outside) == 0
            text = f"{when}, rows outside its batch: no row moved; rows of class {findings.semantic} must"
            findings.fact(held, text)
        else:
            findings.same(f"{when}, rows outside its batch", outside, before[1], after)
        return now

    def _at_once(self, steps: int, left: np.ndarray, before: np.ndarray) -> None:
        """Makes AT_ONCE steps with no read between them. Rows that only one batch has must have moved. If the optimizer
        moves all rows, rows outside the batches must have moved as far as momentum moves them. left: ids of rows that
        no batch had since the step before the last. before: the values of these rows a step ago.
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
                text = f"{when}: momentum moved rows outside the batches {share:.2f} times as far as it should"
                findings.fact(abs(share - 1) < OFF, text)
        elif findings.semantic != "frozen":
            for place, (ids, values) in enumerate(zip(own, rows, strict=True), 1):
                moved = (self._read(ids) != values).any(axis=1)
                text = f"{when}: {np.sum(~moved)} of {len(ids)} rows that only batch {place} has did not move"
                findings.fact(len(ids) == 0 or bool(moved.mean() > 0.5), text)

    def _momentum(self, steps: int) -> float:
        """How far momentum alone moves a row in AT_ONCE steps after `steps`, as a multiple of its movement a step
        before.
        """
        values = HYPERPARAMETERS[self._case.optimizer]
        if self._case.optimizer == "momentum":
            return sum(values.momentum**step for step in range(1, AT_ONCE + 1))

        def size(further: int) -> float:
            """Adam's movement without a gradient, `further` steps after a step in which both moments were 1."""
            step = steps + further
            corrected = (1 - values.beta2**step) ** 0.5 / (1 - values.beta1**step)
            return corrected * (values.beta1 / values.beta2**0.5) ** further

        return sum(size(further) for further in range(1, AT_ONCE + 1)) / size(0)

    def _renew(self, steps: int, count: int) -> None:
        """Gives rows of the next batches new values. After thousands of steps a program may have memorized its texts,
        and then no gradient is left that would show whether a step is made.
        """
        if self._findings.semantic == "frozen" or 4 * self._case.table_bytes > available_bytes():
            return  # some frameworks write into copies of the table
        ids = np.unique(np.concatenate([self._batches.late(steps + step) for step in range(count)]))
        shape = len(ids), self._case.dim
        values = np.random.default_rng([self._case.seed, 7]).uniform(-TABLE_RANGE, TABLE_RANGE, shape)
        self._trial.write_rows(ids, values.astype(self._case.dtype))

    def _read(self, ids: np.ndarray) -> np.ndarray:
        return self._trial.read_rows(ids).copy()
