"""A part of a plan, for one of several machines: `--shard 3/8` is the third of eight parts.

Cases that a ratio compares stay in one part, since ratios of two machines are ratios of the machines. The parts depend
on the cases alone, so that every machine cuts the same plan alike.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from embbench.cases.case import AXES, WAYS, Case
from embbench.errors import UsageError, quoted

ROUND = 2**28  # bytes of a table whose steps take about as long as the start of a process, as `plan` estimates both


class Shard(NamedTuple):
    """number: from 1 to `parts`."""

    number: int
    parts: int


def parse_shard(text: str) -> Shard:
    """'3/8'. Raises UsageError."""
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
    if match is None:
        raise UsageError(f"--shard: {quoted(text)} is no part; write 3/8 for the third of eight parts")
    shard = Shard(*map(int, match.groups()))
    if not 1 <= shard.number <= shard.parts:
        raise UsageError(
            f"--shard: {text} does not exist; the parts are 1/{shard.parts} to {shard.parts}/{shard.parts}"
        )
    return shard


def cases_of(shard: Shard, cases: Sequence[Case], reference: str, flag: str = "--shard") -> tuple[Case, ...]:
    """The cases of a part, in their order. reference: of the ratios, as a View has it: 'axis=value,...'; where it is
    '', all ways to do the same work stay together. The largest groups are dealt first, each to the part with the least
    bytes so far. flag: that named the number of parts. Raises UsageError where there are more parts than groups.
    """
    compared = [each.partition("=")[0].strip() for each in reference.split(",")] if reference else WAYS
    groups: dict[tuple[object, ...], list[Case]] = {}
    for each in cases:
        groups.setdefault(tuple(getattr(each, axis) for axis in AXES if axis not in compared), []).append(each)
    if shard.parts > len(groups):
        raise UsageError(
            f"{flag}: {shard.parts} parts are too many; cases that are compared stay together, so "
            f"{len(groups)} is the most here"
        )
    weights = [0] * shard.parts
    mine: set[Case] = set()
    for group in sorted(groups.values(), key=_weight, reverse=True):
        part = weights.index(min(weights))
        weights[part] += _weight(group)
        mine |= set(group) if part == shard.number - 1 else set()
    return tuple(each for each in cases if each in mine)


def _weight(group: Sequence[Case]) -> int:
    return sum(ROUND + each.table_bytes for each in group)
