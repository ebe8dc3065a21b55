"""Programs that move bytes and multiply matrices for a machine's ceilings (`worker.ceilings`): a kit per device."""

from collections.abc import Callable
from typing import NamedTuple, Protocol


class Program(NamedTuple):
    """run: makes the given number of sweeps and returns when they are finished. amount: bytes or operations a sweep."""

    run: Callable[[int], None]
    amount: float


COVERED = 1 << 28  # bytes of rows that distinct batches touch before they repeat: larger than any cache
FEWEST = 16


def batches(size: int, moved: int) -> int:
    """Number of distinct batches of places. size: bytes of the table. moved: bytes that a batch moves."""
    return max(FEWEST, min(COVERED, size) // max(1, moved))


Programs = dict[str, Program]  # by kind, see `store.ceilings.KINDS`


class Kit(Protocol):
    """sizes: bytes of the memory to work on. No advice is given to the system unless requested: memory is as a
    framework gets it. most_rows, most_bytes: of the rows that a sweep gathers; gathered rows must stay in the cache.
    """

    software: dict[str, str]
    most_rows: int
    most_bytes: int

    def free(self) -> int:
        """Bytes that may be allocated."""

    def streams(self, size: int) -> Programs: ...

    def rows(self, size: int, row: int, count: int) -> Programs:
        """`count` rows of `row` bytes at random places of a table; other rows in every sweep."""

    def products(self, width: int) -> Programs:
        """The product of two square float32 matrices."""

    def touches(self, size: int) -> Programs:
        """{} for a device whose memory does not come page by page."""
