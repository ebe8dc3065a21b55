"""The axes that workloads add to a case. A workload's file has its axes in a literal, `AXES`. The literal is read and
never executed, because every process and `--help` need the axes, and `cases` lies below `workloads`.
"""

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

WORKLOADS = Path(__file__).parents[1] / "workloads"


class WorkloadAxis(NamedTuple):
    """An axis of whole numbers. default: also the meaning of lines that are older than the axis. help: of its flag.
    unit: name of one unit of a size that a step may grow with, such as 'hidden unit'; '' for an axis that is no size.
    Audits use a small size. training: the value in the small training task; None: the case's own value.
    """

    default: int
    help: str
    unit: str = ""
    training: int | None = None


def read_axes(directory: Path = WORKLOADS) -> dict[str, dict[str, WorkloadAxis]]:
    """Workload -> name -> axis. Raises ValueError where two workloads define an axis differently."""
    found: dict[str, dict[str, WorkloadAxis]] = {}
    for path in sorted(directory.glob("*.py")):
        if not path.stem.startswith("_"):
            found[path.stem] = {name: WorkloadAxis(**axis) for name, axis in _literal(path).items()}
    _check_alike(found)
    return found


def _literal(path: Path) -> dict[str, dict[str, Any]]:
    for node in ast.parse(path.read_bytes(), filename=str(path)).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "AXES" for t in node.targets):
            return ast.literal_eval(node.value)
    return {}


def _check_alike(found: Mapping[str, Mapping[str, WorkloadAxis]]) -> None:
    first: dict[str, tuple[str, WorkloadAxis]] = {}
    for workload, axes in found.items():
        for name, axis in axes.items():
            other, known = first.setdefault(name, (workload, axis))
            if known != axis:
                raise ValueError(f"the workloads {other} and {workload} define the axis {name} differently")


AXES_OF = read_axes()
WORKLOAD_AXES = {name: axis for axes in AXES_OF.values() for name, axis in axes.items()}
