"""The least time of a step of a user's own model, at the measured rates of a machine: see `floor`."""

import math

from embbench.analysis.cost.floor import ITEM, Floor
from embbench.cases.found_model import FoundModel
from embbench.cases.found_table import FoundTable
from embbench.cases.semantics import moved_bytes
from embbench.store.ceilings import Ceilings


def own_floor(found: FoundModel, ceilings: Ceilings) -> Floor | None:
    """None where the ceilings lack a rate. Products that nothing counted take no time: the floor is then of the tables
    alone.
    """
    product = ceilings.rate("product")
    tables = [_of_table(each, ceilings) for each in found.tables]
    known = [each for each in tables if each is not None]
    if product is None or len(known) < len(tables):
        return None
    network = found.operations * found.itemsize / ITEM / product.center
    lookup, update = (math.fsum(part) for part in zip(*known, strict=True)) if known else (0.0, 0.0)
    return Floor(lookup, network, update)


def _of_table(table: FoundTable, ceilings: Ceilings) -> tuple[float, float] | None:
    """(seconds of gathering the distinct rows, seconds of the update)."""
    numbers = table.rows * table.columns
    itemsize, row = table.size // numbers, table.size / table.rows
    gather, scatter = (ceilings.rate(kind, table.size, row) for kind in ("gather", "scatter"))
    update = ceilings.rate("update", table.size)
    if gather is None or scatter is None or update is None:
        return None
    lookup = table.unique * row / gather.center
    states = sum(math.prod(shape) for shape in table.states.values()) / numbers
    read, written = moved_bytes(table.semantic, itemsize, states)
    match table.moves:
        case "none":
            return lookup, 0.0
        case "batch":
            moving = table.unique * table.columns
            return lookup, moving * (read / gather.center + written / scatter.center)
        case "state":  # the weights of other rows stay, so that reading and writing them is not needed
            return lookup, numbers * 2 * states * itemsize / update.center
    return lookup, numbers * (read + written) / update.center
