"""Literals of workload files. They are read and never executed, because every process and `--help` need them, and
`cases` lies below `workloads`.
"""

import ast
import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

WORKLOADS = Path(__file__).parents[1] / "workloads"
PACKAGE = "embbench.workloads."

Entry = TypeVar("Entry")


def read_literals(
    literal: str, kind: str, make: Callable[..., Entry], directory: Path = WORKLOADS
) -> dict[str, dict[str, Entry]]:
    """Workload -> the entries of its literal of this name; {} for a workload without the literal. A file may import
    the literal from another file of the directory. make: is called with the fields of an entry. kind: of an entry, for
    the message. Raises ValueError where two workloads have different entries of one name.
    """
    found = {
        workload: {name: make(**fields) for name, fields in (entries or {}).items()}
        for workload, entries in raw_literals(literal, directory).items()
    }
    _check_alike(kind, found)
    return found


def raw_literals(literal: str, directory: Path = WORKLOADS) -> dict[str, Any]:
    """Workload -> its literal of this name; None for a workload without the literal."""
    paths = [path for path in sorted(directory.glob("*.py")) if not path.stem.startswith("_")]
    return {path.stem: literal_of(path, literal) for path in paths}


def literal_of(path: Path, name: str) -> Any:
    """The literal of a file by name; None for a file without it."""
    found = _named(path.read_bytes(), str(path)).get(name)
    if isinstance(found, str):
        return literal_of(path.with_name(found), name)
    return None if found is None else ast.literal_eval(found)


@functools.cache
def _named(source: bytes, name: str) -> dict[str, ast.expr | str]:
    """Name -> its value in a source, or the file that it is imported from; of several, the first. Every process starts
    with this, so a source is parsed once for all literals. name: of its file.
    """
    found: dict[str, ast.expr | str] = {}
    for node in ast.parse(source, filename=name).body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, node.value)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found.setdefault(alias.name, (node.module or "").removeprefix(PACKAGE) + ".py")
    return found


def _check_alike(kind: str, found: Mapping[str, Mapping[str, object]]) -> None:
    first: dict[str, tuple[str, object]] = {}
    for workload, entries in found.items():
        for name, entry in entries.items():
            other, known = first.setdefault(name, (workload, entry))
            if known != entry:
                raise ValueError(f"the workloads {other} and {workload} define the {kind} {name} differently")
