"""The code that a process has loaded, without Python, embbench and the packages that its contender declares."""

import ast
import gc
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FunctionType

from embbench.contenders import HERE, Contender, packages
from embbench.contenders._own_model import engine_parts
from embbench.engines.imported import engine_files, files_and_imports
from embbench.engines.listed import listed_workloads
from embbench.engines.model_file import is_model, read_model
from embbench.host.code import Distribution, Owners, absolute, digest_file, distributions, is_under, place_of
from embbench.host.packages import measuring_files, normal, own_needs
from embbench.store.round import Code, Loaded
from embbench.worker.imports import ENGINES, MAIN, PACKAGE, file_of, is_before, is_users, noted

MAINS = (MAIN, "__mp_main__")  # the worker itself, and its second name for multiprocessing
MAPS = Path("/proc/self/maps")
PREFIXES = (sys.base_prefix, sys.prefix, os.path.realpath(sys.base_prefix))
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/nix/store", *PREFIXES)  # of shared libraries


def loaded(contender: Contender) -> Loaded:
    """The code that this process has loaded so far: the user's files with their digests, files of the engines that
    neither the contender's digest nor embbench's version covers, and versions of distributions that the contender does
    not declare. The contender's file, data and code without a file are left out.
    """
    known, own = distributions(), absolute(str(contender.file))
    folder, owners = str(Path(own).parent), Owners(known)
    left_out = {own, *_covered(contender)}
    files: dict[str, tuple[str, str]] = {}
    paths: set[str] = set()
    found: set[str] = set()
    for name, path, told in _every(folder):
        if path in left_out or (path in paths and told is None):
            continue
        if (distribution := owners.of(path)) is not None:
            found.add(distribution.name)
        elif (place_of(path) or is_users(path) or is_under(path, ENGINES)) and (seen := told or digest_file(path)):
            files[name if name not in files else path] = path, seen
            paths.add(path)
    known.reverse()  # of a distribution that lies in two places, Python imports the first
    versions = {each.name: each.version for each in known if each.name in found or _edited(each, files)}
    for name in (*map(normal, packages(contender)), *own_needs(), "embbench"):
        versions.pop(name, None)
    code = {name: Code(_shown(path, folder), told) for name, (path, told) in sorted(files.items())}
    return Loaded(code, dict(sorted(versions.items())))


def _covered(contender: Contender) -> set[str]:
    """Files of embbench that the contender's digest covers, or embbench's own version."""
    package = Path(PACKAGE)
    files = [*engine_files(ast.parse(contender.file.read_bytes())), *measuring_files(package)]
    if is_model(contender.path):
        files += engine_parts(read_model(contender.path))
    files += files_and_imports(listed_workloads(contender.declaration.engine_workloads).values())
    return {absolute(path) for path in (*files, *package.glob("engines/**/__init__.py"))}  # these have no code


def shadowed(contender: Contender) -> list[str]:
    """A sentence for each module that was probably meant to be a file beside the contender but is another file."""
    own, texts = Path(absolute(str(contender.file))), []
    if own.parent == HERE:
        return []
    meant = _imports(own)
    for name, module in list(sys.modules.items()):  # a copy: a thread may import meanwhile
        if "." in name:
            continue
        path = file_of(module)
        # Modules that embbench and Python had loaded before are no mistake, unless the contender imports them by name.
        others = path is None or is_before(name) or not place_of(absolute(path))
        if others and name not in meant:
            continue
        for beside in (own.parent / f"{name}.py", own.parent / name / "__init__.py"):
            if beside != own and beside.is_file() and (path is None or absolute(path) != str(beside)):
                source = path or "Python itself"
                texts.append(
                    f"the module {name} was loaded from {source}, not from {beside}: rename that file to use it"
                )
    return texts


def _imports(path: Path) -> set[str]:
    """Top-level modules that the file imports, by its text."""
    nodes = list(ast.walk(ast.parse(path.read_bytes())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    return {name.partition(".")[0] for name in names}


def _every(folder: str) -> Iterator[tuple[str, str, str | None]]:
    """(name, absolute path, digest at the import or None)."""
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
    # Files that were executed without an import, if a function of them is left; and shared libraries.
    for path in sorted({*_of_functions(), *_mapped(folder)} - paths):
        if is_users(path) and Path(path).is_file():
            yield path, path, None


def _of_functions() -> set[str]:
    return {each.__code__.co_filename for each in gc.get_objects() if type(each) is FunctionType}


def _mapped(folder: str) -> set[str]:
    """Files with machine code of this process, without the system's files. Files in `folder`, beside the contender,
    belong to the user wherever the folder is: container images have programs in /usr/src.
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
    """Whether one of the files belongs to a distribution that is installed in editable mode."""
    project = distribution.project
    return bool(project) and any(is_under(path, project) for path, _ in files.values())


def _shown(path: str, folder: str) -> str:
    """The path relative to the contender's folder if the file lies in it, else the absolute path."""
    return os.path.relpath(path, folder) if is_under(path, folder) else path
