"""Installed distributions, read from their metadata; nothing is imported.

A need is a distribution's name, or several that can stand for each other: 'one-cpu|one'.
"""

import re
from importlib import metadata

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet


def installed(need: str) -> tuple[str, str | None]:
    """(name, version) of the first alternative that is installed; (the first's name, None) where none is."""
    names = need.split("|")
    for name in names:
        try:
            return name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return names[0], None


def requirement(need: str) -> str:
    """What to give pip for a need: its first alternative with the bounds of embbench's own extras."""
    name = need.partition("|")[0]
    for line in metadata.requires("embbench") or ():
        told = Requirement(line)
        if _normal(told.name) == _normal(name):
            return f"{name}{told.specifier}"
    return name


def matches(version: str, versions: str) -> bool:
    """Whether a version lies in a range such as '>=0.10.2,<=0.11.0'; a local part ('+cpu') does not count."""
    return SpecifierSet(versions).contains(version.partition("+")[0], prereleases=True)


def _normal(name: str) -> str:
    """PEP 503: names that differ in case or separators only are one."""
    return re.sub(r"[-_.]+", "-", name).lower()
