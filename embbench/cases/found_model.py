"""A user's own model as a worker found it."""

import msgspec

from embbench.cases.found_change import FoundChange
from embbench.cases.found_table import FoundTable


class FoundModel(msgspec.Struct, frozen=True, kw_only=True, tag="found"):
    """tables: the largest first. changes: that were tried. parts: part of a step -> seconds, in one process; {} where
    they are not known. batches: number that was staged. addable: whether rows can be added to a table. alike: whether
    all batches look up the same rows. notes: what a reader should know, sentences without a full stop.
    """

    framework: str
    tables: tuple[FoundTable, ...]
    changes: tuple[FoundChange, ...]
    parts: dict[str, float]
    batches: int
    addable: bool
    alike: bool
    notes: tuple[str, ...]


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Why a user's own model cannot be explained. broke: whether the user's code raised an exception."""

    reason: str
    broke: bool
