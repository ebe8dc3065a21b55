"""The parts of a step by workload, from the literals `PARTS` of their files."""

from collections.abc import Mapping
from typing import NamedTuple

from embbench.cases.workload_files import read_literals


class Part(NamedTuple):
    """A program for a part of a step, compiled separately where the step is compiled. A trial offers some of the parts
    of its workload (`cases.capabilities.Divisible`). They run in the order of the literal, and a program may use the
    results of earlier programs. A part that cannot run alone is left out.

    help: what the program does. label: of the part in tables. includes: the part whose program this program runs too;
    its time is subtracted. within: the part that contains this part, which is then not in the sum of the parts.
    profiled: the time of `cases.capabilities.PROFILED` that this part belongs to. trains_table: whether the part exists
    only for a table that trains.
    """

    help: str
    label: str
    includes: str = ""
    within: str = ""
    profiled: str = ""
    trains_table: bool = False

    @property
    def description(self) -> str:
        """The definition of the part's metric."""
        return f"Within phase_{self.within}: {self.help}." if self.within else f"Part of a step: {self.help}."


def metric_of(part: str) -> str:
    """The name of the metric of a part."""
    return f"phase_{part}"


def parts_of(workload: str) -> Mapping[str, Part]:
    """Name -> part, in the order of a step. For a workload that is not known here, the parts of all workloads."""
    return PARTS_OF.get(workload, WORKLOAD_PARTS)


PARTS_OF = read_literals("PARTS", "part", Part)
WORKLOAD_PARTS = {name: part for parts in PARTS_OF.values() for name, part in parts.items()}
