"""The commands that measure a missing case, and missing ceilings."""

import re
from collections.abc import Iterable, Sequence

import msgspec

from embbench.analysis.collapse.axes import axis_text
from embbench.analysis.cost.lacks import Measure
from embbench.cases.axes import parse_axis
from embbench.cases.case import AXES, NO_UPDATE, Case
from embbench.cases.former import with_todays_names
from embbench.errors import UsageError

ALWAYS = ("contender", "table", "update", "optimizer")  # the default suite of `run` has several values
DEFAULTS = Case()
_CONTENT = re.compile(r"([a-z]+(?::left)?)#([0-9a-f]+)")


def _text(axis: str, value: int | str) -> str:
    """A value in the command's syntax. A Case knows the content of a file but not its path: FILE replaces the path."""
    text = axis_text(axis, value)
    if axis == "tokens" and (match := _CONTENT.fullmatch(text)):
        return f"{match[1]}:FILE#{match[2]}"
    return text


def _listed(axis: str, texts: Sequence[str]) -> str:
    """The values as a list, or as repeated flags where a comma could be read as the thousands of a number."""
    text = ",".join(texts)
    try:
        parse_axis(axis, text)
    except UsageError:
        return " ".join(f"--{axis} {each}" for each in texts)
    return f"--{axis} {text}"


def flags(case: Case) -> str:
    """The case's axes as flags, without default values."""
    case = with_todays_names(case)
    values = {axis: getattr(case, axis) for axis in AXES}
    changed = {axis: value for axis, value in values.items() if value not in (getattr(DEFAULTS, axis), NO_UPDATE)}
    return " ".join(f"--{axis} {_text(axis, value)}" for axis, value in changed.items())


def command(case: Case, rounds: int = 3, /, **values: Iterable[int | str]) -> str:
    """`embbench run` of the case. values: axis -> its values to measure."""
    case, parts = with_todays_names(case), []
    for axis in AXES:
        if axis in values:
            parts.append(_listed(axis, [axis_text(axis, each) for each in values[axis]]))
        elif (value := getattr(case, axis)) != NO_UPDATE and (axis in ALWAYS or value != getattr(DEFAULTS, axis)):
            parts.append(f"--{axis} {_text(axis, value)}")
    return f"embbench run {' '.join(parts)} --rounds {rounds}"


def measure_commands(measures: Sequence[Measure], rounds: int = 3) -> str:
    """The commands in the shell's syntax. Cases that differ in the update alone have one command."""
    updates: dict[tuple[Case, tuple[tuple[str, tuple[int, ...]], ...]], dict[str, None]] = {}
    for each in measures:
        others = msgspec.structs.replace(each.case, update=NO_UPDATE, **dict.fromkeys(each.sizes, 0))
        updates.setdefault((others, tuple(each.sizes.items())), {})[each.case.update] = None
    commands = []
    for (case, sizes), names in updates.items():
        values: dict[str, Iterable[int | str]] = dict(sizes)
        if NO_UPDATE not in names:
            values["update"] = names
        commands.append(command(case, rounds, **values))
    return "; ".join(commands)


def ceilings_command(case: Case) -> str:
    """`embbench doctor` for the ceilings of the case's device and threads, and where to run it."""
    of = f"--device {case.device} --threads {case.threads}"
    return f"embbench doctor --ceilings {of}, on the machine of these results"
