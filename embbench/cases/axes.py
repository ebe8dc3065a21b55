"""The grammar of axis values on the command line and in suites: lists and ranges.

200k,500k,2M      a list
200k:2M:x2        200k, then times 2, up to and including 2M
64:512:+64        64, then plus 64, up to and including 512

A comma that may separate thousands is an error, and the message has both readings: 1,048,576 must not measure 1, 48 and
576 rows, nor must 10,48,576, the same number in India, measure 10, 48 and 576.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

from embbench.cases.case import AXES, COUNT_AXES
from embbench.cases.units import MARKS, MOST_DIGITS, parse_count, plain_digits, shortened
from embbench.errors import UsageError, unknown

MOST_VALUES = 1000
MOST_GROUPS = 6  # spelt out in a message
STEEPEST = 16  # times between two values of a list; beyond, a comma is read as thousands

_FIRST = re.compile(rf"[0-9]{{1,3}}(?:[{MARKS}][0-9]{{3}})*")
_OTHER_MARKS = MARKS.replace(".", "")  # behind a comma, a period begins a fraction
_GROUP = re.compile(rf" *[0-9]{{3}}(?:[{_OTHER_MARKS}][0-9]{{3}})*(\.[0-9]*)?( ?[kKmMgG])?")
_PAIR = re.compile(r" *[0-9]{2}")
_TENTHS = re.compile(r" *[0-9]{1,2}(?: ?[kKmMgG]|[eE][0-9]{1,2})")


def parse_axis(name: str, text: str | Sequence[str]) -> tuple[Any, ...]:
    """Values of axis `name`, in order, without repeats. text: the value of a flag, or the values of a repeated flag.
    Raises UsageError with the axis and the error.
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
    """Raises UsageError where commas may separate the thousands or the fraction of a number. The check comes before the
    text is split at commas and colons.
    """
    parts = text.split(":")
    for place, part in enumerate(parts):
        how = part[:1] if place and part[:1] in ("x", "+") else ""
        for run, before in _runs(part.removeprefix(how)):
            if place and not how and before is None:  # the end of a range cannot be a list
                refused = True
            elif how == "x" and before is None:  # a factor of thousands is unlikely
                refused = run[1].strip().startswith("0")
            else:
                refused = not _is_list(name, run, before or "")
            if refused and place and before is None:
                number = _one_number(run, "")
                whole = ":".join([*parts[:place], part.replace(",".join(run), number, 1), *parts[place + 1 :]])
                raise UsageError(
                    f"{name}: {shortened(text)}: a comma separates values: write {shortened(whole)[1:-1]}, and repeat "
                    "the flag for several values"
                )
            if refused:
                raise UsageError(_readings(name, text, run, ""))
        if name == "vocab":
            _check_fraction(name, text, part.split(","))


def _check_fraction(name: str, text: str, pieces: Sequence[str]) -> None:
    for first, second in itertools.pairwise(pieces):
        if re.fullmatch(" *[0-9]", first) and re.fullmatch(_TENTHS, second.rstrip()) and not second.startswith(" "):
            raise UsageError(_readings(name, text, [first, second], "."))


def _runs(part: str) -> Iterator[tuple[list[str], str | None]]:
    """The runs of pieces between commas that may be a single number, with the piece in front."""
    pieces = part.split(",")
    start = 0
    while start < len(pieces):
        before = pieces[start - 1] if start else None
        if (end := _end_of_pairs(pieces, start)) > start:
            yield pieces[start:end], before
        end = _end_of_run(pieces, start)
        if end - start > 1:
            yield pieces[start:end], before
        start = max(end, start + 1)


def _end_of_run(pieces: Sequence[str], start: int) -> int:
    """The end of the groups of three digits from `start` on; `start` itself without such groups."""
    if not _FIRST.fullmatch(pieces[start].strip()):
        return start
    end = start + 1
    while end < len(pieces) and (match := _GROUP.fullmatch(pieces[end].rstrip())):
        end += 1
        if match[1] or match[2]:
            break
    return end


