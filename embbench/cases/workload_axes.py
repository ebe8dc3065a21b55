"""The axes that workloads add to a case, from the literals `AXES` of their files."""

from typing import NamedTuple

from embbench.cases.workload_files import read_literals


class WorkloadAxis(NamedTuple):
    """An axis of whole numbers. default: also the meaning of lines that are older than the axis. help: of its flag.
    unit: name of one unit of a size that a step may grow with, such as 'hidden unit'; '' for an axis that is no size.
    Audits use a small size. training: the value in the small training task; None: the case's own value.
    """

    default: int
    help: str
    unit: str = ""
    training: int | None = None


AXES_OF = read_literals("AXES", "axis", WorkloadAxis)
WORKLOAD_AXES = {name: axis for axes in AXES_OF.values() for name, axis in axes.items()}
