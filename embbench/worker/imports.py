"""Digests of the user's own code as it is imported: of the very bytes that are executed.

A file may be edited between its import and the end of a round, and Python may execute a cached compilation of what
stood in a file before. So the loaders are made to read such files themselves. Looking at the files at the end of a
round was rejected for the first reason; an audit hook (PEP 578) because it cannot be taken out of the way of the steps
that are timed.
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
MAIN = "__main__"  # the worker itself
SETTLED = 2e9  # ns by which a compilation must be younger than any change of its source to be of it

_noted: dict[str, tuple[str, str]] = {}  # name -> path, digest
_before: set[str] = set()  # modules that embbench itself needs


def watch() -> None:
    """From now on each import of a file that is neither Python's, nor a distribution's, nor embbench's is noted, and
    at once what a `sitecustomize` of the user's was and imported. Call it once, before any other such import.
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
    """Whether a module was there when `watch` was called: embbench needs it, whatever is measured."""
    return name in _before


def file_of(module: object) -> str | None:
    """Asked of the module's own dictionary: any other question makes a module that is loaded late load now."""
    if not issubclass(type(module), ModuleType):
        return None
    path = ModuleType.__getattribute__(cast(ModuleType, module), "__dict__").get("__file__")
    return path if isinstance(path, str) else None


def noted() -> dict[str, tuple[str, str]]:
    """Module -> path and digest of what was executed. A module that was executed twice with other content has both
    digests, 'a+b'; one whose name came with a second file has that file's path for its name.
    """
    return dict(_noted)


def is_users(path: str) -> bool:
    """Whether a file is neither Python's, nor lies where distributions are installed, nor embbench's, nor was made for
    this very process.
    """
    temporary = os.environ.get("TMPDIR")  # of this worker alone: compilers put code of their own making there
    if not Path(path).is_absolute() or (temporary and is_under(path, temporary)):
        return False
    return not (place_of(path) or is_pythons(path) or is_under(path, PACKAGE))


def note(name: str, path: str, found: str) -> None:
    """found: digest."""
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
    if not is_users(path):
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
    """Whether the cached compilation is of what the file holds. Python goes by the time and the size that the file says
    it has, which an edit within a second or one that keeps the time leaves; when an inode changed last cannot be set.
    """
    with contextlib.suppress(OSError, NotImplementedError):
        compiled = Path(importlib.util.cache_from_source(path)).stat()
        return compiled.st_mtime_ns - Path(path).stat().st_ctime_ns > SETTLED
    return False
