"""The least time of a step on a machine: the bytes and products that it needs, at the measured rates (roofline:
Williams, Waterman and Patterson, Communications of the ACM 52 (2009) 65-76).

A part takes the time of its slowest resource. The floor is the sum of the parts, because a part needs the result of the
part before.
"""

import msgspec

from embbench.cases.case import Case
from embbench.cases.moved import moved_by_table, row_bytes
from embbench.store.ceilings import Ceilings
from embbench.workloads import operations_of

ITEM = 4  # bytes of the numbers whose products were timed; of larger numbers fewer fit into a register


class Floor(msgspec.Struct, frozen=True):
    """Seconds. lookup: gathering the distinct rows; repeated rows are in a cache. network: matrix products. update:
    reading and writing table and optimizer state, of the touched rows or of every row, by the class.
    """

    lookup: float
    network: float
    update: float

    @property
    def total(self) -> float:
        return self.lookup + self.network + self.update


def floor(case: Case, semantic: str, unique: float, ceilings: Ceilings) -> Floor | None:
    """The floor of a case. semantic: its class. unique: rows that a batch touches. None if the ceilings lack a rate."""
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
