"""The command that measures what is missing."""

from collections.abc import Iterable

from embbench.results.axes import axis_text
from embbench.spec.case import AXES, NO_UPDATE, Case

ALWAYS = ("contender", "table", "update", "optimizer")  # the suite that `run` takes by itself has several
DEFAULTS = Case()


def flags(case: Case) -> str:
    """The case's axes as flags, where they are not what they are by default."""
    values = {axis: getattr(case, axis) for axis in AXES}
    told = {axis: value for axis, value in values.items() if value not in (getattr(DEFAULTS, axis), NO_UPDATE)}
    return " ".join(f"--{axis} {axis_text(axis, value)}" for axis, value in told.items())


def command(case: Case, rounds: int = 3, **values: Iterable[int]) -> str:
    """`embbench run` of the case. values: axis -> values that it is to be measured at."""
    told = []
    for axis in AXES:
        if axis in values:
            told.append(f"--{axis} {','.join(axis_text(axis, each) for each in values[axis])}")
        elif (value := getattr(case, axis)) != NO_UPDATE and (axis in ALWAYS or value != getattr(DEFAULTS, axis)):
            told.append(f"--{axis} {axis_text(axis, value)}")
    return f"embbench run {' '.join(told)} --rounds {rounds}"
