"""Compares a table that is stepped alone with the oracle."""

from typing import cast

import numpy as np

from embbench.cases.capabilities import Inspectable
from embbench.cases.case import Case
from embbench.cases.contender import Trial
from embbench.cases.semantics import moves_others
from embbench.contenders import Contender
from embbench.oracle.doubt import DOUBT, EPSILON
from embbench.oracle.step import Oracle
from embbench.worker.audit import Findings
from embbench.worker.batches import trained_rows
from embbench.worker.table_passes import TablePasses

AT_ONCE = 3  # passes with no read between them: a skipped second or last pass shows
MOST_OUTSIDE = 256  # compared rows outside the batches

WHEN = "the table stepped alone"


def hold_to_oracle(contender: Contender, case: Case, trial: Trial, alone: TablePasses, findings: Findings) -> None:
    """Makes AT_ONCE further passes. Their rows must agree with the oracle, and the last pass must have looked up the
    present rows of the table. trial: a trial that shows its state.
    """
    if findings.difference is not None:
        return  # the round is invalid already
    batches = [alone.ids[(alone.batch + each) % len(alone.ids)] for each in range(AT_ONCE)]
    outside = np.setdiff1d(np.linspace(0, case.vocab - 1, min(case.vocab, MOST_OUTSIDE), dtype=np.int64), batches)
    ids = np.unique(np.concatenate([np.ravel(batches), outside]))
    start = trial.read_rows(ids).copy()
    if not findings.shown(WHEN, start, (len(ids), case.dim)):
        return
    if alone.programs.gradient is None:
        _look_up(trial, alone, ids, start, findings, batches[0])
        return
    before = cast(Inspectable, trial).inspect(ids)
    for _ in range(AT_ONCE - 1):
        alone.take()
    trial.sync()
    held = trial.read_rows(ids).copy()
    alone.take()
    _looked_up(alone, ids, held, findings, batches[-1])
    _same_count(trial, ids, before.steps, findings)
    try:
        oracle = Oracle.resumed(case, contender.declaration, ids, start, before, before.steps or 1)
    except ValueError as error:
        findings.fact(False, f"{WHEN}: `inspect` returned an unusable state: {error}")
        return
    for batch in batches[:-1]:
        oracle.step_table(batch, alone.flow)
    findings.rows(f"{WHEN}, {AT_ONCE - 1} passes at once", ids, held, start, oracle)
    oracle.step_table(batches[-1], alone.flow)
    now = trial.read_rows(ids).copy()
    findings.rows(WHEN, ids, now, start, oracle)
    if not moves_others(findings.semantic):
        still = ~np.isin(trained_rows(case, ids), trained_rows(case, np.ravel(batches)))
        findings.same(f"{WHEN}, rows outside its batches", ids[still], start[still], now[still])


def _look_up(
    trial: Trial, alone: TablePasses, ids: np.ndarray, start: np.ndarray, findings: Findings, batch: np.ndarray
) -> None:
    """Checks a frozen table: the lookup must have read the rows that were there before other rows were written."""
    alone.take()
    trial.sync()
    trial.write_rows(ids, np.roll(start, 1, axis=0))
    _looked_up(alone, ids, start, findings, batch)
    trial.write_rows(ids, start)
    findings.same(WHEN, ids, start, trial.read_rows(ids))


def _looked_up(alone: TablePasses, ids: np.ndarray, rows: np.ndarray, findings: Findings, batch: np.ndarray) -> None:
    """Checks the looked-up rows. rows: the values of `ids` before the pass."""
    found, places = alone.programs.rows(), np.searchsorted(ids, batch)
    shape = (*batch.shape, rows.shape[1])
    right = getattr(found, "shape", None) == shape and bool((found == rows[places]).all())
    findings.fact(right, f"{WHEN}: the looked-up rows are not the rows of the table")


def _same_count(trial: Trial, ids: np.ndarray, before: int | None, findings: Findings) -> None:
    """An optimizer that counts its updates must have counted every pass."""
    after = cast(Inspectable, trial).inspect(ids[:1]).steps
    if before is not None and after is not None:
        text = f"{WHEN}: its optimizer has counted {after - before} updates in {AT_ONCE} passes"
        findings.fact(after - before == AT_ONCE, text)


def hold_operations(case: Case, alone: TablePasses, findings: Findings) -> None:
    """Checks the operations on the next batch: distinct ids, and sums in the order of these ids, or of all ids."""
    operations, ids = alone.programs.operations, alone.ids[alone.batch]
    alone.operate(alone.batch)
    distinct, places = np.unique(ids, return_inverse=True)
    order = np.arange(len(distinct))
    if "index" in operations:
        found = operations["index"].found()
        found = found[found < case.vocab]
        order = np.argsort(found, kind="stable")
        right = np.array_equal(found[order], distinct)
        findings.fact(right, f"{WHEN}: its distinct ids are not the distinct ids of the batch")
    if "sum" in operations:
        sums = np.zeros((len(distinct), alone.flow.shape[-1]))
        np.add.at(sums, places.reshape(ids.shape), alone.flow)
        found = operations["sum"].found().astype(np.float64)
        found = found[found.any(axis=1)]
        slack = DOUBT * EPSILON[case.dtype] * float(np.abs(alone.flow).sum(axis=(0, 1)).max())
        right = found.shape == sums.shape == (len(order), sums.shape[1])
        right = right and bool(np.abs(found[order] - sums).max() <= slack)
        findings.fact(right, f"{WHEN}: its gradients summed by id are not the sums of the batch")
