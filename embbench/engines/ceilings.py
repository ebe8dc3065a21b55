"""What moves bytes and multiplies matrices for the ceilings of a machine (`worker.ceilings`): one kit a device."""

from collections.abc import Callable
from typing import NamedTuple, Protocol


class Program(NamedTuple):
    """run: makes so many sweeps and returns when they are finished. amount: bytes or operations of one sweep."""

    run: Callable[[int], None]
    amount: float


COVERED = 1 << 28  # bytes of rows that different batches touch before they come again: more than any cache holds
FEWEST = 16


def batches(size: int, moved: int) -> int:
    """Different batches of places to cycle through, each of which moves so many bytes of a table of `size`."""
    return max(FEWEST, min(COVERED, size) // max(1, moved))


Programs = dict[str, Program]  # by kind, see `store.ceilings.KINDS`


class Kit(Protocol):
    """sizes: bytes of what is worked on. Nothing is advised to the system unasked: memory is as a framework gets it."""

    software: dict[str, str]

    def free(self) -> int:
        """Bytes that may be taken."""

    def streams(self, size: int) -> Programs: ...

    def rows(self, size: int, row: int, count: int) -> Programs:
        """`count` rows of `row` bytes at random places of a table, other ones in each sweep."""

    def products(self, width: int) -> Programs:
        """Of two square float32 matrices."""

    def touches(self, size: int) -> Programs:
        """{} where memory does not come page by page."""
