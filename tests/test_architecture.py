"""The diagram is the test: imports point down only, towers meet only in store and cases, no room is a lumber room."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "embbench"

FLOORS = """
floor 9   cli | pytest_plugin
floor 8   ab | report
floor 7   launch | analysis.compare | analysis.cost
floor 6   worker | analysis.collapse
floor 5   contenders | lies | store
floor 4   engines
floor 3   oracle
floor 2   workloads
floor 1   cases | stats | host
floor 0   errors | plain | wire
"""

# launch and cli start workers as processes; the consuming tower must work where nothing can be measured.
PRODUCING = {"launch", "worker", "contenders", "engines", "lies", "oracle", "host"}
IN_WORKERS = {"worker", "contenders", "engines", "lies"}  # the rooms whose modules may load a framework
NAMING = {"contenders", "engines"}  # the rooms that name frameworks
NEVER = {
    "launch": {"worker", "analysis.collapse"},
    "cli": {"worker"},
    "analysis.collapse": PRODUCING,
    "analysis.compare": PRODUCING,
    "analysis.cost": PRODUCING,
    "report": PRODUCING,
}
FRAMEWORKS = {"torch", "tensorflow", "keras", "jax", "jaxlib", "optax", "fbgemm", "fbgemm_gpu"}
LUMBER = {"util", "utils", "common", "helpers", "misc", "base", "core"}

FILES = sorted(PACKAGE.rglob("*.py"))
FILE_OF = {
    ".".join(("embbench", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in FILES
}


def floors() -> dict[str, int]:
    rooms = {}
    for line in FLOORS.strip().splitlines():
        _, number, *names = line.replace("|", " ").split()
        rooms |= {name: int(number) for name in names}
    return rooms


def imports(path: Path) -> Iterator[str]:
    return imported(ast.parse(path.read_text()))


def imported(tree: ast.Module) -> Iterator[str]:
    """Modules, also those that are imported by name from their package."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import of {node.module}"
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (each if each in FILE_OF else node.module or "" for each in modules)


def room(path: Path) -> str:
    return room_of(path.relative_to(PACKAGE).with_suffix("").parts)


def room_of(parts: Sequence[str]) -> str:
    """The first of a module's names; in `analysis`, where each folder is a room, the first two."""
    return ".".join(parts[:2]) if parts[0] == "analysis" and parts[1:2] != ("__init__",) else parts[0]


def name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def test_every_room_has_its_floor():
    assert {room(path) for path in FILES} - {"__init__", "analysis"} == set(floors())


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_point_down(path):
    rooms = floors()
    own = room(path)
    for module in imports(path):
        parts = module.split(".")
        if parts[0] != "embbench" or len(parts) == 1 or own == "__init__":
            continue
        other = room_of(parts[1:])
        assert other not in NEVER.get(own, set()), f"{own} must not import {other}"
        assert other == own or rooms[other] < rooms[own], f"{own} (floor {rooms[own]}) imports {other}"


@pytest.mark.parametrize("path", [path for path in FILES if room(path) not in NAMING], ids=name)
def test_no_framework_outside_contenders_and_engines(path):
    for module in imports(path):
        assert module.split(".")[0] not in FRAMEWORKS
    words = set(re.findall(r"[a-z_]+", path.read_text().lower()))
    assert not FRAMEWORKS & words


@pytest.mark.parametrize("path", [*FILES, *(path for path in PACKAGE.rglob("*") if path.is_dir())], ids=name)
def test_no_lumber_room(path):
    assert path.stem not in LUMBER


@pytest.mark.parametrize("path", FILES, ids=name)
def test_small_rooms(path):
    assert len(path.read_text().splitlines()) <= 250


def top_level(path: Path) -> Iterator[str]:
    """Names of classes and of aliases of types, which are written in mixed case."""
    for node in ast.parse(path.read_text()).body:
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        names = [node.name] if isinstance(node, ast.ClassDef) else [getattr(each, "id", "") for each in targets]
        yield from (each for each in names if re.fullmatch(r"[A-Z]\w*[a-z]\w*", each))


def test_no_two_types_have_one_name():
    """Lies are left out: each is named after what it leaves out, and nothing imports it."""
    homes: dict[str, list[str]] = {}
    for path in FILES:
        if room(path) != "lies":
            for each in top_level(path):
                homes.setdefault(each, []).append(name(path))
    assert {each: paths for each, paths in homes.items() if len(paths) > 1} == {}


def test_no_circle_of_imports():
    """Of modules; what is imported on use counts, what only types need does not."""
    graph = {
        path: {FILE_OF[module] for module in runtime_imports(path) if module in FILE_OF} - {path} for path in FILES
    }
    left = dict(graph)
    while free := [path for path, needed in left.items() if not needed & left.keys()]:
        for path in free:
            del left[path]
    assert sorted(map(name, left)) == []


def runtime_imports(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    yield from imported(tree)


def test_the_parent_loads_no_framework():
    """Listing, validating and planning, in a process of its own: only `sys.modules` can tell."""
    parents = [module for module, path in FILE_OF.items() if room(path) not in IN_WORKERS or path.name == "__init__.py"]
    code = (
        f"import sys, importlib; [importlib.import_module(each) for each in {parents!r}];"
        "from embbench.contenders import discover; from embbench.cases.suite import load_suite;"
        "discover(); load_suite('embedding-scaling');"
        f"print(sorted({FRAMEWORKS!r} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_help_loads_no_analysis():
    """`embbench --help` must not wait for what it does not use; importing all of `report` took 0.1 s."""
    code = (
        "import sys; from embbench.cli import main; main(['--help']);"
        "print([name for name in sys.modules if name.startswith(('embbench.analysis', 'numpy'))], file=sys.stderr)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stderr.strip() == "[]"
