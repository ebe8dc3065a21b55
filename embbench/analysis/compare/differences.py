"""Differences of the sides' machines, versions, protocols and semantic classes, and the claims that they forbid."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from embbench.cases.protocol import MEASURING
from embbench.store.machine import Kinship, kinship, name_of
from embbench.store.round import Round

STATE = ("cpu", "cpus", "quota", "system", "devices", "kernel", "huge_pages", "governor", "driver")
MACHINE = (*STATE, "memory", "limit", "fingerprint")  # two kinds may agree in all other facts
NONE = "none"
OWN = frozenset({"contender", "embbench"})  # a commit changes these: they are compared


class Difference(msgspec.Struct, frozen=True, order=True):
    """kind: of ACROSS, or machine. capping: whether the difference forbids blaming a change on the candidate."""

    kind: str
    name: str
    base: str
    candidate: str
    capping: bool

    def __str__(self) -> str:
        return f"{self.name} {self.base} → {self.candidate}"


def differences(base: Iterable[Round], candidate: Iterable[Round]) -> list[Difference]:
    """All differences, machine first. Several values of a side are joined: 'a / b'."""
    one, other = list(base), list(candidate)
    kin = _kinship(one, other)
    names = MACHINE if kin == "other" else STATE
    found = [_told("machine", name, kin == "other", _machine(one), _machine(other)) for name in names]
    if kin == "twin":
        found.append(_told("twin", "machine", True, _which(one), _which(other)))
    versions = _software(one), _software(other)
    packages = dict.fromkeys([*versions[0], *versions[1]])
    found += [_told("software", name, name not in OWN, *versions) for name in packages]
    found += _loaded(one, other)
    found += [_told("protocol", name, True, _protocol(one), _protocol(other)) for name in MEASURING]
    return [each for each in found if each is not None]


def class_difference(base: Iterable[Round], candidate: Iterable[Round]) -> list[Difference]:
    """The difference of semantic class between the rounds of a case on both sides; [] for the same class."""
    found = _told("class", "class", True, _class(base), _class(candidate))
    return [] if found is None else [found]


def forbidding(found: Iterable[Difference], kind: str) -> list[Difference]:
    """The differences of a kind that forbid a verdict."""
    return [each for each in found if each.kind == kind and each.capping]


def _told(
    kind: str, name: str, capping: bool, base: Mapping[str, str], candidate: Mapping[str, str]
) -> Difference | None:
    then, now = base.get(name, NONE), candidate.get(name, NONE)
    return Difference(kind, name, then, now, capping) if then != now else None


def _kinship(base: Iterable[Round], candidate: Iterable[Round]) -> Kinship:
    """The most distant kinship of all pairs."""
    one, other = ({repr(line.machine): line.machine for line in side}.values() for side in (base, candidate))
    found = {kinship(first, second) for first in one for second in other}
    return "other" if "other" in found else "twin" if "twin" in found else "same"


def _machine(rounds: Iterable[Round]) -> dict[str, str]:
    return _joined((line.machine for line in rounds), MACHINE)


def _which(rounds: Iterable[Round]) -> dict[str, str]:
    return _joined(({"machine": name_of(line.machine)} for line in rounds), ("machine",))


def _software(rounds: Iterable[Round]) -> dict[str, str]:
    """Versions of measured rounds only: a process that died early knows fewer versions."""
    lines = [line.software for line in rounds if line.status in ("ok", "invalid")]
    return _joined(lines, dict.fromkeys(name for line in lines for name in line))


def _loaded(base: Iterable[Round], candidate: Iterable[Round]) -> list[Difference | None]:
    """Differences of the packages and code that both sides loaded, because cases need different modules. A difference
    in a user's own file is no cap: a commit changes it.
    """
    sides = [list(base), list(candidate)]
    packages = [[line.loaded.packages for line in side] for side in sides]
    code = [[{name: each.digest for name, each in line.loaded.code.items()} for line in side] for side in sides]
    found: list[Difference | None] = []
    for told, capping in ((packages, True), (code, False)):
        shared = set.intersection(*({name for each in side for name in each} for side in told))
        one, other = (_joined(side, sorted(shared)) for side in told)
        found += [_told("software", name, capping, one, other) for name in sorted(shared)]
    return found


def _protocol(rounds: Iterable[Round]) -> dict[str, str]:
    return _joined((msgspec.to_builtins(line.protocol) for line in rounds), MEASURING)


def _class(rounds: Iterable[Round]) -> dict[str, str]:
    return _joined(({"class": line.audit.semantic} for line in rounds if line.audit is not None), ("class",))


def _joined(facts: Iterable[Mapping[str, Any]], names: Iterable[str]) -> dict[str, str]:
    lines = list(facts)
    found = {name: dict.fromkeys(_text(line[name]) for line in lines if name in line) for name in names}
    return {name: " / ".join(values) for name, values in found.items() if values}


def _text(value: Any) -> str:
    """A fact as text. An unknown fact is NONE, like a fact that the round lacks: older rounds lack newer facts."""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or NONE
    return NONE if value is None else str(value)
