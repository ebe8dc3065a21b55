"""Caption lines of tables that were stepped by themselves: caches, what displaced them, and what was not counted."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeGuard

from embbench.plain import one_line
from embbench.spec.units import format_quantity
from embbench.store.machine import MOST
from embbench.store.round import Round

TOLD = ("table_alone", "counters")  # conditions that say why something was not measured
TLB = "TLB"


def known_sizes(machine: Mapping[str, Any]) -> dict[str, int]:
    """Name -> bytes of each cache that the machine tells, and of the memory that address translation reaches (TLB). A
    file of others may hold anything there.
    """
    caches, found = machine.get("caches"), {}
    for name, size in [*(caches.items() if isinstance(caches, dict) else ()), (TLB, machine.get("tlb_reach"))]:
        if _is_size(size):
            found[one_line(str(name))] = size
    return found


def about_caches(rounds: Sequence[Round]) -> list[tuple[str, str]]:
    """[] where no table was stepped by itself."""
    alone = [line for line in rounds if "table_time" in line.metrics]
    if not alone:
        return []
    lines = [("caches", text) for text in dict.fromkeys(_caches(line.machine) for line in alone) if text]
    lines += [("displaced", text) for text in dict.fromkeys(map(_displaced, alone)) if text]
    return lines + [("not counted", text) for text in _reasons(rounds)]


def _caches(machine: Mapping[str, Any]) -> str:
    known = known_sizes(machine)
    parts = [f"{name} {_bytes(size)}" for name, size in known.items() if name != TLB]
    if TLB in known:
        parts.append(f"address translation reaches {_bytes(known[TLB])} in ordinary pages")
    elif parts:
        parts.append("the machine does not say how far address translation reaches")
    return " · ".join(parts)


def _displaced(line: Round) -> str:
    size, known = line.conditions.get("displaced_bytes"), known_sizes(line.machine)
    if not _is_size(size):
        return ""
    largest = max((each for name, each in known.items() if name != TLB), default=0)
    less = ", less than the largest cache," if size < largest else ""
    return f"before a lookup and before a gradient, {_bytes(size)}{less} were written by as many threads"


def _reasons(rounds: Iterable[Round]) -> list[str]:
    found = (line.conditions.get(name) for line in rounds for name in TOLD)
    return list(dict.fromkeys(one_line(each) for each in found if isinstance(each, str)))


def _is_size(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 < value < MOST


def _bytes(size: int) -> str:
    return format_quantity(size, "B", 3)
