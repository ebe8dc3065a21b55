"""A file here is a way of doing the work. The listing of this directory is the registry.

Files are found, and their DECLARES read, without executing them, so that the parent process never loads a framework.
`load` executes a file, in the worker.
"""

import ast
import functools
import hashlib
import importlib.util
import os
import platform
import shlex
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import msgspec

from embbench.cases.case import Case
from embbench.cases.contender import Declaration, Module
from embbench.cases.declaration_rules import check_declaration
from embbench.cases.package import Beware, Package
from embbench.cases.regular_files import read_file
from embbench.cases.runtimes import SYSTEM, runtime_named
from embbench.cases.workload_axes import NETWORK_OF
from embbench.contenders._own_model import declaration_of, digest_of, name_of
from embbench.engines.facts import facts_file, resolve
from embbench.engines.imported import engine_files, files_and_imports, source_errors
from embbench.engines.listed import choices_of, listed_workloads, module_of
from embbench.engines.model_file import is_model, read_model
from embbench.errors import UsageError, quoted
from embbench.host.memory import allocator
from embbench.host.packages import installed, matches, own_version, requirement

HERE = Path(__file__).parent
PACKAGES = HERE / "packages.toml"


class Contender(msgspec.Struct, frozen=True):
    """A contender file, not loaded. path: of the file; FILE.py:NAME of a user's own model. digest: of all code that it
    executes, to keep rounds of an edited file apart.
    """

    name: str
    path: str
    digest: str
    declaration: Declaration

    @property
    def file(self) -> Path:
        """The file that is executed: `path` without the function of a user's own model."""
        return Path(self.path.rpartition(":")[0] if is_model(self.path) else self.path)


def is_file(name: str) -> bool:
    """Whether the name of a contender on a command line names a file."""
    return "/" in name or "." in name


def discover(extra: Sequence[str] = ()) -> dict[str, Contender]:
    """All built-in contenders and the given files, by name (the file's stem). Raises UsageError."""
    found: dict[str, Contender] = {}
    for name in extra:
        if not name.endswith(".py") and not is_model(name):
            raise UsageError(f"contender {name}: a contender file ends in .py")
    for path in [*sorted(HERE.glob("*.py")), *map(Path, extra)]:
        if path.stem.startswith("_"):
            continue
        each = read(path, checked=path.parent != HERE)
        if each.name in found:
            raise UsageError(
                f"contender {path}: {quoted(each.name)} is already {found[each.name].path}; rename the file"
            )
        found[each.name] = each
    return found


def read(path: Path, checked: bool = True) -> Contender:
    """Reads the DECLARES literal of a contender file, or the file of a user's own model, FILE.py:NAME. checked: also
    look for errors of syntax in the engine's files, which takes a third of a command's time; whoever imports these
    files finds the errors too. Raises UsageError naming file and key.
    """
    if is_model(str(path)):
        model = read_model(str(path))
        return Contender(name_of(model), model.reference, digest_of(model), declaration_of(model))
    with source_errors(f"contender {path}"):
        source = read_file(path)
        tree = ast.parse(source, filename=str(path))
        parts = engine_files(tree)
        for part in parts if checked else ():
            ast.parse(part.read_bytes(), filename=str(part))
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "DECLARES" for t in node.targets):
            declaration, facts = _declaration(path, node.value)
            parts += [] if facts is None else [facts]
            parts += files_and_imports(listed_workloads(declaration.engine_workloads).values())
            return Contender(path.stem, str(path), _digest(source, parts, declaration), declaration)
    raise UsageError(f"contender {path}: no module-level DECLARES = {{...}}; see embbench/contenders/README.md")


def packages(contender: Contender) -> dict[str, str | None]:
    """Versions of the packages that the contender declares; None for a package that is not installed."""
    return dict(installed(need) for need in contender.declaration.packages)


def missing_packages(contender: Contender) -> tuple[str, ...]:
    """pip's arguments for the declared packages that are not installed."""
    return tuple(requirement(need) for need in contender.declaration.packages if installed(need)[1] is None)


def install_command(missing: Sequence[str]) -> str:
    """The shell commands that install missing packages, as `missing_packages` names them."""
    known = read_packages()
    told = {each: known[each].install for each in missing if each in known and known[each].install}
    usual = [each for each in missing if each not in told]
    return " && ".join([*([f"pip install {shlex.join(usual)}"] if usual else []), *told.values()])


