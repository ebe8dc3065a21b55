"""Bytes of a table and of its optimizer's state that a step must move, by its semantic class."""

from typing import NamedTuple

from embbench.cases.case import Case
from embbench.cases.semantics import CLAIMS, moved_bytes, moves_all_states, moves_others, rows_of, table_itemsize
from embbench.cases.workload import STATES, hybrid_shape


class Moved(NamedTuple):
    """Bytes. lookup: of the distinct rows of a batch, because repeated rows are in a cache. read, written: by the
    update. whole: whether the update passes over the whole table in order, rather than over rows at random places.
    """

    lookup: float
    read: float
    written: float
    whole: bool

    @property
    def total(self) -> float:
        return self.lookup + self.read + self.written


def moved_by_table(case: Case, semantic: str, unique: float) -> Moved:
    """The bytes that a step of the case must move. semantic: class of the case. unique: rows that a batch touches."""
    rows, columns = hybrid_shape(case) if case.table == "hybrid" else (case.vocab, case.dim)
    lookup = unique * row_bytes(case, semantic)
    if semantic in ("frozen", CLAIMS):
        return Moved(lookup, 0.0, 0.0, False)
    whole = moves_others(semantic)
    states = (
        1 / columns if rows_of(semantic).startswith("rowwise") else STATES[case.optimizer]
    )  # per number that trains
    if whole and not moves_all_states(semantic):
        states = 0
    moving = rows if whole else min(unique, rows)
    read, written = (moving * columns * each for each in moved_bytes(semantic, case.itemsize, states))
    return Moved(lookup, read, written, whole)


def row_bytes(case: Case, semantic: str) -> float:
    """Bytes of a stored row of the table."""
    return case.dim * table_itemsize(semantic, case.itemsize)
