"""A user's own model as a worker found it."""

from collections.abc import Iterable

import msgspec

from embbench.cases.found_change import FoundChange
from embbench.cases.found_table import FoundTable


class FoundModel(msgspec.Struct, frozen=True, kw_only=True, tag="found"):
    """tables: the largest first. changes: that were tried. parts: part of a step -> seconds in each of some steps of
    one process; {} where they are not known. batches: number that was staged. addable: whether rows can be added to a
    table. alike: whether all batches look up the same rows. notes: what a reader should know, sentences without a full
    stop. operations: floating-point operations of the products of a step, for numbers of `itemsize` bytes; 0 where
    nothing counted them. grown: other weights that grow with the number of rows that the user's function takes.
    """

    framework: str
    tables: tuple[FoundTable, ...]
    changes: tuple[FoundChange, ...]
    parts: dict[str, list[float]]
    batches: int
    addable: bool
    alike: bool
    notes: tuple[str, ...]
    operations: float = 0.0
    itemsize: int = 4
    grown: tuple[str, ...] = ()


def groups_of(tables: Iterable[FoundTable]) -> list[list[FoundTable]]:
    """The tables with equally many rows, of those that a step looks up. tables: the largest first."""
    groups: dict[int, list[FoundTable]] = {}
    for each in tables:
        if each.lookups:
            groups.setdefault(each.rows, []).append(each)
    return list(groups.values())


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Why a user's own model cannot be explained. broke: whether the user's code raised an exception."""

    reason: str
    broke: bool
