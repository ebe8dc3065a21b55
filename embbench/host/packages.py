"""Installed distributions, read from their metadata; nothing is imported.

A need is a distribution's name, or several that can stand for each other: 'one-cpu|one'.
"""

import functools
import hashlib
import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import embbench

# Of embbench, all rooms that a worker loads; of `contenders` the door only, and of `engines` what is no framework's:
# each contender has its own digest.
MEASURING = ("contenders/__init__.py", "engines/*.py", "errors.py", "host/*.py", "oracle/*.py", "plain.py", "spec/*.py",
             "stats/*.py", "store/*.py", "wire.py", "worker/*.py")  # fmt: skip


def installed(need: str) -> tuple[str, str | None]:
    """(name, version) of the first alternative that is installed; (the first's name, None) where none is."""
    names = need.split("|")
    for name in names:
        try:
            return name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return names[0], None


@functools.cache
def own_version() -> str:
    """embbench's version; of a checkout, or where it is installed to be edited, with a digest of what a worker executes
    of it: '0.1.0+3f2a9c417b5e'.
    """
    package = Path(embbench.__file__).resolve().parent
    try:
        copied = Path(str(metadata.distribution("embbench").locate_file("embbench"))).resolve()
    except metadata.PackageNotFoundError:
        copied = None
    if copied == package:
        return embbench.__version__
    files = sorted(path for pattern in MEASURING for path in package.glob(pattern))
    content = b"".join(str(path.relative_to(package)).encode() + b"\0" + path.read_bytes() for path in files)
    return f"{embbench.__version__}+{hashlib.sha256(content).hexdigest()[:12]}"


def own_needs() -> set[str]:
    """Names of the distributions that embbench itself needs, whatever is measured; as PEP 503 writes them."""
    try:
        lines = metadata.requires("embbench") or []
    except metadata.PackageNotFoundError:
        lines = []
    needs = map(Requirement, lines)
    return {normal(each.name) for each in needs if each.marker is None or "extra" not in str(each.marker)}


def requirement(need: str) -> str:
    """What to give pip for a need: its first alternative with the bounds of embbench's own extras."""
    name = need.partition("|")[0]
    for line in metadata.requires("embbench") or ():
        told = Requirement(line)
        if normal(told.name) == normal(name):
            return f"{name}{told.specifier}"
    return name


def matches(version: str, versions: str) -> bool:
    """Whether a version lies in a range such as '>=0.10.2,<=0.11.0'; a local part ('+cpu') does not count."""
    return SpecifierSet(versions).contains(version.partition("+")[0], prereleases=True)


def normal(name: str) -> str:
    """PEP 503: names that differ in case or separators only are one."""
    return re.sub(r"[-_.]+", "-", name).lower()
