"""The grammar of axis values on the command line and in suites: lists and ranges.

200k,500k,2M      a list
200k:2M:x2        200k, then times 2, up to and including 2M
64:512:+64        64, then plus 64, up to and including 512

A comma that may part thousands is refused, with both readings: 1,048,576 must not measure 1, 48 and 576 rows.
"""

import itertools
import re
from collections.abc import Sequence
from typing import Any

from embbench.errors import UsageError, unknown
from embbench.spec.case import AXES, COUNT_AXES
from embbench.spec.units import MOST_DIGITS, parse_count, plain_digits, shortened

MOST_VALUES = 1000
MOST_GROUPS = 6  # that a message spells out
STEEPEST = 16  # times from one value of a list to the next, beyond which a comma is taken to part thousands

_FIRST = re.compile(r"[0-9]{1,3}")
_GROUP = re.compile(r"( *)([0-9]{3})((?: ?[kKmMgG]|[.:].*)?)")
_FRACTION = re.compile(r"[0-9],[0-9]{1,2} ?[kKmMgG]")


def parse_axis(name: str, text: str | Sequence[str]) -> tuple[Any, ...]:
    """Values of axis `name`, in order, without repeats. text: as it is written; several where a flag is repeated, which
    no comma joins. Raises UsageError naming the axis and what is wrong.
    """
    if name not in AXES:
        raise UsageError(unknown("axis", name, AXES))
    values: list[Any] = []
    for each in [text] if isinstance(text, str) else text:
        values.extend(_values(name, each))
    return tuple(dict.fromkeys(values))


def _values(name: str, text: str) -> list[Any]:
    if name in COUNT_AXES:
        _check_commas(name, text)
    values: list[Any] = []
    for part in (piece.strip() for piece in text.split(",")):
        if not part:
            raise UsageError(f"{name}: empty value in {shortened(text)}")
        values.extend(_counts(name, part) if name in COUNT_AXES else [part])
    return values


def _check_commas(name: str, text: str) -> None:
    """Raises UsageError where commas may part the thousands of one number, or its fraction."""
    if name == "vocab" and _FRACTION.fullmatch(text.strip()):
        raise UsageError(_readings(name, text.strip().split(","), "."))
    pieces = text.split(",")
    start = 0
    while start < len(pieces):
        end = _end_of_run(pieces, start)
        if end - start > 1:
            run = [*pieces[start : end - 1], _bare(pieces[end - 1])]
            if not _is_list(name, run, pieces[start - 1] if start else ""):
                raise UsageError(_readings(name, run, ""))
        start = max(end, start + 1)


def _end_of_run(pieces: Sequence[str], start: int) -> int:
    """Where the groups of three digits end that begin at a piece; `start` itself where none do."""
    if not _FIRST.fullmatch(pieces[start].strip()):
        return start
    end = start + 1
    while end < len(pieces) and (match := _GROUP.fullmatch(pieces[end].rstrip())):
        end += 1
        if match[3]:
            break
    return end


def _bare(piece: str) -> str:
    """Without the rest of a range behind it."""
    return piece.partition(":")[0]


def _is_list(name: str, run: Sequence[str], before: str) -> bool:
    """Whether '128,256,512', which also reads as 128256512, is a list. before: the piece in front of it.

    It is none where a group begins with 0: nobody writes 048. With a space after each comma it is, and where it goes on
    rising from a number that is no group itself: 16,64,256. Else it is where people write such lists: values in order,
    each no more than STEEPEST times the other, and rounder than the one number: 64,128 but not 16,384, 1,500 or 12,500.
    Of a table's rows it never is: they are asked for by the thousand and by the million, and 1,234,567 rows are one
    table. To let a list be refused costs a look at the message; to measure another table than was meant costs the
    result. To refuse all such lists was rejected: --dim 128,256 is what everybody writes.
    """
    if any(group.strip().startswith("0") for group in run[1:]):
        return False
    if all(group.startswith(" ") for group in run[1:]):
        return True
    try:
        values = [parse_count(group) for group in run]
    except ValueError:  # a fraction behind it
        return False
    rises = all(one < other for one, other in itertools.pairwise(values))
    if before.strip().isdigit() and int(before) < values[0] and rises:
        return True
    falls = all(one > other for one, other in itertools.pairwise(values))
    near = all(max(pair) <= STEEPEST * min(pair) for pair in itertools.pairwise(values))
    rounder = max(map(_figures, values)) + 2 <= _figures(int(plain_digits("".join(run))))
    return name != "vocab" and (rises or falls) and near and rounder


def _figures(value: int) -> int:
    """Significant digits, decimal or binary, whichever are fewer: 1 of 500 and of 512, 2 of 384."""
    binary = f"{value:b}".rstrip("0")
    return min(len(str(value).rstrip("0")), len(binary)) or 1


def _readings(name: str, run: Sequence[str], comma: str) -> str:
    """comma: what stands in its place in the one number."""
    if len(run) > MOST_GROUPS:
        return f"{name}: {shortened(','.join(run))} could be one number: write it without commas"
    pieces = [piece.strip() for piece in run]
    number = comma.join(pieces).replace(" ", "")
    grouped = f" (or {int(number):_})" if number.isdigit() and len(number) <= MOST_DIGITS else ""
    *most, last = [piece.lstrip("0") or "0" for piece in pieces]
    text = ",".join(run).strip()
    return (
        f"{name}: {shortened(text)} could be {number}{' rows' if name == 'vocab' else ''}, or the list "
        f"{', '.join(most)} and {last}: write {number}{grouped}, or {' '.join(f'--{name} {each}' for each in most)} "
        f"--{name} {last}"
    )


def _counts(name: str, part: str) -> list[int]:
    pieces = part.split(":")
    try:
        if len(pieces) == 1:
            return [parse_count(part)]
        if len(pieces) == 3 and pieces[2][:1] in ("x", "+"):
            return _range(parse_count(pieces[0]), parse_count(pieces[1]), pieces[2][0], parse_count(pieces[2][1:]))
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None
    raise UsageError(f"{name}: {shortened(part)} is no range; write start:stop:xFACTOR or start:stop:+STEP")


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
