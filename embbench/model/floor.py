"""The least time that a step can take on a machine: what must be moved and multiplied, at the rates measured there
(roofline: Williams, Waterman and Patterson, Communications of the ACM 52 (2009) 65-76).

Each part is the time of its slowest resource alone; parts follow one another, since each needs what the one before
made, so that the floor is their sum.
"""

import msgspec

from embbench.spec.arithmetic import lstm_operations
from embbench.spec.case import Case
from embbench.spec.semantics import moves_all_states, moves_others
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
    row, table = case.dim * case.itemsize, case.table_bytes
    part = columns * case.itemsize  # of a row, what trains
    gather, scatter = (ceilings.rate(kind, table, row) for kind in ("gather", "scatter"))
    update, product = ceilings.rate("update", table), ceilings.rate("product")
    if gather is None or scatter is None or update is None or product is None:
        return None
    arrays = 1 + STATES[case.optimizer]
    if semantic == "frozen":
        seconds = 0.0
    elif moves_others(semantic):
        seconds = 2 * (arrays if moves_all_states(semantic) else 1) * rows * part / update.center
    else:
        moved = min(unique, rows) * (part + case.itemsize if semantic == "rowwise" else part * arrays)
        seconds = moved / gather.center + moved / scatter.center
    products = lstm_operations(case) * case.itemsize / ITEM / product.center
    return Floor(unique * row / gather.center, products, seconds)
