"""Caption lines of tables that were stepped alone: caches, displaced bytes, and missing counters."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeGuard

from embbench.cases.units import format_quantity
from embbench.plain import one_line
from embbench.store.machine import MOST
from embbench.store.round import Round

WHY_NOT = ("table_alone", "counters")  # conditions that say why a number is missing
TLB = "TLB"


def known_sizes(machine: Mapping[str, Any]) -> dict[str, int]:
    """Name -> bytes of each cache that the machine reports, and of the memory that the TLB reaches. Values that are no
    size are left out: a file may hold anything.
    """
    caches, sizes = machine.get("caches"), {}
    for name, size in [*(caches.items() if isinstance(caches, dict) else ()), (TLB, machine.get("tlb_reach"))]:
        if _is_size(size):
            sizes[one_line(str(name))] = size
    return sizes


def about_caches(rounds: Sequence[Round]) -> list[tuple[str, str]]:
    """(word, text) of each line; [] where no table was stepped alone."""
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
        parts.append(f"the TLB reaches {_bytes(known[TLB])} of ordinary pages")
    elif parts:
        parts.append("the machine does not report the reach of its TLB")
    return " · ".join(parts)


def _displaced(line: Round) -> str:
    size, known = line.conditions.get("displaced_bytes"), known_sizes(line.machine)
    if not _is_size(size):
        return ""
    largest = max((each for name, each in known.items() if name != TLB), default=0)
    less = ", less than the largest cache," if size < largest else ""
    return f"as many threads as the step has wrote {_bytes(size)}{less} before each lookup and each gradient"


def _reasons(rounds: Iterable[Round]) -> list[str]:
    reasons = (line.conditions.get(name) for line in rounds for name in WHY_NOT)
    return list(dict.fromkeys(one_line(reason) for reason in reasons if isinstance(reason, str)))


def _is_size(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 < value < MOST


def _bytes(size: int) -> str:
    return format_quantity(size, "B", 3)
