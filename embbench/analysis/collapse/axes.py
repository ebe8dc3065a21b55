"""The axes of a Result, how their values read, and `--filter`."""

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from embbench.analysis.collapse.collapse import Result
from embbench.cases.case import AXES, COUNT_AXES, NO_UPDATE
from embbench.cases.runtimes import SYSTEM
from embbench.cases.sources import same_content
from embbench.cases.tokens import FILES
from embbench.cases.units import format_count, parse_count, plain_digits
from embbench.errors import UsageError, quoted, unknown

ALL_AXES = (*AXES, "machine", "software")
UNSAID = (NO_UPDATE, SYSTEM, "")

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_TERM = re.compile(r"\s*([^<>=!]*?)\s*(>=|<=|!=|=|>|<)\s*(.*?)\s*")

_SEPARATED = re.compile(r"[<>=|]\s*([0-9]{1,3}(?:,\s*[0-9]{3}){1,5})(?![0-9])")

Value = int | str
Keep = Callable[[Result], bool]


def axis_value(result: Result, axis: str) -> Value:
    """The value of any axis in ALL_AXES."""
    return getattr(result.case, axis) if axis in AXES else getattr(result, axis)


def axis_text(axis: str, value: Value) -> str:
    """A value as it reads in a table, and as `--filter` takes it."""
    if axis == "threads" and value == 0:
        return "all"
    return format_count(value) if axis in COUNT_AXES and isinstance(value, int) and axis != "seed" else str(value)


def joined(axes: Sequence[str], values: Sequence[Value], separator: str = " ") -> str:
    """Values of several axes as one heading. What goes without saying is left out beside others: the update 'none' of a
    frozen table, the system's runtime.
    """
    told = [axis_text(axis, value) for axis, value in zip(axes, values, strict=True) if value not in UNSAID]
    return separator.join(told) or (SYSTEM if SYSTEM in values else "all")


def listed(values: Iterable[str], separator: str = ", ", most: int = 4) -> str:
    """The first values, and how many there are if that is not all."""
    told = list(values)
    return separator.join(told[:most]) + (f"{separator}… {len(told)} in all" if len(told) > most else "")


def distinct(results: Iterable[Result], axis: str) -> list[Value]:
    """The different values of an axis. A frozen table's update and a lone set of versions do not count as one."""
    found = dict.fromkeys(axis_value(result, axis) for result in results)
    return [value for value in found if not (axis == "update" and value == NO_UPDATE) and value != ""]


def varying(results: Sequence[Result]) -> list[str]:
    """Axes with more than one value."""
    return [axis for axis in ALL_AXES if len(distinct(results, axis)) > 1]


def naming_axes(results: Sequence[Result]) -> list[str]:
    """The axes by which `named` tells results apart."""
    axes = varying(results)
    if "table" in axes and "update" not in axes:
        axes.append("update")
    return axes


def named(axes: Sequence[str], result: Result) -> str:
    """One result as a person names it among others, by the values of `naming_axes`."""
    words = [
        f"{axis}={axis_text(axis, value)}" if axis in COUNT_AXES or axis == "machine" else axis_text(axis, value)
        for axis in axes
        for value in [axis_value(result, axis)]
        if value not in UNSAID
    ]
    return " ".join(words) or f"{result.case.contender} {result.case.table}"


def parse_axes(text: str, flag: str) -> tuple[str, ...]:
    """'table,update' -> the axes. Raises UsageError with the nearest valid name."""
    axes = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for axis in axes:
        if axis not in ALL_AXES:
            raise UsageError(f"{flag}: {unknown('axis', axis, ALL_AXES)}")
    return axes


def parse_filter(text: str, results: Sequence[Result]) -> Keep:
    """'vocab>=1M,table=frozen' -> a predicate that holds where all terms hold.

    Operators: = != >= <= > <; text axes know = and != only; '|' lists alternatives. Raises UsageError: an unknown
    axis, an operator or number that makes no sense, or a text value that no result has.
    """
    check_commas(text, "--filter")
    terms = [_term(part, results) for part in text.split(",") if part.strip()]
    return lambda result: all(term(result) for term in terms)


def check_commas(text: str, flag: str) -> None:
    """Raises UsageError where a comma parts the thousands of a number, as in 'vocab>=1,000,000'."""
    if separated := _SEPARATED.search(text):
        number = plain_digits(separated[1])
        either = "|".join(part.strip() for part in separated[1].split(","))
        hint = f", or several values as {either}" if flag == "--filter" else ""
        raise UsageError(
            f"{flag}: a comma ends a number here: write {separated[1]} as {number} (or {int(number):_}){hint}"
        )


def _term(text: str, results: Sequence[Result]) -> Keep:
    match = _TERM.fullmatch(text)
    if match is None:
        raise UsageError(f"--filter: {quoted(text.strip())} is no condition; write such as vocab>=1M or table=frozen")
    axis, sign, right = match.groups()
    if axis not in ALL_AXES:
        raise UsageError(f"--filter: {unknown('axis', axis, ALL_AXES)}")
    alternatives = [part.strip() for part in right.split("|")]
    if len(alternatives) > 1 and sign not in ("=", "!="):
        raise UsageError(f"--filter: {quoted(text.strip())}: '|' lists alternatives of = and != only")
    wanted = [value for part in alternatives for value in _values(axis, part, sign, results)]
    if sign == "=":
        return lambda result: axis_value(result, axis) in wanted
    if sign == "!=":
        return lambda result: axis_value(result, axis) not in wanted
    compare, limit = _OPERATORS[sign], wanted[0]
    return lambda result: compare(axis_value(result, axis), limit)


def _values(axis: str, text: str, sign: str, results: Sequence[Result]) -> Sequence[Value]:
    """Several where a file's content stands in rounds of several versions of embbench."""
    if axis in COUNT_AXES:
        return [parse_number(axis, text, "--filter")]
    if sign not in ("=", "!="):
        raise UsageError(f"--filter: {axis}{sign}{text}: {axis} is no number; write {axis}= or {axis}!=")
    if axis == "tokens" and (found := streams_named(text, results)):
        return found
    return [check_text(axis, text, results, "--filter")]


def streams_named(text: str, results: Sequence[Result]) -> list[str]:
    """The token streams of results that a stream means as a user writes it: corpus:FILE stands for its content."""
    try:
        return same_content(text, {result.case.tokens for result in results})
    except UsageError:
        if text.partition(":")[0] in FILES:
            raise
        return []  # whoever asks says which there are


def parse_number(axis: str, text: str, flag: str) -> int:
    """A count such as 1M; 'all' threads are 0. Raises UsageError naming flag and axis."""
    if axis == "threads" and text == "all":
        return 0
    try:
        return parse_count(text)
    except ValueError as error:
        raise UsageError(f"{flag}: {axis}: {error}") from None


def check_text(axis: str, text: str, results: Sequence[Result], flag: str) -> str:
    """The text itself. Raises UsageError unless some result has it."""
    valid = {str(axis_value(result, axis)) for result in results}
    if text not in valid:
        raise UsageError(f"{flag}: " + unknown(f"{axis}", text, valid))
    return text
