"""Has every batch reached the table? The inspected steps may be right although most batches are never used."""

import numpy as np

from embbench.cases.case import Case
from embbench.cases.contender import Trial
from embbench.cases.precision import Precision, as_read
from embbench.cases.streams import Tokens
from embbench.cases.workload import initial_rows
from embbench.worker.audit import Findings
from embbench.worker.batches import LATE

ROWS = 4  # rows per batch that are inspected
SHARE = 0.25  # share of batches that may leave no trace: the gradient of a single batch can be rounded away


def all_reached(
    case: Case, tokens: Tokens, trial: Trial, steps: int, findings: Findings, precision: Precision | None = None
) -> None:
    """Checks rows late in a batch that no other batch has: they start with the values of `initial_rows` and must have
    moved after the step of their batch. steps: number of steps made, one per batch. precision: of the stored table. A
    hybrid table is not checked, since its rows share what trains.
    """
    if findings.semantic == "frozen" or case.table == "hybrid":
        return
    rows = [own_rows(tokens.ids, batch) for batch in range(min(steps, len(tokens.ids)))]
    rows = [each for each in rows if len(each)]
    if not rows:
        return
    ids = np.unique(np.concatenate(rows))
    start = as_read(initial_rows(case, ids), precision, case.dtype)
    moved = ids[(trial.read_rows(ids) != start).any(axis=1)]
    missed = sum(not np.isin(each, moved).any() for each in rows)
    text = f"timed program: {missed} of {len(rows)} batches moved none of the rows that no other batch has"
    findings.fact(missed <= SHARE * len(rows), text)


def own_rows(ids: np.ndarray, batch: int) -> np.ndarray:
    """(R,) up to ROWS rows at the end of a batch's sequences that no other batch of `ids` (batches, B, S) has."""
    late = np.unique(ids[batch][:, -LATE:])
    others = np.concatenate([ids[:batch].ravel(), ids[batch + 1 :].ravel()])
    return late[~np.isin(late, others)][:ROWS]
