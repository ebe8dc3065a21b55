"""What code a process has loaded besides Python's own, embbench's and the packages that its contender declares."""

import ast
import gc
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FunctionType

from embbench.contenders import HERE, Contender, packages
from embbench.host.code import Distribution, absolute, digest_file, distributions, is_under, owner, place_of
from embbench.host.packages import normal, own_needs
from embbench.store.round import Code, Loaded
from embbench.worker.imports import MAIN, file_of, is_before, is_users, noted

MAINS = (MAIN, "__mp_main__")  # the worker itself, and its second name for multiprocessing
MAPS = Path("/proc/self/maps")
PREFIXES = (sys.base_prefix, sys.prefix, os.path.realpath(sys.base_prefix))
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/nix/store", *PREFIXES)  # of shared libraries


def loaded(contender: Contender) -> Loaded:
    """All that this process has loaded so far: files of the user's own with their digests, and versions of the
    distributions that the contender does not declare. The contender's own file is not among them, nor are data, nor
    what was executed from a text without a file.
    """
    known, own = distributions(), absolute(contender.path)
    folder = str(Path(own).parent)
    files: dict[str, tuple[str, str]] = {}
    found: set[str] = set()
    for name, path, told in _every(folder):
        if path == own or (any(path == each for each, _ in files.values()) and told is None):
            continue
        if (distribution := owner(path, known)) is not None:
            found.add(distribution.name)
        elif (place_of(path) or is_users(path)) and (seen := told or digest_file(path)):
            files[name if name not in files else path] = path, seen
    versions = {each.name: each.version for each in known if each.name in found or _edited(each, files)}
    for name in (*map(normal, packages(contender)), *own_needs(), "embbench"):
        versions.pop(name, None)
    code = {name: Code(_shown(path, folder), told) for name, (path, told) in sorted(files.items())}
    return Loaded(code, dict(sorted(versions.items())))


def shadowed(contender: Contender) -> list[str]:
    """A sentence for each module that was meant to be the file beside the contender, it seems, and is another one."""
    own, found = Path(absolute(contender.path)), []
    if own.parent == HERE:
        return []
    meant = _imports(own)
    for name, module in list(sys.modules.items()):
        path = file_of(module)
        # What embbench and Python had loaded before is nobody's mistake, unless the contender asks for it by name.
        others = path is None or is_before(name) or not place_of(absolute(path))
        if "." in name or (others and name not in meant):
            continue
        for beside in (own.parent / f"{name}.py", own.parent / name / "__init__.py"):
            if beside != own and beside.is_file() and (path is None or absolute(path) != str(beside)):
                told = path or "built into Python"
                found.append(f"the module {name} is {told}, and not {beside}: rename the file, if it was meant")
    return found


def _imports(path: Path) -> set[str]:
    """Top-level modules that a file's text imports."""
    nodes = list(ast.walk(ast.parse(path.read_bytes())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    return {name.partition(".")[0] for name in names}


def _every(folder: str) -> Iterator[tuple[str, str, str | None]]:
    """(name, absolute path, digest where it was taken at the import)."""
    seen = noted()
    for name, (path, told) in seen.items():
        yield name, path, told
    paths = {path for path, _ in seen.values()}
    for name, module in list(sys.modules.items()):
        path = file_of(module)
        if path is not None and name not in MAINS and not is_before(name):
            path = absolute(path)
            if path not in paths and Path(path).is_file():
                yield name, path, None
    # Files that were executed without being imported, of which a function is left; and shared libraries.
    for path in sorted({*_of_functions(), *_mapped(folder)} - paths):
        if is_users(path) and Path(path).is_file():
            yield path, path, None


def _of_functions() -> set[str]:
    return {each.__code__.co_filename for each in gc.get_objects() if type(each) is FunctionType}


def _mapped(folder: str) -> set[str]:
    """Files that hold machine code of this process, without the system's. What lies beside the contender, in `folder`,
    is the user's own wherever that is: images of containers have programs in /usr/src.
    """
    try:
        lines = MAPS.read_text(errors="replace").splitlines()
    except OSError:
        return set()
    found = {fields[5] for line in lines if len(fields := line.split(maxsplit=5)) == 6 and "x" in fields[1]}
    environments = [each for each in PREFIXES if is_under(each, folder)]  # in a project's own folder
    beside = {path for path in found if is_under(path, folder) and not _is_in(path, environments)}
    return beside | {path for path in found if path.startswith("/") and not _is_in(path, SYSTEM)}


def _is_in(path: str, directories: Iterable[str]) -> bool:
    return any(is_under(path, each) for each in directories)


def _edited(distribution: Distribution, files: dict[str, tuple[str, str]]) -> bool:
    """Whether a distribution that is installed editable has a file among these."""
    project = distribution.project
    return bool(project) and any(is_under(path, project) for path, _ in files.values())


def _shown(path: str, folder: str) -> str:
    """As seen from the contender's folder, where the file lies in it."""
    return os.path.relpath(path, folder) if is_under(path, folder) else path
