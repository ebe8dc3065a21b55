"""The axes of a Result, the texts of their values, and `--filter`."""

import operator
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from embbench.analysis.collapse.collapse import Result
from embbench.cases.case import AXES, COUNT_AXES, NO_UPDATE, has_axis
from embbench.cases.former import as_asked
from embbench.cases.runtimes import SYSTEM
from embbench.cases.sources import same_content
from embbench.cases.tokens import FILES
from embbench.cases.units import format_count, parse_count, plain_digits
from embbench.cases.workload_axes import WORKLOAD_AXES
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
_CONDITION = re.compile(r"\s*([^<>=!]*?)\s*(>=|<=|!=|=|>|<)\s*(.*?)\s*")

_SEPARATED = re.compile(r"[<>=|]\s*([0-9]{1,3}(?:,\s*[0-9]{3}){1,5})(?![0-9])")

Value = int | str
Keep = Callable[[Result], bool]


def axis_value(result: Result, axis: str) -> Value:
    """The value of any axis in ALL_AXES; '' for an axis of text that the case's workload does not have."""
    if not has_axis(result.case, axis) and axis not in COUNT_AXES:
        return ""
    return getattr(result.case, axis) if axis in AXES else getattr(result, axis)


def axis_text(axis: str, value: Value) -> str:
    """The text of a value in a table and in `--filter`."""
    if axis == "threads" and value == 0:
        return "all"
    return format_count(value) if axis in COUNT_AXES and isinstance(value, int) and axis != "seed" else str(value)


def named_as_asked(result: Result, asked: Mapping[str, Collection[object]]) -> Result:
    """The result with the names of `as_asked`, to hold its values against those that a user asks for."""
    return msgspec.structs.replace(result, case=as_asked(result.case, asked))


def joined(axes: Sequence[str], values: Sequence[Value], separator: str = " ") -> str:
    """Values of several axes as a heading, without the update 'none' of a frozen table, the runtime of the system and
    the 0 of an axis that a single kind of table has.
    """
    pairs = zip(axes, values, strict=True)
    texts = [
        axis_text(axis, value) for axis, value in pairs if value not in UNSAID and not _of_other_tables(axis, value)
    ]
    return separator.join(texts) or (SYSTEM if SYSTEM in values else "all")


def _of_other_tables(axis: str, value: Value) -> bool:
    return value == 0 and axis in WORKLOAD_AXES and WORKLOAD_AXES[axis].table != ""


def listed(values: Iterable[str], separator: str = ", ", most: int = 4) -> str:
    """The first `most` values, and the number of values if there are more."""
    texts = list(values)
    return separator.join(texts[:most]) + (f"{separator}… {len(texts)} in all" if len(texts) > most else "")


def distinct(results: Iterable[Result], axis: str) -> list[Value]:
    """The distinct values of an axis, without a frozen table's update and without a lone set of versions."""
    values = dict.fromkeys(axis_value(result, axis) for result in results)
    return [value for value in values if not (axis == "update" and value == NO_UPDATE) and value != ""]


def varying(results: Sequence[Result]) -> list[str]:
    """Axes with several values."""
    return [axis for axis in ALL_AXES if len(distinct(results, axis)) > 1]


def naming_axes(results: Sequence[Result]) -> list[str]:
    """The axes that `named` needs to distinguish the results."""
    axes = varying(results)
    if "table" in axes and "update" not in axes:
        axes.append("update")
    return axes


def named(axes: Sequence[str], result: Result) -> str:
    """The name of a result among others, from the values of `naming_axes`."""
    words = [
        f"{axis}={axis_text(axis, value)}" if axis in COUNT_AXES or axis == "machine" else axis_text(axis, value)
        for axis in axes
        for value in [axis_value(result, axis)]
        if value not in UNSAID and has_axis(result.case, axis)
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
    """'vocab>=1M,table=frozen' -> a predicate that holds where all conditions hold.

    Operators: = != >= <= > <; text axes have = and != only; '|' lists alternatives. For former contenders see
    `as_asked`. Raises UsageError for an unknown axis, a wrong operator or number, or a text value that no result has.
    """
    check_commas(text, "--filter")
    asked = _asked(text)
    named = [named_as_asked(result, asked) for result in results]
    conditions = [_condition(part, named) for part in text.split(",") if part.strip()]
    return lambda result: all(condition(named_as_asked(result, asked)) for condition in conditions)


def known_values(results: Iterable[Result], axis: str) -> str:
    """'100k, 200k': the values of an axis in the results, numbers ascending; '' for none."""
    values = distinct(results, axis)
    if axis in COUNT_AXES:
        values.sort(key=lambda value: (isinstance(value, str), value))
    return listed((axis_text(axis, value) for value in values), most=8)


def nothing_passes(text: str, results: Sequence[Result]) -> str:
    """'no case passes --filter vocab=3M; the results have vocab 100k, 200k'. text: of `parse_filter`."""
    asked = _asked(text)
    named = [named_as_asked(result, asked) for result in results]
    there = [f"{axis} {values}" for axis in asked if (values := known_values(named, axis))]
    return f"no case passes --filter {text}" + (f"; the results have {'; '.join(there)}" if there else "")


def _asked(text: str) -> dict[str, list[str]]:
    """Axis -> the values in the conditions of a filter."""
    asked: dict[str, list[str]] = {}
    for match in map(_CONDITION.fullmatch, text.split(",")):
        if match is not None:
            asked.setdefault(match[1], []).extend(part.strip() for part in match[3].split("|"))
    return asked


def check_commas(text: str, flag: str) -> None:
    """Raises UsageError where a comma separates the thousands of a number, as in 'vocab>=1,000,000'."""
    if separated := _SEPARATED.search(text):
        number = plain_digits(separated[1])
        either = "|".join(part.strip() for part in separated[1].split(","))
        hint = f", or several values as {either}" if flag == "--filter" else ""
        raise UsageError(
            f"{flag}: a comma separates entries: write {separated[1]} as {number} (or {int(number):_}){hint}"
        )


def _condition(text: str, results: Sequence[Result]) -> Keep:
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise UsageError(
            f"--filter: {quoted(text.strip())} is no condition; write for example vocab>=1M or table=frozen"
        )
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
    """The values of a text; several where rounds of several versions of embbench store a file's content."""
    if axis in COUNT_AXES:
        return [parse_number(axis, text, "--filter")]
    if sign not in ("=", "!="):
        raise UsageError(f"--filter: {axis}{sign}{text}: {axis} is no number; write {axis}= or {axis}!=")
    if axis == "tokens" and (streams := streams_named(text, results)):
        return streams
    return [check_text(axis, text, results, "--filter")]


def streams_named(text: str, results: Sequence[Result]) -> list[str]:
    """The token streams of results that a user's text means: corpus:FILE means its content."""
    try:
        return same_content(text, {result.case.tokens for result in results})
    except UsageError:
        if text.partition(":")[0] in FILES:
            raise
        return []  # the caller lists the known streams


def parse_number(axis: str, text: str, flag: str) -> int:
    """A count such as 1M; 'all' threads are 0. Raises UsageError with flag and axis."""
    if axis == "threads" and text == "all":
        return 0
    try:
        return parse_count(text)
    except ValueError as error:
        raise UsageError(f"{flag}: {axis}: {error}") from None


def check_text(axis: str, text: str, results: Sequence[Result], flag: str) -> str:
    """The text itself. Raises UsageError unless some result has this value."""
    valid = {str(axis_value(result, axis)) for result in results}
    if text not in valid:
        raise UsageError(f"{flag}: " + unknown(f"{axis}", text, valid))
    return text
