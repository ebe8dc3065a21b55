"""Compares the machines of Rounds by their facts: the same machine, a twin, or another kind of machine."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal

UNKNOWN = "unknown"
Machine = Mapping[str, Any]
Kinship = Literal["same", "twin", "other"]

# Share by which the memory of one machine may vary: a kernel takes more or less for itself, about 10 MiB of 24 GiB.
MEMORY_TOLERANCE = 0.02
KIND = ("cpu", "cpus", "system", "devices", "quota")  # facts in the fingerprint
MEMORY = ("memory", "limit")
MOST = 2**64  # largest number in these facts; JSON may contain thousands of digits
NUMBERS = ("cpus", "quota", *MEMORY)
TEXTS = ("cpu", "system", "fingerprint", "id", "boot", "driver")


def check(machine: Machine) -> None:
    """Raises ValueError naming a fact of a wrong type: numbers must be numbers, texts must be texts. None means
    unknown. Facts that are only shown may have any type.
    """
    for names, types in ((NUMBERS, (int, float)), (TEXTS, (str,))):
        for name in names:
            if machine.get(name) is not None and type(machine[name]) not in types:
                raise ValueError(f"machine.{name} is {type(machine[name]).__name__}")
    for name in NUMBERS:
        if machine.get(name) is not None and not 0 <= machine[name] < MOST:
            raise ValueError(f"machine.{name} is out of range")
    devices = machine.get("devices") or []
    if not isinstance(devices, list) or not all(isinstance(each, str) for each in devices):
        raise ValueError("machine.devices is no list of names")


def kind_of(machine: Machine) -> str:
    """The fingerprint of the machine's kind, or 'unknown'."""
    return str(machine.get("fingerprint", UNKNOWN))


def name_of(machine: Machine) -> str:
    """The kind of machine and its id if known: 'd6119ea6-13c62edd'. If only the boot is known, the id of the boot: two
    boots may be two machines.
    """
    which = _which(machine)
    return f"{kind_of(machine)}-{which}" if which else kind_of(machine)


def names_of(machines: Iterable[Machine], twins: bool = False) -> list[str]:
    """`name_of` of every machine. If machines of one name differ in memory or its limit by more than MEMORY_TOLERANCE,
    a number distinguishes them: 'd6119ea6-13c62edd', 'd6119ea6-13c62edd.2'. twins: whether the kind alone is the name,
    so that machines of one kind count as one machine.
    """
    known: dict[str, list[Machine]] = {}
    names = []
    for machine in machines:
        name = kind_of(machine) if twins else name_of(machine)
        alike = known.setdefault(name, [])
        at = next((index for index, each in enumerate(alike) if _as_large(each, machine)), len(alike))
        if at == len(alike):
            alike.append(machine)
        names.append(f"{name}.{at + 1}" if at else name)
    return names


def kinship(one: Machine, other: Machine) -> Kinship:
    """'same': one machine, as far as known. 'twin': machines of one kind, not known to be one machine. 'other':
    machines of different kinds. Rounds of an old embbench without ids count as one machine if the kind is the same, as
    they did then.
    """
    if not _one_kind(one, other) or not _as_large(one, other):
        return "other"
    ids = [_which(one), _which(other)]
    if not all(ids):
        return "same"
    boots = [machine.get("boot", UNKNOWN) for machine in (one, other)]
    known_ids = [machine.get("id", UNKNOWN) for machine in (one, other)]
    if UNKNOWN in known_ids and boots[0] == boots[1] != UNKNOWN:
        return "same"
    return "same" if ids[0] == ids[1] else "twin"


def difference(one: Machine, other: Machine) -> tuple[str, Any, Any] | None:
    """(name, value, other value) of the first fact that differs; None if both are one machine."""
    found = kinship(one, other)
    if found == "same":
        return None
    if found == "twin":
        return "id", _which(one), _which(other)
    for name in KIND:
        if one.get(name) != other.get(name):
            return name, one.get(name), other.get(name)
    for name in MEMORY:
        if not _near(one.get(name), other.get(name)):
            return name, one.get(name), other.get(name)
    return "fingerprint", kind_of(one), kind_of(other)


def _which(machine: Machine) -> str:
    """The id, or the boot; '' in rounds of an old embbench without both, 'unknown' if neither can be known."""
    if "id" not in machine:
        return ""
    found = str(machine["id"])
    return found if found != UNKNOWN else str(machine.get("boot", UNKNOWN))


def _one_kind(one: Machine, other: Machine) -> bool:
    if ("id" in one) == ("id" in other):
        return kind_of(one) == kind_of(other)
    # The fingerprint of an earlier embbench covers other facts, but the facts themselves can be compared.
    return all(one.get(name) == other.get(name) for name in KIND)


def _as_large(one: Machine, other: Machine) -> bool:
    return all(_near(one.get(name), other.get(name)) for name in MEMORY)


def _near(one: Any, other: Any) -> bool:
    if not one or not other:
        return not one and not other
    return math.isclose(one, other, rel_tol=MEMORY_TOLERANCE)
