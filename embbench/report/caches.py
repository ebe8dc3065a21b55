"""Caption lines of tables that were stepped by themselves: caches, what displaced them, and what was not counted."""

from collections.abc import Iterable, Sequence
from typing import Any

from embbench.plain import one_line
from embbench.spec.units import format_quantity
from embbench.store.round import Round

TOLD = ("table_alone", "counters")  # conditions that say why something was not measured


def about_caches(rounds: Sequence[Round]) -> list[tuple[str, str]]:
    """[] where no table was stepped by itself. A file of others may hold anything among its conditions."""
    alone = [line for line in rounds if "table_time" in line.metrics]
    if not alone:
        return []
    found = {text: None for line in alone if (text := _caches(line.machine))}
    swept = {line.conditions.get("displaced_bytes") for line in alone}
    sizes = sorted(each for each in swept if type(each) is int)
    lines = [("caches", text) for text in found]
    if sizes:
        told = " or ".join(_bytes(size) for size in sizes)
        lines.append(("displaced", f"before a lookup and before a gradient, {told} were written by as many threads"))
    return lines + [("not counted", text) for text in _reasons(rounds)]


def _caches(machine: dict[str, Any]) -> str:
    caches, reach = machine.get("caches"), machine.get("tlb_reach")
    known = caches.items() if isinstance(caches, dict) else ()
    parts = [f"{one_line(str(name))} {_bytes(size)}" for name, size in known if type(size) is int]
    if type(reach) is int:
        parts.append(f"address translation reaches {_bytes(reach)} in ordinary pages")
    elif parts:
        parts.append("the machine does not say how far address translation reaches")
    return " · ".join(parts)


def _reasons(rounds: Iterable[Round]) -> list[str]:
    found = (line.conditions.get(name) for line in rounds for name in TOLD)
    return list(dict.fromkeys(one_line(each) for each in found if isinstance(each, str)))


def _bytes(size: int) -> str:
    return format_quantity(size, "B", 3)
