"""The two sides of a comparison: their cases and workers."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from embbench.cases.case import Case, also_varying, label_both
from embbench.cases.sources import Source
from embbench.contenders import Contender, read, software
from embbench.errors import UsageError
from embbench.launch.inventory import PythonEnvironment
from embbench.launch.origin import Origin, folder


class Party(msgspec.Struct, frozen=True):
    """One side of a contest. environment: in which it runs, if not this process's own. slowdown, source: see
    `Request`.
    """

    case: Case
    contender: Contender
    command: tuple[str, ...]
    software: dict[str, str]
    environment: PythonEnvironment | None = None
    slowdown: float | None = None
    source: Source | None = None


class Contest(msgspec.Struct, frozen=True):
    """One comparison of two cases. name: for the user. key: distinguishes the launches of contests of the same case."""

    name: str
    base: Party
    head: Party
    key: str = ""


def local_party(case: Case, contender: Contender, command: Sequence[str], source: Source | None = None) -> Party:
    """The side for a case in this process's environment."""
    return Party(case, contender, tuple(command), software(contender), source=source)


def foreign_party(case: Case, environment: PythonEnvironment, flag: str, source: Source | None = None) -> Party:
    """The side for a case in another environment. Raises UsageError if that environment has no such contender."""
    known = environment.of(case.contender)
    if known is None:
        others = ", ".join(environment.inventory.contenders)
        raise UsageError(f"{flag}: {environment.python} has no contender {case.contender}: {others}")
    return Party(case, read(Path(known.path)), environment.command, known.software, environment, source=source)


def contests(base: Sequence[Party], head: Sequence[Party]) -> list[Contest]:
    """Pairs of both sides, in order. Raises UsageError if the sides have different numbers of cases."""
    if len(base) != len(head):
        raise UsageError(f"base has {len(base)} cases and head has {len(head)}: give one value per side")
    also = also_varying([party.case for party in (*base, *head)])
    return [Contest(label_both(one.case, other.case, also), one, other) for one, other in zip(base, head, strict=True)]


def origin_of(party: Party, machine: Mapping[str, object]) -> Origin:
    """The origin of Rounds that the side's worker cannot write itself."""
    contender, name = party.contender, party.case.contender
    environments = {} if party.environment is None else {name: party.environment}
    return Origin(
        dict(machine), {name: party.software}, {name: folder(contender)}, environments, {name: contender.declaration}
    )
