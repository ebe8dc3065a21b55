"""The Round: the answer of one fresh process for one case, as a line of JSON with a checksum."""

import functools
import zlib
from typing import Annotated, Any, Literal

import msgspec

from embbench import wire
from embbench.cases.case import MOST, Case, check_counts
from embbench.cases.claim import Claim
from embbench.cases.declared import Declared
from embbench.cases.learning_curve import LearningCurve
from embbench.cases.protocol import Protocol, check_protocol
from embbench.errors import FileError, UsageError
from embbench.store.machine import check

SCHEMA = 1

UNPROVEN = "unproven"  # code of the warning that the oracle could check nothing of a round

Status = Literal["ok", "invalid", "oom_host", "oom_device", "timeout", "crash", "skipped", "unsupported", "interrupted"]

# Shorter and longer times do not exist. Ratios of times within the limits, and their squares, are finite numbers.
LEAST_TIME, MOST_TIME = 1e-30, 1e30  # seconds; a clock may also show 0, or go back
Sample = Annotated[float, msgspec.Meta(ge=-1e100, le=1e100)]


class Values(msgspec.Struct, frozen=True, gc=False):
    """The values of one metric in base units: raw samples in order, or a single value."""

    unit: str
    kind: str
    better: str
    values: Annotated[tuple[Sample, ...], msgspec.Meta(min_length=1)]


class Warning_(msgspec.Struct, frozen=True):  # noqa: N801 - `Warning` is Python's own
    """A warning for readers. code: stable, for scripts. text: what happened and what to do."""

    code: str
    text: str


class Audit(msgspec.Struct, frozen=True, gc=False):
    """semantic: the declared class. max_error: largest relative error. difference: text of the first difference, if
    any.
    """

    semantic: str = msgspec.field(name="class")
    passed: bool
    max_error: float
    checks: int
    difference: str | None = None


class Code(msgspec.Struct, frozen=True, gc=False):
    """A loaded file. path: relative to the contender's folder if the file lies in it, else absolute. digest: of the
    content when the file was loaded; 'a+b' if it was loaded again with other content.
    """

    path: str
    digest: str


class Loaded(msgspec.Struct, frozen=True, gc=False):
    """The code that a worker had loaded, without its contender's file, Python and embbench. code: by module. packages:
    versions of installed distributions that the contender does not declare.
    """

    code: dict[str, Code] = {}
    packages: dict[str, str] = {}

    def told(self) -> dict[str, str]:
        """Module or distribution -> digest or version."""
        return {**self.packages, **{name: each.digest for name, each in self.code.items()}}


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a journal. ran: facts that the trial detected about itself. started: ISO 8601, UTC. launch: name of
    the pair of resident workers that took turns, '' for a lone worker. declared: the contender's declaration of the
    case; None in older lines, and if the contender does not support the case. commit: of the git repository in which
    the command was given; '' without.
    """

    schema: int = SCHEMA
    run: str
    suite: str
    case_id: str
    case: Case
    round: Annotated[int, msgspec.Meta(ge=0, le=MOST)]
    protocol: Protocol
    status: Status
    reason: str | None = None
    metrics: dict[str, Values] = {}
    audit: Audit | None = None
    ran: dict[str, Any] = {}
    warnings: tuple[Warning_, ...] = ()
    conditions: dict[str, Any] = {}
    machine: dict[str, Any] = {}
    software: dict[str, str] = {}
    started: str = ""
    launch: str = ""
    loaded: Loaded = Loaded()
    declared: Declared | None = None
    claims: tuple[Claim, ...] = ()
    curves: tuple[LearningCurve, ...] = ()
    commit: str = ""

    @property
    def unproven(self) -> bool:
        """Whether the oracle could check nothing of the contender."""
        return any(warning.code == UNPROVEN for warning in self.warnings)

    @property
    def finished(self) -> bool:
        """Whether a resumed run leaves this round alone."""
        return self.status != "interrupted"


_decoder = msgspec.json.Decoder(Round)


class _Schema(msgspec.Struct):
    schema: int


_schema = msgspec.json.Decoder(_Schema)
_SEAL = b',"crc32":"'


def encode(round_: Round) -> bytes:
    """The line with its newline. Its last key is a CRC-32 of everything before it, so that a flipped byte shows."""
    body = wire.encode(round_)[:-1]
    return body + _SEAL + b'%08x"}\n' % zlib.crc32(body)


def decode(line: bytes, where: str) -> Round:
    """The Round in a line. Raises FileError starting with `where` for another schema, a damaged line, or values that
    embbench never writes, such as a case that `make_case` refuses: the checksum detects damage, not other authors.
    """
    body, seal, rest = line.rstrip().rpartition(_SEAL)
    try:
        schema = wire.decode(line, _schema).schema
    except msgspec.DecodeError:
        raise FileError(f"{where}: not a line that embbench wrote, or damaged; {_REMEDY}") from None
    if schema != SCHEMA:
        raise FileError(f"{where}: schema {schema}, this embbench reads {SCHEMA}; use the embbench that wrote it")
    if not seal or rest != b'%08x"}' % zlib.crc32(body):
        raise FileError(f"{where}: changed after it was written (the checksum is wrong); {_REMEDY}")
    try:
        round_ = wire.decode(line, _decoder)
        check(round_.machine)
        _check_asked(round_.case, round_.protocol)
        _check_times(round_.metrics)
        return round_
    except (ValueError, UsageError) as error:  # msgspec.DecodeError is one of the former
        raise FileError(f"{where}: not a round: {error}; {_REMEDY}") from None


_REMEDY = "restore the file, or delete that line to go on with the others"


@functools.lru_cache(maxsize=1024)  # thousands of lines have few cases
def _check_asked(case: Case, protocol: Protocol) -> None:
    check_counts(case)
    check_protocol(protocol)


def _check_times(metrics: dict[str, Values]) -> None:
    for name, each in metrics.items():
        some = tuple(map(abs, filter(None, each.values))) if each.unit == "s" or name == "step_time" else ()
        if some and not LEAST_TIME <= min(some) <= max(some) <= MOST_TIME:
            raise ValueError(f"{name}: {min(some)} to {max(some)} seconds")
