"""The least time that a step can take on a machine: what must be moved and multiplied, at the rates measured there
(roofline: Williams, Waterman and Patterson, Communications of the ACM 52 (2009) 65-76).

Each part is the time of its slowest resource alone; parts follow one another, since each needs what the one before
made, so that the floor is their sum.
"""

import msgspec

from embbench.cases.case import Case
from embbench.cases.moved import moved_by_table, row_bytes
from embbench.store.ceilings import Ceilings
from embbench.workloads import operations_of

ITEM = 4  # bytes of the numbers whose products were timed; of larger ones fewer fit into a register


class Floor(msgspec.Struct, frozen=True):
    """Seconds. lookup: gathering the different rows; what occurs again is in a cache. network: its matrix products.
    update: reading and writing what the class must move, table and optimizer state: the touched rows, or every row.
    """

    lookup: float
    network: float
    update: float

    @property
    def total(self) -> float:
        return self.lookup + self.network + self.update


def floor(case: Case, semantic: str, unique: float, ceilings: Ceilings) -> Floor | None:
    """unique: rows of the table that a batch touches. None where the ceilings lack a rate."""
    row = row_bytes(case, semantic)
    table = case.vocab * row
    gather, scatter = (ceilings.rate(kind, table, row) for kind in ("gather", "scatter"))
    update, product = ceilings.rate("update", table), ceilings.rate("product")
    operations = operations_of(case)
    if gather is None or scatter is None or update is None or product is None or operations is None:
        return None
    moved = moved_by_table(case, semantic, unique)
    if moved.whole:
        seconds = (moved.read + moved.written) / update.center
    else:
        seconds = moved.read / gather.center + moved.written / scatter.center
    products = operations * case.itemsize / ITEM / product.center
    return Floor(moved.lookup / gather.center, products, seconds)
