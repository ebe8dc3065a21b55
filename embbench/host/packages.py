"""Installed distributions, read from their metadata; nothing is imported.

A need is the name of a distribution, or several names of which one is enough: 'one-cpu|one'.
"""

import functools
import hashlib
import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import embbench

# All rooms of embbench that a worker loads. Of `contenders` only the door, and of `engines` only what belongs to no
# framework or is measured beside a step: each contender has its own digest.
MEASURING = ("contenders/__init__.py", "engines/*.py", "engines/*/ceilings.py", "errors.py", "host/*.py", "oracle/*.py",
             "plain.py", "cases/*.py", "stats/*.py", "store/*.py", "wire.py", "worker/*.py",
             "workloads/*.py")  # fmt: skip


def installed(need: str) -> tuple[str, str | None]:
    """(name, version) of the first installed alternative; (first name, None) if no alternative is installed."""
    names = need.split("|")
    for name in names:
        try:
            return name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return names[0], None


@functools.cache
def own_version() -> str:
    """embbench's version. A checkout or an editable installation adds `code_digest`: '0.1.0+3f2a9c417b5e'."""
    try:
        copied = Path(str(metadata.distribution("embbench").locate_file("embbench"))).resolve()
    except metadata.PackageNotFoundError:
        copied = None
    return embbench.__version__ if copied == _package() else f"{embbench.__version__}+{code_digest()}"


@functools.cache
def code_digest() -> str:
    """The digest of the code that a worker executes, without that of contenders and engines: 12 hexadecimal digits."""
    package = _package()
    files = measuring_files(package)
    content = b"".join(str(path.relative_to(package)).encode() + b"\0" + path.read_bytes() for path in files)
    return hashlib.sha256(content).hexdigest()[:12]


def _package() -> Path:
    return Path(embbench.__file__).resolve().parent


def measuring_files(package: Path) -> list[Path]:
    """The files of embbench, in its directory `package`, that `own_version` is about."""
    return sorted(path for pattern in MEASURING for path in package.glob(pattern))


def own_needs() -> set[str]:
    """Names, as in PEP 503, of the distributions that embbench itself needs whatever it measures."""
    needs = _requirements()
    return {normal(each.name) for each in needs if each.marker is None or "extra" not in str(each.marker)}


def requirement(need: str) -> str:
    """The requirement to give to pip for a need: its first alternative with the version bounds of embbench's extras."""
    name = need.partition("|")[0]
    for told in _requirements():
        if normal(told.name) == normal(name):
            return f"{name}{told.specifier}"
    return name


def requirements_of(extra: str) -> tuple[str, ...]:
    """The requirements of one of embbench's extras, to give to pip; () where embbench is not installed."""
    known = [(each, each.marker) for each in _requirements() if each.marker is not None]
    needed = [each for each, marker in known if marker.evaluate({"extra": extra}) > marker.evaluate({"extra": ""})]
    return tuple(f"{each.name}{_extras(each)}{each.specifier}" for each in needed)


def _extras(needed: Requirement) -> str:
    return f"[{','.join(sorted(needed.extras))}]" if needed.extras else ""


def _requirements() -> list[Requirement]:
    """Of embbench and its extras; [] where embbench runs from a clone and is not installed."""
    try:
        return [Requirement(line) for line in metadata.requires("embbench") or ()]
    except metadata.PackageNotFoundError:
        return []


def matches(version: str, versions: str) -> bool:
    """Whether a version lies in a range such as '>=0.10.2,<=0.11.0'. A local part ('+cpu') does not count."""
    return SpecifierSet(versions).contains(version.partition("+")[0], prereleases=True)


def normal(name: str) -> str:
    """The normalized name (PEP 503): case and separators do not matter."""
    return re.sub(r"[-_.]+", "-", name).lower()
