"""Theoretical bytes of a case at the peak of a step, by arithmetic."""

import math
from collections.abc import Sequence

import msgspec

from embbench.cases.case import NO_TABLE, Case
from embbench.cases.contender import Declaration
from embbench.cases.update_path import IN_PARTS, Path, copies_in
from embbench.cases.workload import hybrid_shape
from embbench.workloads import workload_of

ID_BYTES = 8  # of an id that ranks exchange


class Footprint(msgspec.Struct, frozen=True):
    """Bytes at the peak of a training step, without the framework's base (code, pools, handles); of a case with several
    ranks, of the process with the largest part.
    """

    table: int
    training: int
    model: int
    activations: int

    @property
    def total(self) -> int:
        return self.table + self.training + self.model + self.activations


def is_known(case: Case) -> bool:
    """Whether arithmetic gives the bytes of the case: not of a user's own model, before it is built."""
    return hasattr(workload_of(case), "weight_count")


def footprint_of(case: Case, declaration: Declaration, kept: float = 0.0) -> Footprint:
    """The footprint of a case by its contender's declaration of a supported case. kept: further table-sized arrays,
    that the heap keeps.
    """
    path = declaration.path(case)
    assert isinstance(path, Path)
    return footprint(
        case,
        copies_in(case.ranks, path) + kept,
        path.lookups,
        declaration.onehot,
        path.itemsize(case),
        spread=declaration.spread_of(case),
        gathered=path.gathered,
        in_one_memory=declaration.in_one_memory(case),
    )


def footprint(
    case: Case,
    copies: float,
    lookup_copies: float = 0.0,
    onehot: float = 0.0,
    itemsize: int | None = None,
    *,
    spread: str = "",
    gathered: float = 0.0,
    in_one_memory: bool = False,
) -> Footprint:
    """Bytes at the peak of a step, 0 where they are not known. The contender declares the arguments. copies:
    table-sized arrays alive at the peak, including the weights. lookup_copies: (N, D) arrays of the update at the peak.
    onehot: bytes per pair of a token and a row, for a lookup by a product. itemsize: bytes of a stored number of the
    table; None for the case's dtype. spread: of the table over the ranks, see `cases.contender.Declaration`. gathered:
    see `cases.update_path.Path`. Ranks share the batch. A rank with a part of the table sees the lookups of all ranks.
    in_one_memory: whether a process has all ranks, and so the bytes of each.

    The model is the workload's weights besides the table, with gradients and states (`Workload.WEIGHT_ARRAYS`).
    """
    if not is_known(case):
        return Footprint(0, 0, 0, 0)
    rows, columns = _trainable(case)
    item = case.itemsize if itemsize is None else itemsize
    table = 0 if case.table == NO_TABLE else case.vocab * case.dim * item
    if case.table == "hybrid":
        table = (case.vocab * (case.dim - columns) + rows * columns) * item
    training = (copies - 1) * rows * columns * item
    if in_parts := spread in IN_PARTS:
        gathered_bytes = gathered * table if case.ranks > 1 else 0.0
        table, training = (math.ceil(whole / case.ranks) for whole in (table, training))
        training += gathered_bytes
    if rows:
        training += lookup_copies * case.rows_per_step * columns * case.itemsize / (1 if in_parts else case.ranks)
    workload = workload_of(case)
    activations = workload.activation_count(case) * case.itemsize // case.ranks
    if case.table == "onehot":
        activations += int(case.rows_per_step * case.vocab * onehot)
    model = workload.WEIGHT_ARRAYS * workload.weight_count(case) * case.itemsize
    held = case.ranks if in_one_memory else 1
    return Footprint(*(held * each for each in (table, int(training), model, activations)))


def sent_bytes(case: Case, path: Path, rows: float, shares: Sequence[float]) -> float | None:
    """Bytes that the rank which sends most sends in a step, by arithmetic; None where they are not known. rows:
    distinct rows in each rank's part of the batch, summed over the ranks. shares: of the looked-up numbers that each
    rank holds.

    A rank receives as many bytes as it sends: for each row that it sends forward, a gradient comes back.
    A rank keeps its own part of each exchanged array, and so sends (ranks - 1) / ranks of it. The weights besides the
    table are replicas whose gradients are summed over the ranks: two such arrays, as in a ring (Patarasu and Yuan
    2009).
    """
    if not is_known(case) or case.ranks == 1:
        return None
    table, looked_up = case.vocab * case.dim * path.itemsize(case), case.dim * case.itemsize
    alike = 2 * workload_of(case).weight_count(case) * case.itemsize + path.sent_tables * table
    for count, sent in ((case.rows_per_step, path.sent_lookups), (rows, path.sent_rows)):
        alike += count * (sent * looked_up + ID_BYTES) if sent else 0.0
    away = (case.ranks - 1) / case.ranks
    routed = max(away * share + (1 - share) / case.ranks for share in shares)
    return away * alike + path.sent_routed * routed * case.rows_per_step * looked_up


def _trainable(case: Case) -> tuple[int, int]:
    if case.table in ("frozen", NO_TABLE):
        return 0, 0
    return hybrid_shape(case) if case.table == "hybrid" else (case.vocab, case.dim)
