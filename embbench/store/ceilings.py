"""Ceilings: how fast a machine moves bytes and multiplies matrices, measured once and saved in a file."""

import math
from collections.abc import Iterable
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

# The unit of each rate. A pass over a table is one read or one write of the table: 'update' makes two passes.
KINDS = {
    "read": "bytes read once, in order",
    "write": "bytes written once, in order",
    "copy": "bytes read from one array and written to another, reads and writes counted",
    "update": "bytes read and written in place, reads and writes counted, as an optimizer updates its state",
    "touch": "bytes written for the first time after allocation: one page fault per page",
    "gather": "bytes of rows read at random places",
    "scatter": "bytes of rows written at random places",
    "product": "floating-point operations of a matrix product",
}


class Rate(msgspec.Struct, frozen=True):
    """kind: one of KINDS. size: bytes of the arrays. row: bytes of a row, 0 without rows. values: bytes or operations
    per second, one value per sample, in order.
    """

    kind: str
    size: int
    row: int
    values: tuple[float, ...]


class Ceilings(msgspec.Struct, frozen=True, kw_only=True):
    """device, threads: as the axes of a case. software: versions of the measuring packages. started: ISO 8601, UTC."""

    schema: int = SCHEMA
    machine: dict[str, Any]
    device: str
    threads: int
    software: dict[str, str]
    started: str
    rates: tuple[Rate, ...]

    def rate(self, kind: str, size: float = math.inf, row: float = 0) -> Summary | None:
        """Bytes or operations per second of `kind`, for the measured size and row with the nearest ratio. The default
        is the largest size, for which no cache helps. None if the kind was not measured.
        """
        known = [each for each in self.rates if each.kind == kind]
        if not known:
            return None
        nearest = min({each.row for each in known}, key=lambda each: _apart(each, row))
        sizes = {each.size: each for each in known if each.row == nearest}
        at = max(sizes) if size == math.inf else min(sizes, key=lambda each: _apart(each, size))
        return summarize(sizes[at].values)


class Find(msgspec.Struct, frozen=True):
    """The place of the ceilings of a machine. machine: its fingerprint."""

    machine: str
    device: str
    threads: int
    directory: Path = DIRECTORY

    @property
    def path(self) -> Path:
        return self.directory / f"{self.machine}-{self.device}-{self.threads}.json"


_decoder = msgspec.json.Decoder(Ceilings)


def load_ceilings(find: Find) -> Ceilings | None:
    """The saved ceilings; None if there are none, also for a fingerprint in a foreign results file that cannot be a
    file name. Raises FileError if the file is unreadable or was not written by `save_ceilings`.
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
        raise FileError(f"{find.path}: not a file of ceilings: {error}; delete it to measure again") from None
    if found.schema != SCHEMA:
        raise FileError(f"{find.path}: schema {found.schema}, this embbench reads {SCHEMA}; delete it to measure again")
    return found


def nearest_ceilings(find: Find, files: Iterable[Path]) -> Ceilings | None:
    """The saved ceilings beside the results files, or else in `find.directory`. Beside a file means in `ceilings/` of
    its directory, or of the directory above: `run` writes to results/local/, `doctor` to results/ceilings/. Raises
    FileError as `load_ceilings` does.
    """
    places = [above / DIRECTORY.name for file in files for above in list(file.absolute().parents)[:2]]
    for place in (*places, find.directory):
        if (known := load_ceilings(msgspec.structs.replace(find, directory=place))) is not None:
            return known
    return None


def save_ceilings(ceilings: Ceilings, find: Find) -> Path:
    """Saves ceilings and replaces an older file at once. Raises FileError if the file cannot be written."""
    try:
        find.directory.mkdir(parents=True, exist_ok=True)
        replace_file(find.path, wire.encode(ceilings) + b"\n")
    except OSError as error:
        raise FileError(f"{find.path}: {error.strerror}") from None
    return find.path


def _apart(one: float, other: float) -> float:
    return abs(math.log(max(one, 1) / max(other, 1)))
