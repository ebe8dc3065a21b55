"""The grammar of axis values on the command line and in suites: lists and ranges.

200k,500k,2M      a list
200k:2M:x2        200k, then times 2, up to and including 2M
64:512:+64        64, then plus 64, up to and including 512
"""

from typing import Any

from embbench.errors import UsageError, unknown
from embbench.spec.case import AXES, COUNT_AXES
from embbench.spec.units import parse_count

MOST_VALUES = 1000


def parse_axis(name: str, text: str) -> tuple[Any, ...]:
    """Values of axis `name`, in order, without repeats. Raises UsageError naming the axis and what is wrong."""
    if name not in AXES:
        raise UsageError(unknown("axis", name, AXES))
    values: list[Any] = []
    for part in (piece.strip() for piece in text.split(",")):
        if not part:
            raise UsageError(f"{name}: empty value in {text!r}")
        values.extend(_counts(name, part) if name in COUNT_AXES else [part])
    return tuple(dict.fromkeys(values))


def _counts(name: str, part: str) -> list[int]:
    pieces = part.split(":")
    try:
        if len(pieces) == 1:
            return [parse_count(part)]
        if len(pieces) == 3 and pieces[2][:1] in ("x", "+"):
            return _range(parse_count(pieces[0]), parse_count(pieces[1]), pieces[2][0], parse_count(pieces[2][1:]))
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None
    raise UsageError(f"{name}: {part!r} is no range; write start:stop:xFACTOR or start:stop:+STEP")


def _range(start: int, stop: int, how: str, by: int) -> list[int]:
    if stop < start:
        raise ValueError(f"the range ends ({stop}) before it starts ({start})")
    if by < (2 if how == "x" else 1) or (how == "x" and start == 0):
        raise ValueError(f"a range that never grows: {start}:{stop}:{how}{by}")
    values = []
    while start <= stop:
        values.append(start)
        if len(values) > MOST_VALUES:
            raise ValueError(f"a range of more than {MOST_VALUES} values")
        start = start * by if how == "x" else start + by
    return values
