"""The two sides of an A/B: which worker does which case on which side."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from embbench.contenders import Contender, missing_packages, read, software
from embbench.errors import UsageError
from embbench.launch.inventory import worker_command
from embbench.launch.origin import Origin, folder
from embbench.launch.preflight import how_to_install
from embbench.spec.case import Case, also_varying, label_both
from embbench.spec.sources import Source
from embbench.store.exchange import Inventory


class Party(msgspec.Struct, frozen=True):
    """One side of one case. missing: why it cannot run in its environment, '' where it can. slowdown, source: see
    `Request`.
    """

    case: Case
    contender: Contender
    command: tuple[str, ...]
    software: dict[str, str]
    missing: str = ""
    slowdown: float | None = None
    source: Source | None = None


class Contest(msgspec.Struct, frozen=True):
    """One case on both sides. name: as a person tells it from others. key: tells its launches from those of another
    contest of the same case.
    """

    name: str
    base: Party
    head: Party
    key: str = ""


def local_party(case: Case, contender: Contender, command: Sequence[str], source: Source | None = None) -> Party:
    """Of the environment that this process runs in."""
    missing = missing_packages(contender)
    told = how_to_install(missing) if missing else ""
    return Party(case, contender, tuple(command), software(contender), told, source=source)


def foreign_party(case: Case, python: str, inventory: Inventory, flag: str, source: Source | None = None) -> Party:
    """Of another environment. Raises UsageError where it has no such contender."""
    known = inventory.contenders.get(case.contender)
    if known is None:
        raise UsageError(f"{flag}: {python} has no contender {case.contender}: {', '.join(inventory.contenders)}")
    told = f"{python}: {how_to_install(known.missing)}" if known.missing else ""
    return Party(case, read(Path(known.path)), worker_command(python), known.software, told, source=source)


def contests(base: Sequence[Party], head: Sequence[Party]) -> list[Contest]:
    """Side by side, in order. Raises UsageError where the sides have other numbers of cases."""
    if len(base) != len(head):
        raise UsageError(f"base has {len(base)} cases and head has {len(head)}: what differs must be one value a side")
    also = also_varying([party.case for party in (*base, *head)])
    return [Contest(label_both(one.case, other.case, also), one, other) for one, other in zip(base, head, strict=True)]


def origin_of(party: Party, machine: Mapping[str, object]) -> Origin:
    """Of rounds that its worker cannot write itself."""
    contender, foreign = party.contender, party.command[:1] != (sys.executable,)
    name = party.case.contender
    return Origin(
        dict(machine), {name: party.software}, {name: folder(contender)}, foreign, {name: contender.declaration}
    )
