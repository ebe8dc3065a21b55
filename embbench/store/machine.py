"""Which machine a Round was measured on, from the facts that it carries: one machine, a twin of it, or another kind."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal

UNKNOWN = "unknown"
Machine = Mapping[str, Any]
Kinship = Literal["same", "twin", "other"]

# Share by which the bytes of one machine may differ: a kernel takes more or less for itself, some 10 MiB of 24 GiB.
MEMORY_TOLERANCE = 0.02
KIND = ("cpu", "cpus", "system", "devices", "quota")  # what the fingerprint is of
MEMORY = ("memory", "limit")
MOST = 2**64  # of a number of these facts; JSON may hold some of thousands of digits
NUMBERS = ("cpus", "quota", *MEMORY)
TEXTS = ("cpu", "system", "fingerprint", "id", "boot", "driver")


def check(machine: Machine) -> None:
    """Raises ValueError naming a fact that no embbench tells so: what is a number must be one, a text a text. None
    stands for what a system does not tell; facts that are only shown may be anything.
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
    """The kind and, where the machine tells, which of that kind: 'd6119ea6-13c62edd'. Where nothing but the boot is
    known it is the boot's: two boots may be two machines.
    """
    which = _which(machine)
    return f"{kind_of(machine)}-{which}" if which else kind_of(machine)


def names_of(machines: Iterable[Machine]) -> list[str]:
    """`name_of` each; those of one name whose memory, or its limit, differs by more than MEMORY_TOLERANCE are told
    apart by a number: 'd6119ea6-13c62edd', 'd6119ea6-13c62edd.2'.
    """
    known: dict[str, list[Machine]] = {}
    names = []
    for machine in machines:
        name = name_of(machine)
        alike = known.setdefault(name, [])
        at = next((index for index, each in enumerate(alike) if _as_large(each, machine)), len(alike))
        if at == len(alike):
            alike.append(machine)
        names.append(f"{name}.{at + 1}" if at else name)
    return names


def kinship(one: Machine, other: Machine) -> Kinship:
    """'same': one machine, as far as both tell. 'twin': of one kind, and not known to be one machine. 'other': of
    different kinds. Rounds of an embbench that told no id are held to be of one machine if they are of one kind, as
    they were then.
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
    """The first fact that makes them two machines, with its two values; None where they are one."""
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
    """'' where an earlier embbench told neither, 'unknown' where neither can be known."""
    if "id" not in machine:
        return ""
    found = str(machine["id"])
    return found if found != UNKNOWN else str(machine.get("boot", UNKNOWN))


def _one_kind(one: Machine, other: Machine) -> bool:
    if ("id" in one) == ("id" in other):
        return kind_of(one) == kind_of(other)
    # The fingerprint of an earlier embbench was of other facts; the facts themselves can be compared.
    return all(one.get(name) == other.get(name) for name in KIND)


def _as_large(one: Machine, other: Machine) -> bool:
    return all(_near(one.get(name), other.get(name)) for name in MEMORY)


def _near(one: Any, other: Any) -> bool:
    if not one or not other:
        return not one and not other
    return math.isclose(one, other, rel_tol=MEMORY_TOLERANCE)
