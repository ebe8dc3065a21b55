"""Digests of code files, and whether a file belongs to Python, to an installed distribution or to neither."""

import functools
import hashlib
import json
import os
import re
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlparse

import msgspec

from embbench.host.packages import normal
from embbench.host.texts import read_text

NAMED = re.compile(r"(.+)-([^-]+)\.(dist|egg)-info")
DIGITS = 12  # of a digest
INSTALLED = ("site-packages", "dist-packages")  # Debian uses the second name


class Distribution(msgspec.Struct, frozen=True):
    """An installed distribution. files: paths of its files within its place, empty if unknown. tops: the first parts of
    these paths. project: the source directory of an editable installation, else '' (PEP 610).
    """

    name: str
    version: str
    place: str
    tops: frozenset[str]
    files: frozenset[str]
    project: str


def digest(data: bytes) -> str:
    """12 hexadecimal digits of the content's hash."""
    return hashlib.sha256(data).hexdigest()[:DIGITS]


def digest_file(path: str | Path) -> str | None:
    """The digest of a file; None if the file cannot be read. Reads in pieces: a shared library may have a gigabyte."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:DIGITS]
    except (OSError, ValueError):
        return None


def absolute(path: str | Path) -> str:
    """The absolute path without '.' and '..'. Links are kept, since an installer may link files from its own store."""
    return os.path.abspath(path)  # noqa: PTH100 - Path.resolve would follow links


def is_under(path: str, directory: str) -> bool:
    """Whether `path` lies in `directory`. Both are absolute."""
    return path.startswith(directory.rstrip(os.sep) + os.sep)


@functools.cache
def installed_places() -> tuple[str, ...]:
    """Directories into which distributions are installed."""
    told = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()]
    told += [site.getusersitepackages(), *(each for each in sys.path if Path(each).name in INSTALLED)]
    return _both(told)


def place_of(path: str) -> str | None:
    """The place of installed distributions in which the file lies; None if it lies elsewhere."""
    return next((each for each in installed_places() if is_under(path, each)), None)


def is_pythons(path: str) -> bool:
    """Whether a file belongs to the standard library."""
    return place_of(path) is None and any(is_under(path, each) for each in _standard())


@functools.cache
def _standard() -> tuple[str, ...]:
    told = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), str(Path(os.__file__).parent)]
    return _both([*told, sysconfig.get_config_var("DESTSHARED") or told[0]])


def _both(directories: list[str]) -> tuple[str, ...]:
    """The directories under their given names, and under their real names if they are links."""
    return tuple(dict.fromkeys(each for one in directories for each in (absolute(one), os.path.realpath(one))))


def distributions() -> list[Distribution]:
    """All distributions that are installed for this process. Reads the metadata in about 0.2 s; importlib.metadata
    takes ten times as long to assign files to distributions.
    """
    return [found for place in installed_places() for found in _distributions(place)]


class Owners:
    """Finds the distribution that installed a file, among the `known` distributions."""

    def __init__(self, known: Iterable[Distribution]) -> None:
        self._claiming: dict[tuple[str, str], list[Distribution]] = {}
        for each in known:
            for top in each.tops:
                self._claiming.setdefault((each.place, top), []).append(each)

    def of(self, path: str) -> Distribution | None:
        """The distribution that installed the file; None if there is none."""
        place = place_of(path)
        if place is None:
            return None
        inside = os.path.relpath(path, place).replace(os.sep, "/")
        # Several distributions may share a namespace, and a user may have put a file into a package's directory.
        claiming = self._claiming.get((place, inside.partition("/")[0]), ())
        return next((each for each in claiming if inside in each.files or not each.files), None)


def _distributions(place: str) -> Iterator[Distribution]:
    try:
        entries = sorted(entry.name for entry in os.scandir(place))
    except OSError:
        return
    for entry in entries:
        if (named := NAMED.fullmatch(entry)) is None:
            continue
        folder = Path(place) / entry
        files = frozenset(line.rsplit(",", 2)[0].strip('"') for line in read_text(folder / "RECORD").splitlines())
        tops = {path.partition("/")[0] for path in files}
        if not files:  # an old installer, or Debian
            tops = {name for top in read_text(folder / "top_level.txt").split() for name in (top, f"{top}.py")}
        version = named[2] if named[3] == "dist" else re.sub(r"-py\d.*", "", named[2])
        yield Distribution(
            normal(named[1]), version, place, frozenset(tops), files,
            _project(read_text(folder / "direct_url.json")),
        )  # fmt: skip


def _project(direct_url: str) -> str:
    """The source directory of an editable installation (PEP 610); else ''."""
    try:
        told = json.loads(direct_url)
        url = urlparse(told["url"])
        editable = told["dir_info"].get("editable", False)
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
    return unquote(url.path) if editable and url.scheme == "file" else ""
