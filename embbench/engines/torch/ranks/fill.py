"""The initial values of a part of a table."""

import torch

from embbench.cases.case import Case
from embbench.cases.workload import TABLE_TILE, initial_tile


def fill_rows(part: torch.Tensor, case: Case, row: int, column: int = 0) -> None:
    """Sets a part of the table, from (row, column) on, to its initial values, see `cases.workload.initial_tile`."""
    tile = torch.from_numpy(initial_tile(case.seed, case.vocab, case.dim)[:, column : column + part.shape[1]])
    start = 0
    while start < len(part):
        at = (row + start) % TABLE_TILE
        rows = part[start : start + len(tile) - at]
        rows.copy_(tile[at : at + len(rows)])
        start += len(rows)
