"""How an (update, optimizer) pair of a contender moves the table: what DECLARES says of it."""

from typing import Annotated, Literal, Protocol

import msgspec

from embbench.cases.case import Case
from embbench.cases.precision import ITEMSIZE, Precision
from embbench.cases.workload import STATES

# Where an optimizer adds its epsilon. Adam: 'corrected' to the root of the bias-corrected second moment, 'uncorrected'
# to the root of the raw second moment (Kingma and Ba 2015, end of section 2). Adagrad: 'corrected' to the root,
# 'inside' under the root.
Epsilon = Literal["corrected", "uncorrected", "inside"]


# How the table lies in the ranks of a case: 'whole', a replica in each; 'rows' or 'columns', a part in each; 'tables',
# all of it in one rank.
Spread = Literal["", "whole", "rows", "columns", "tables"]
IN_PARTS = ("rows", "columns")

Arrays = Annotated[float, msgspec.Meta(ge=0, le=1e6)]


Copies = Annotated[float, msgspec.Meta(ge=1, le=1e6)]


class OnGpu(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Counts of a Path that differ on a GPU; None for the same count as on a CPU."""

    copies: Copies | None = None
    alone: Copies | None = None
    gathered: Arrays | None = None
    passes: Arrays | None = None


COUNTS = ("copies", "alone", "gathered", "passes")


class Path(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one (update, optimizer) pair moves the table.

    semantic: its class, see `cases.semantics`. copies: table-sized arrays alive at the peak of a step, weights
    included. alone: the same in a single rank; None for `copies`. gathered: further ones that every rank of several has
    as a whole, although the ranks share the table. lookups: (N, dim) arrays of the update at that peak. passes: reads
    and writes of the whole table per step. precision: of the stored table; None for `Declaration.precisions`. For a
    table of 16 bits, copies and passes count arrays of 16 bits, and a float32 array of the table's shape counts as two.
    epsilon: place of the epsilon in the table's optimizer; None for `Declaration.epsilon`. devices: devices with this
    pair; () for all of the declaration. start: seconds of a round besides building and stepping; None for
    `Declaration.start`. sent_tables, sent_lookups, sent_rows: arrays of the size of the table, (N, dim) arrays, and
    arrays of the distinct rows in each rank's part of the batch, that every rank of a case sends in a step.
    sent_routed: (N, dim) arrays that go from the rank with the rows to the rank with the sequences, and back as
    gradients. spread: None for `Declaration.spread`. on_gpu: counts that differ there.
    """

    semantic: Literal["exact", "dense", "lazy", "lazy-decay", "rowwise", "rowwise-parts", "exact-apart", "dense-apart"]
    copies: Copies = 1.0
    alone: Copies | None = None
    gathered: Arrays = 0.0
    lookups: Arrays = 0.0
    passes: Arrays = 0.0
    precision: Precision | None = None
    epsilon: Epsilon | None = None
    devices: tuple[str, ...] = ()
    start: Annotated[float, msgspec.Meta(ge=0, le=1e9)] | None = None
    sent_tables: Arrays = 0.0
    sent_lookups: Arrays = 0.0
    sent_rows: Arrays = 0.0
    sent_routed: Arrays = 0.0
    spread: Spread | None = None
    on_gpu: OnGpu = OnGpu()

    def on(self, device: str) -> "Path":
        """The path with its counts on a device."""
        there = {name: count for name in COUNTS if (count := getattr(self.on_gpu, name)) is not None}
        return self if device == "cpu" else msgspec.structs.replace(self, **there)

    def kept(self, optimizer: str) -> str:
        """`Precision.short`, the second word of a case's class; '' for a table in the case's dtype."""
        return "" if self.precision is None else self.precision.short(STATES[optimizer])

    def itemsize(self, case: Case) -> int:
        """Bytes of a stored number of the table."""
        return case.itemsize if self.precision is None else ITEMSIZE


class Copied(Protocol):
    """What says how many copies of a table there are, such as a Path."""

    @property
    def copies(self) -> float: ...

    @property
    def alone(self) -> float | None: ...


def copies_in(ranks: int, told: Copied) -> float:
    """Table-sized arrays alive at the peak of a step in `ranks` ranks."""
    return told.alone if ranks == 1 and told.alone is not None else told.copies
