"""What a step of a user's own model does with its embedding tables, as a worker found it."""

from typing import Literal

import msgspec

# Which rows a step moves. batch: rows of the batch. earlier: also rows of earlier batches, by momentum. all: every row.
# state: weights of rows of the batch, and the optimizer state of every row. none: no row.
Moves = Literal["batch", "earlier", "all", "state", "none"]

# The class of a table: names of `cases.semantics.ROW_CLASSES`, and 'dead' for a table that trains but gets no gradient.
TableClass = Literal["exact", "dense", "lazy", "rowwise", "frozen", "dead"]

# What makes a gradient dense, besides a lookup with a dense gradient. 'other': a further operation on all rows.
UseKind = Literal["output layer", "one-hot product", "penalty", "changed rows", "other"]


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """An operation that reads the whole table and is no lookup. operation: the framework's name. where: 'file.py:30' of
    the user's code; '' if unknown. changed rows: an operation whose result is looked up, such as dropout of rows.
    """

    kind: UseKind
    operation: str
    where: str


class FoundTable(msgspec.Struct, frozen=True, kw_only=True):
    """name: in the user's model. size: bytes. operation: of the lookup, by the framework's name. where: of its call,
    'file.py:30'. lookups, unique: per step, U of distinct rows, means over the watched steps. trains: whether it
    requires a gradient. sparse_gradient: None without a gradient. padding: row of padding; None without.
    optimizer: class of its optimizer; '' without. states: name of a state -> its shape. uses: that read all rows.
    moves, semantic: what a step moved, never taken from arguments. because: the reasons, sentences without a full stop.
    in_data: rows that occur in any batch; None where batches have no end, or the ids are not in a batch.
    """

    name: str
    rows: int
    columns: int
    size: int
    dtype: str
    operation: str
    where: str
    lookups: float
    unique: float
    trains: bool
    sparse_gradient: bool | None
    padding: int | None
    optimizer: str
    states: dict[str, tuple[int, ...]]
    uses: tuple[Use, ...]
    moves: Moves
    semantic: TableClass
    because: tuple[str, ...]
    in_data: int | None = None

    @property
    def shared(self) -> bool:
        """Whether an output layer has the same weights."""
        return any(each.kind == "output layer" for each in self.uses)