def beware(contender: Contender, device: str) -> list[str]:
    """Known faults of the installed versions, on a device."""
    found = []
    for need, package in _known(contender.declaration):
        name, version = installed(need)
        told = [each for each in package.beware if not each.devices or device in each.devices]
        met = [each for each in told if version and matches(version, each.versions) and _beside(each)]
        found += [f"{name} {version}: {each.text}" for each in met]
    return found


def _beside(fault: Beware) -> bool:
    others = ((installed(name)[1], versions) for name, versions in fault.beside.items())
    return all(version is not None and matches(version, versions) for version, versions in others)


def software(contender: Contender, runtime: str = SYSTEM) -> dict[str, str]:
    """What rounds must have in common to belong to the same result: versions of Python, embbench, NumPy and the
    contender's packages, the digest of its file, and the allocator's settings in the environment, without those of
    `runtime`, which is an axis.
    """
    found = {"python": platform.python_version(), "embbench": own_version(), "contender": contender.digest}
    for name, version in (installed("numpy"), *packages(contender).items()):
        found[name] = version or "not installed"
    if told := allocator(runtime_named(runtime).without(os.environ)):
        found["allocator"] = told
    return found


def load_for(case: Case, contender: Contender) -> Module:
    """The module whose `prepare` makes the trial of a case: the contender's file, which is executed first, or the file
    of its engine for the case's workload. Worker only. Errors of the files are not caught.
    """
    if is_model(contender.path):
        from embbench.engines.own_models import OwnModule  # loads NumPy, which no parent process needs here

        return OwnModule(read_model(contender.path))
    module = load(contender)
    engine = contender.declaration.engine_workloads
    if case.workload not in listed_workloads(engine):
        return module
    return cast(Module, importlib.import_module(module_of(engine, case.workload)))


def load(contender: Contender) -> Module:
    """Sets the contender's environment and executes the file, which imports its framework. The file may import modules
    beside it. Worker only. Errors of the file are not caught.
    """
    os.environ.update(_environment(contender.declaration))
    _put_beside(contender.file)
    spec = importlib.util.spec_from_file_location(f"embbench_contender_{contender.name}", contender.path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return cast(Module, module)


def _put_beside(path: Path) -> None:
    """Appends the folder of the file to the import path, so that a `random.py` beside a contender does not replace a
    module that a framework imports. Putting it first, as for a script, was rejected for that reason. Built-in
    contenders have nothing beside them to import.
    """
    folder = str(path.resolve().parent)
    if path.resolve().parent != HERE.resolve() and folder not in sys.path:
        sys.path.append(folder)


def _environment(declaration: Declaration) -> dict[str, str]:
    own = [package.environment for _, package in _known(declaration)]
    return {name: value for each in (*own, declaration.environment) for name, value in each.items()}


def _known(declaration: Declaration) -> list[tuple[str, Package]]:
    """(need, entry in PACKAGES) of the declared packages."""
    told = read_packages()
    return [(need, told[name]) for need in declaration.packages for name in need.split("|") if name in told]


def read_packages() -> dict[str, Package]:
    """Name of a distribution -> its entry in PACKAGES."""
    return _read_packages(PACKAGES)


@functools.cache
def _read_packages(path: Path) -> dict[str, Package]:
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), dict[str, Package])


def _digest(source: bytes, parts: list[Path], declaration: Declaration) -> str:
    environment = repr(sorted(_environment(declaration).items())).encode()
    executed = [source, *(part.read_bytes() for part in sorted(set(parts))), environment]
    return hashlib.sha256(b"".join(b"%d:%b" % (len(each), each) for each in executed)).hexdigest()[:12]


def _declaration(path: Path, value: ast.expr) -> tuple[Declaration, Path | None]:
    """The declaration, and the data file of its engine; None without an engine."""
    try:
        told = ast.literal_eval(value)
    except RecursionError:
        raise UsageError(f"contender {path}: DECLARES is nested too deeply") from None
    except (ValueError, TypeError) as error:
        raise UsageError(f"contender {path}: DECLARES must be one plain literal: {error}") from None
    try:
        facts = facts_file(told)
        told = told if facts is None else resolve(told, facts)
        declaration = check_declaration(msgspec.convert(told, Declaration))
        listed = listed_workloads(declaration.engine_workloads)
        choices = {**choices_of(declaration.engine_workloads), **declaration.choices}
        named = declaration.workloads
        alike = [name for name, same in NETWORK_OF.items() if same in named and name not in (*named, *listed)]
        workloads = (*named, *alike, *listed)
        return msgspec.structs.replace(declaration, workloads=workloads, choices=choices), facts
    except (msgspec.ValidationError, UsageError) as error:
        raise UsageError(f"contender {path}: DECLARES: {error}") from None
