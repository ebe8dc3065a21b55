"""The two sides of a comparison: their cases and workers."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from embbench.cases.case import Case, also_varying, label_both
from embbench.cases.sources import Source
from embbench.contenders import Contender, missing_packages, read, software
from embbench.errors import UsageError
from embbench.launch.inventory import worker_command
from embbench.launch.origin import Origin, folder
from embbench.launch.preflight import how_to_install
from embbench.store.exchange import Inventory


class Party(msgspec.Struct, frozen=True):
    """One side of a contest. missing: the reason why the case cannot run in its environment, else ''. slowdown, source:
    see `Request`.
    """

    case: Case
    contender: Contender
    command: tuple[str, ...]
    software: dict[str, str]
    missing: str = ""
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
    missing = missing_packages(contender)
    told = how_to_install(missing) if missing else ""
    return Party(case, contender, tuple(command), software(contender), told, source=source)


def foreign_party(case: Case, python: str, inventory: Inventory, flag: str, source: Source | None = None) -> Party:
    """The side for a case in another environment. Raises UsageError if that environment has no such contender."""
    known = inventory.contenders.get(case.contender)
    if known is None:
        raise UsageError(f"{flag}: {python} has no contender {case.contender}: {', '.join(inventory.contenders)}")
    told = f"{python}: {how_to_install(known.missing)}" if known.missing else ""
    return Party(case, read(Path(known.path)), worker_command(python), known.software, told, source=source)


def contests(base: Sequence[Party], head: Sequence[Party]) -> list[Contest]:
    """Pairs of both sides, in order. Raises UsageError if the sides have different numbers of cases."""
    if len(base) != len(head):
        raise UsageError(f"base has {len(base)} cases and head has {len(head)}: give one value per side")
    also = also_varying([party.case for party in (*base, *head)])
    return [Contest(label_both(one.case, other.case, also), one, other) for one, other in zip(base, head, strict=True)]


def origin_of(party: Party, machine: Mapping[str, object]) -> Origin:
    """The origin of Rounds that the side's worker cannot write itself."""
    contender, foreign = party.contender, party.command[:1] != (sys.executable,)
    name = party.case.contender
    return Origin(
        dict(machine), {name: party.software}, {name: folder(contender)}, foreign, {name: contender.declaration}
    )
