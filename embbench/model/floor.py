"""The least time that a step can take on a machine: what must be moved and multiplied, at the rates measured there
(roofline: Williams, Waterman and Patterson, Communications of the ACM 52 (2009) 65-76).

Each part is the time of its slowest resource alone; parts follow one another, since each needs what the one before
made, so that the floor is their sum.
"""

import msgspec

from embbench.spec.arithmetic import lstm_operations
from embbench.spec.case import Case
from embbench.spec.semantics import moved_bytes, moves_all_states, moves_others, rows_of, table_itemsize
from embbench.spec.workload import STATES, hybrid_shape
from embbench.store.ceilings import Ceilings

ITEM = 4  # bytes of the numbers whose products were timed; of larger ones fewer fit into a register


class Floor(msgspec.Struct, frozen=True):
    """Seconds. lookup: gathering the different rows; what occurs again is in a cache. lstm: its matrix products.
    update: reading and writing what the class must move, table and optimizer state: the touched rows, or every row.
    """

    lookup: float
    lstm: float
    update: float

    @property
    def total(self) -> float:
        return self.lookup + self.lstm + self.update


def floor(case: Case, semantic: str, unique: float, ceilings: Ceilings) -> Floor | None:
    """unique: rows of the table that a batch touches. None where the ceilings lack a rate."""
    rows, columns = hybrid_shape(case) if case.table == "hybrid" else (case.vocab, case.dim)
    row = case.dim * table_itemsize(semantic, case.itemsize)
    table = case.vocab * row
    gather, scatter = (ceilings.rate(kind, table, row) for kind in ("gather", "scatter"))
    update, product = ceilings.rate("update", table), ceilings.rate("product")
    if gather is None or scatter is None or update is None or product is None:
        return None
    states = 1 / columns if rows_of(semantic) == "rowwise" else STATES[case.optimizer]  # of a number that trains
    if moves_others(semantic) and not moves_all_states(semantic):
        states = 0
    moved = moved_bytes(semantic, case.itemsize, states)
    if semantic == "frozen":
        seconds = 0.0
    elif moves_others(semantic):
        seconds = sum(moved) * rows * columns / update.center
    else:
        read, written = (min(unique, rows) * columns * each for each in moved)
        seconds = read / gather.center + written / scatter.center
    products = lstm_operations(case) * case.itemsize / ITEM / product.center
    return Floor(unique * row / gather.center, products, seconds)
