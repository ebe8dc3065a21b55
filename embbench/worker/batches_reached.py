"""Has every batch that was due reached the table? Steps that are looked at may be right, most batches never used."""

import numpy as np

from embbench.cases.case import Case
from embbench.cases.contender import Trial
from embbench.cases.precision import Precision, as_read
from embbench.cases.streams import Tokens
from embbench.cases.workload import initial_rows
from embbench.worker.audit import Findings
from embbench.worker.batches import LATE

ROWS = 4  # of a batch that are looked at
SHARE = 0.25  # of the batches that may have left no trace: the gradient of single ones can be rounded away


def all_reached(
    case: Case, tokens: Tokens, trial: Trial, steps: int, findings: Findings, precision: Precision | None = None
) -> None:
    """Rows late in a batch, and in no other batch, start as `initial_rows` has them and must have moved once their
    batch was due. steps: that the trial has made, one a batch. precision: of the table as it is kept. Of a hybrid table
    rows share what trains: left out.
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
    told = f"timed program: {missed} of {len(rows)} batches moved none of the rows that only they have"
    findings.fact(missed <= SHARE * len(rows), told)


def own_rows(ids: np.ndarray, batch: int) -> np.ndarray:
    """(R,) up to ROWS rows at the end of a batch's sequences that no other batch of `ids` (batches, B, S) has."""
    late = np.unique(ids[batch][:, -LATE:])
    others = np.concatenate([ids[:batch].ravel(), ids[batch + 1 :].ravel()])
    return late[~np.isin(late, others)][:ROWS]
