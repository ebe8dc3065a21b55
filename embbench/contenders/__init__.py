"""Floor 3: one file here is one way of doing the work; this directory's listing is the registry.

Files are found and their DECLARES read without executing them, so that the parent process never loads a
framework. `load` executes one, in the worker.
"""

import ast
import hashlib
import importlib.util
import platform
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from embbench import __version__
from embbench.errors import UsageError
from embbench.host.packages import installed, matches, requirement
from embbench.spec.contender import Declaration, Module

HERE = Path(__file__).parent


class Contender(msgspec.Struct, frozen=True):
    """A contender file, not loaded. digest: of its source, so that rounds of an edited file do not mix."""

    name: str
    path: str
    digest: str
    declaration: Declaration


def discover(extra: Iterable[str] = ()) -> dict[str, Contender]:
    """All built-in contenders and the given files, by name (the file's stem). Raises UsageError."""
    found: dict[str, Contender] = {}
    for path in [*sorted(HERE.glob("*.py")), *map(Path, extra)]:
        if path.stem.startswith("_"):
            continue
        if path.stem in found:
            raise UsageError(f"contender {path}: {path.stem!r} is already {found[path.stem].path}; rename the file")
        found[path.stem] = read(path)
    return found


def read(path: Path) -> Contender:
    """Reads the DECLARES literal of a contender file. Raises UsageError naming file and key."""
    try:
        source = path.read_bytes()
        tree = ast.parse(source, filename=str(path))
        digest = _digest(source, tree)
    except OSError as error:
        raise UsageError(f"contender {path}: {error.strerror}") from None
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"contender {path}: not valid Python: {error}") from None
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "DECLARES" for t in node.targets):
            return Contender(path.stem, str(path), digest, _declaration(path, node.value))
    raise UsageError(f"contender {path}: no module-level DECLARES = {{...}}; see the README, 'Add a contender'")


def packages(contender: Contender) -> dict[str, str | None]:
    """Versions of the packages that the contender declares; None where one is not installed."""
    return dict(installed(need) for need in contender.declaration.packages)


def missing_packages(contender: Contender) -> tuple[str, ...]:
    """What to give pip for the packages that the contender declares and that are not installed."""
    return tuple(requirement(need) for need in contender.declaration.packages if installed(need)[1] is None)


def beware(contender: Contender, device: str) -> list[str]:
    """What is known to mislead in the versions that are installed, on a device."""
    found = []
    for each in contender.declaration.beware:
        name, version = installed(each.package)
        if version is not None and matches(version, each.versions) and (not each.devices or device in each.devices):
            found.append(f"{name} {version}: {each.text}")
    return found


def software(contender: Contender) -> dict[str, str]:
    """What rounds must agree in to be put together: versions of Python, embbench, NumPy and the contender's packages,
    and the digest of its file.
    """
    found = {"python": platform.python_version(), "embbench": __version__, "contender": contender.digest}
    for name, version in (installed("numpy"), *packages(contender).items()):
        found[name] = version or "not installed"
    return found


def load(contender: Contender) -> Module:
    """Executes the file; its framework is imported by that. Worker only. Lets any error of the file through."""
    spec = importlib.util.spec_from_file_location(f"embbench_contender_{contender.name}", contender.path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _digest(source: bytes, tree: ast.Module) -> str:
    """Of the file and of the parts (`_*.py` of this directory) that it imports, themselves or through another."""
    parts = _parts(tree)
    for part in parts:  # grows meanwhile
        further = _parts(ast.parse(part.read_bytes(), filename=str(part)))
        parts += [each for each in further if each not in parts]
    return hashlib.sha256(b"".join([source, *(part.read_bytes() for part in sorted(parts))])).hexdigest()[:12]


def _parts(tree: ast.Module) -> list[Path]:
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return [HERE / f"{name.rpartition('.')[2]}.py" for name in sorted(names) if name.startswith(f"{__name__}._")]


def _declaration(path: Path, value: ast.expr) -> Declaration:
    try:
        return msgspec.convert(ast.literal_eval(value), Declaration)
    except (ValueError, TypeError) as error:  # msgspec.ValidationError is a ValueError
        raise UsageError(f"contender {path}: DECLARES must be one plain literal: {error}") from None