def _end_of_pairs(pieces: Sequence[str], start: int) -> int:
    """The end of a number with groups of two digits and a last group of three, as in 12,34,567; `start` itself without
    such a number.
    """
    end = start + 1
    while end < len(pieces) and _PAIR.fullmatch(pieces[end].rstrip()):
        end += 1
    first = re.fullmatch(r"[0-9]{1,2}", pieces[start].strip())
    long_enough = first is not None and start + 1 < end < len(pieces)
    return end + 1 if long_enough and _GROUP.fullmatch(pieces[end].rstrip()) else start


def _is_list(name: str, run: Sequence[str], before: str) -> bool:
    """Whether a run such as '128,256,512', which may also mean 128256512, is a list. before: the piece in front of the
    run.

    A run with a group that begins with 0 is not a list: nobody writes 048. A run with a space after each comma is a
    list, and so is a run that continues a rising list from a number that is not itself a group, as in 16,64,256. Any
    other run is a list if its values are in order, each at most STEEPEST times its neighbour, and rounder than the
    single number: 64,128, but not 16,384, 1,500 or 12,500. For `vocab` such a run is never a list: tables have
    thousands or millions of rows, and 1,234,567 rows are one table. A refused list costs a look at the message;
    measuring the wrong table costs the result. Refusing all such lists was rejected: everybody writes --dim 128,256.
    Groups of two digits are rows only where they grow by a constant factor: 1,10,100.
    """
    if any(group.strip().startswith("0") for group in run[1:]):
        return False
    pairs = len(run) > 2 and len(run[1].strip()) == 2
    if all(group.startswith(" ") for group in run[1:]):
        return True
    try:
        values = [parse_count(group) for group in run]
    except ValueError:  # the last piece has a fraction
        return False
    rises = all(one < other for one, other in itertools.pairwise(values))
    if pairs and name == "vocab":
        return rises and all(one * values[1] == other * values[0] for one, other in itertools.pairwise(values))
    if not pairs and before.strip().isdigit() and int(before) < values[0] and rises:
        return True
    falls = all(one > other for one, other in itertools.pairwise(values))
    near = all(max(pair) <= STEEPEST * min(pair) for pair in itertools.pairwise(values))
    rounder = max(map(_figures, values)) + 2 <= _figures(int(plain_digits("".join(run))))
    return name != "vocab" and (rises or falls) and near and rounder


def _figures(value: int) -> int:
    """Significant digits, decimal or binary, whichever are fewer: 1 for 500 and for 512, 2 for 384."""
    binary = f"{value:b}".rstrip("0")
    return min(len(str(value).rstrip("0")), len(binary)) or 1


def _one_number(run: Sequence[str], comma: str) -> str:
    """The run as a number. comma: the replacement of its commas."""
    if comma:
        return comma.join(piece.strip() for piece in run)
    match = re.fullmatch(r"(.*?)(\.[0-9]*)?(?: ?([a-zA-Z]|[eE][0-9]+))?", "".join(run).strip())
    whole, fraction, suffix = (part or "" for part in match.groups()) if match else ("".join(run), "", "")
    return f"{plain_digits(whole)}{fraction if fraction.strip('.0') else ''}{suffix}"


def _readings(name: str, text: str, run: Sequence[str], comma: str) -> str:
    """The message with both readings of a run. comma: the replacement of its commas in the number."""
    part, text = ",".join(run).strip(), text.strip()
    where = f"{name}: {shortened(part)}" if part == text else f"{name}: {shortened(text)}: {shortened(part)}"
    if len(run) > MOST_GROUPS:
        return f"{where} could be one number: write it without commas"
    number = _one_number(run, comma)
    grouped = f" (or {int(number):_})" if number.isdigit() and len(number) <= MOST_DIGITS else ""
    *most, last = [re.sub("^0+(?=[0-9])", "", _one_number([piece], "")) for piece in run]
    return (
        f"{where} could be {number}{' rows' if name == 'vocab' else ''}, or the list "
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
