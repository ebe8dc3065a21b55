"""Ceilings: how fast one machine moves bytes and multiplies matrices, measured once and kept in a file of its own."""

import math
from pathlib import Path
from typing import Any

import msgspec

from embbench import wire
from embbench.errors import FileError
from embbench.plain import is_part_of_path
from embbench.stats.summary import Summary, summarize
from embbench.store.outside import admit
from embbench.store.replacing import replace_file

SCHEMA = 1
DIRECTORY = Path("results/ceilings")

# What a rate counts. A pass over a table is one read or one write of it: 'update' makes two.
KINDS = {
    "read": "bytes read once, in order",
    "write": "bytes written once, in order",
    "copy": "bytes read here and written there, both counted",
    "update": "bytes read and written in place, both counted, as an optimizer does with its state",
    "touch": "bytes written for the first time since the system gave the memory: a page fault each page",
    "gather": "bytes of rows read at random places",
    "scatter": "bytes of rows written at random places",
    "product": "floating-point operations of a product of matrices",
}


class Rate(msgspec.Struct, frozen=True):
    """kind: one of KINDS. size: bytes of what is worked on. row: bytes of a row, 0 where there are none. values: bytes
    or operations a second, one a sample, in the order they were taken.
    """

    kind: str
    size: int
    row: int
    values: tuple[float, ...]


class Ceilings(msgspec.Struct, frozen=True, kw_only=True):
    """device, threads: as the axes of a case. software: versions of what moved the bytes. started: ISO 8601, UTC."""

    schema: int = SCHEMA
    machine: dict[str, Any]
    device: str
    threads: int
    software: dict[str, str]
    started: str
    rates: tuple[Rate, ...]

    def rate(self, kind: str, size: float = math.inf, row: float = 0) -> Summary | None:
        """Bytes (or operations) a second of `kind`, of the measured size and row that come nearest by their ratio; by
        default of the largest size, where no cache helps. None where the kind was not measured.
        """
        known = [each for each in self.rates if each.kind == kind]
        if not known:
            return None
        nearest = min({each.row for each in known}, key=lambda each: _apart(each, row))
        sizes = {each.size: each for each in known if each.row == nearest}
        at = max(sizes) if size == math.inf else min(sizes, key=lambda each: _apart(each, size))
        return summarize(sizes[at].values)


class Find(msgspec.Struct, frozen=True):
    """Where ceilings of a machine are looked for and kept. machine: its fingerprint."""

    machine: str
    device: str
    threads: int
    directory: Path = DIRECTORY

    @property
    def path(self) -> Path:
        return self.directory / f"{self.machine}-{self.device}-{self.threads}.json"


_decoder = msgspec.json.Decoder(Ceilings)


def load_ceilings(find: Find) -> Ceilings | None:
    """None where none were measured, as of a machine whose fingerprint, out of somebody's results file, names no file.
    Raises FileError: unreadable, or not what `save_ceilings` wrote.
    """
    if not is_part_of_path(find.path.name) or not is_part_of_path(find.machine):
        return None
    try:
        found = admit(wire.decode(find.path.read_bytes(), _decoder))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FileError(f"{find.path}: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise FileError(f"{find.path}: not ceilings: {error}; delete it to have them measured again") from None
    if found.schema != SCHEMA:
        raise FileError(f"{find.path}: schema {found.schema}, this embbench reads {SCHEMA}; delete it to measure again")
    return found


def save_ceilings(ceilings: Ceilings, find: Find) -> Path:
    """Replaces what was there at once. Raises FileError where it cannot be written."""
    try:
        find.directory.mkdir(parents=True, exist_ok=True)
        replace_file(find.path, wire.encode(ceilings) + b"\n")
    except OSError as error:
        raise FileError(f"{find.path}: {error.strerror}") from None
    return find.path


def _apart(one: float, other: float) -> float:
    return abs(math.log(max(one, 1) / max(other, 1)))
