"""Digests of the user's own code at its import: of exactly the bytes that are executed.

A file may be edited between its import and the end of a round. Python may also execute a cached compilation of an
earlier version of a file. So the patched loaders read such files themselves. Reading the files at the end of a round
was rejected because of edits; an audit hook (PEP 578) was rejected because it cannot be removed before the timed steps.
"""

import contextlib
import importlib.util
import os
import sys
import zipimport
from collections.abc import Callable
from importlib.machinery import ExtensionFileLoader, SourceFileLoader, SourcelessFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import embbench
from embbench.host.code import absolute, digest, digest_file, is_pythons, is_under, place_of
from embbench.worker import EARLIER

PACKAGE = str(Path(embbench.__file__).parent)
ENGINES = str(Path(PACKAGE, "engines"))
MAIN = "__main__"  # the worker itself
SETTLED = 2e9  # ns by which a compilation must be younger than its source to count as compiled from it

_noted: dict[str, tuple[str, str]] = {}  # name -> path, digest
_before: set[str] = set()  # modules that embbench itself needs


def watch() -> None:
    """From now on notes every import of a file that belongs neither to Python, nor to a distribution, nor to embbench;
    and of files of the engines, which a contender may import through a module of the user. Notes at once a
    `sitecustomize` of the user and its imports. Call it once, before any other such import.
    """
    _before.update(sys.modules)
    for name in sorted(EARLIER - {MAIN}):
        path = file_of(sys.modules.get(name))
        if path is not None and is_users(absolute(path)) and (found := digest_file(absolute(path))):
            note(name, absolute(path), found)
    _wrap(SourceFileLoader, "get_code", _source_code)
    _wrap(SourcelessFileLoader, "get_code", _compiled_code)
    _wrap(ExtensionFileLoader, "create_module", _extension)
    _wrap(zipimport.zipimporter, "get_code", _zipped_code)


def is_before(name: str) -> bool:
    """Whether a module was loaded before `watch`: embbench needs that module whatever it measures."""
    return name in _before


def file_of(module: object) -> str | None:
    """The module's file, read from its dictionary: attribute access would load a lazy module."""
    if not issubclass(type(module), ModuleType):
        return None
    path = ModuleType.__getattribute__(cast(ModuleType, module), "__dict__").get("__file__")
    return path if isinstance(path, str) else None


def noted() -> dict[str, tuple[str, str]]:
    """Module -> path and digest of the executed code. A module that was executed twice with different content has
    both digests, 'a+b'. A second file under the same module name is listed by its path.
    """
    return dict(_noted)


def is_users(path: str) -> bool:
    """Whether a file belongs to the user: not to Python, an installed distribution or embbench, and not made for this
    process.
    """
    temporary = os.environ.get("TMPDIR")  # of this worker alone: compilers put generated code there
    if not Path(path).is_absolute() or (temporary and is_under(path, temporary)):
        return False
    return not (place_of(path) or is_pythons(path) or is_under(path, PACKAGE))


def note(name: str, path: str, found: str) -> None:
    """found: the digest."""
    place, before = _noted.get(name, (path, ""))
    if place != path:
        name, before = path, _noted.get(path, (path, ""))[1]
    parts = before.split("+") if before else []
    if not parts or parts[-1] != found:
        _noted[name] = path, "+".join([*parts, found])


def _wrap(kind: type, method: str, instead: Callable[..., Any]) -> None:
    original = getattr(kind, method)

    def wrapped(self: Any, argument: Any) -> Any:
        return instead(original, self, argument)

    setattr(kind, method, wrapped)


def _source_code(original: Callable[..., Any], self: SourceFileLoader, name: str) -> Any:
    path = absolute(self.get_filename(name))
    if not (is_users(path) or is_under(path, ENGINES)):
        return original(self, name)
    data = self.get_data(path)
    note(name, path, digest(data))
    return original(self, name) if _is_compiled(path) else self.source_to_code(data, path)


def _compiled_code(original: Callable[..., Any], self: SourcelessFileLoader, name: str) -> Any:
    path = absolute(self.get_filename(name))
    if is_users(path):
        note(name, path, digest(self.get_data(path)))
    return original(self, name)


def _extension(original: Callable[..., Any], self: ExtensionFileLoader, spec: Any) -> Any:
    path = absolute(self.path)
    if is_users(path) and (found := digest_file(path)):
        note(spec.name, path, found)
    return original(self, spec)


def _zipped_code(original: Callable[..., Any], self: zipimport.zipimporter, name: str) -> Any:
    path = absolute(self.archive)
    if is_users(path) and (found := digest_file(path)):
        note(f"{name} in {Path(path).name}", path, found)
    return original(self, name)


def _is_compiled(path: str) -> bool:
    """Whether the cached compilation belongs to the present content of the file. Python compares time of modification
    and size, which a quick edit or an edit that keeps the time does not change. Nobody can set the time of an inode's
    last change.
    """
    with contextlib.suppress(OSError, NotImplementedError):
        compiled = Path(importlib.util.cache_from_source(path)).stat()
        return compiled.st_mtime_ns - Path(path).stat().st_ctime_ns > SETTLED
    return False
