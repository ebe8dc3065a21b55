"""Executes a user's own file as its user would: from its folder, with nothing of embbench in its arguments."""

import importlib.util
import itertools
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import NamedTuple


def execute(path: Path) -> ModuleType:
    """The module of the file. Its folder comes first on the import path and is the working folder, as for a script.
    Errors of the file are not caught.
    """
    folder = str(path.parent)
    os.chdir(folder)
    sys.argv = [str(path)]
    sys.path.insert(0, folder)
    name = path.stem if path.stem not in sys.modules else f"own_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def place_in(folder: Path) -> tuple[Path, int] | None:
    """(file, line) of the innermost running call in the user's folder; None without."""
    for frame, line in traceback.walk_stack(sys._getframe()):
        if is_users(frame.f_code.co_filename, folder):
            return Path(frame.f_code.co_filename), line
    return None


class CallPlace(NamedTuple):
    """The place of a call in a user's file. column: in bytes, of its beginning; None where Python does not know it."""

    file: Path
    line: int
    column: int | None


def call_in(folder: Path) -> CallPlace | None:
    """The innermost running call in the user's folder; None without."""
    for frame, line in traceback.walk_stack(sys._getframe()):
        if is_users(frame.f_code.co_filename, folder):
            code, units = frame.f_code, frame.f_lasti // 2
            begin, _, column, _ = next(itertools.islice(code.co_positions(), units, None), (None,) * 4)
            return CallPlace(Path(code.co_filename), line if begin is None else begin, column)
    return None


def place_text(folder: Path) -> str:
    """'wlm.py:12', see `place_in`; '' without."""
    place = place_in(folder)
    return "" if place is None else f"{place[0].name}:{place[1]}"


def is_users(file: str, folder: Path) -> bool:
    """Whether a file is the user's own code. folder: of the user's code."""
    return file.startswith(f"{folder}{os.sep}") and "site-packages" not in file


def raised(error: BaseException, folder: Path) -> str:
    """An exception on a line, with the innermost place in the user's folder: "KeyError: 'x' (wlm.py:12)"."""
    said = traceback.format_exception_only(error)[-1].strip().splitlines()
    places = [
        f"{Path(frame.filename).name}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if is_users(frame.filename, folder)
    ]
    return f"{said[0] if said else type(error).__name__}{f' ({places[-1]})' if places else ''}"
