"""The engine files that a contender executes, from the imports in its text. Nothing is imported."""

import ast
import contextlib
import functools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from embbench.errors import UsageError

HERE = Path(__file__).parent
ENGINES = "embbench.engines"
# An import of an engine at any depth of a file. Parsing the files into trees was rejected: it took a third of every
# command's time.
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(embbench\.engines[.\w]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]+)"
    r"|import[ \t]+(embbench\.engines[.\w]*))",
    re.MULTILINE,
)
_COMMENT = re.compile(r"#[^\n]*")


@contextlib.contextmanager
def source_errors(subject: str) -> Iterator[None]:
    """Turns the errors of reading and parsing a file into UsageError. subject: what the file is, and its name."""
    try:
        yield
    except FileNotFoundError as error:
        raise UsageError(f"{subject}: {error.strerror}; name an existing file") from None
    except OSError as error:
        raise UsageError(f"{subject}: {error.strerror}") from None
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"{subject}: not valid Python: {error}") from None
    except (RecursionError, MemoryError):  # Python's parser raises MemoryError for it
        raise UsageError(f"{subject}: nested too deeply") from None


def engine_files(tree: ast.Module) -> list[Path]:
    """The engine files that a file imports, directly or through other engine files. Raises OSError for a missing file
    and SyntaxError for a file that is not Python.
    """
    return _closed(_files(_imports(tree)))


def files_and_imports(paths: Iterable[Path]) -> list[Path]:
    """Engine files with the engine files that they import. Raises as `engine_files`."""
    return _closed(paths)


def _closed(files: Iterable[Path]) -> list[Path]:
    found = list(dict.fromkeys(files))
    for part in found:  # grows during the loop
        further = dict.fromkeys(_files(imports_of(part.read_bytes())))
        found += [each for each in further if each not in found]
    return found


@functools.cache
def imports_of(source: bytes) -> list[tuple[str, bool]]:
    """(name, whether the name is certainly a module's) of the imports of engines in an engine file, each once."""
    found: dict[tuple[str, bool], None] = {}
    for module, names, alone in _IMPORT.findall(source.decode("utf-8")):
        found[module or alone, True] = None
        for name in _COMMENT.sub("", names).strip("()\n ").split(","):
            if word := name.strip().partition(" ")[0]:
                found[f"{module}.{word}", False] = None
    return list(found)


def _imports(tree: ast.Module) -> list[tuple[str, bool]]:
    """(name, whether the name is certainly a module's) of all imports. An imported attribute may be a module too."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [(alias.name, True) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [(node.module, True), *((f"{node.module}.{alias.name}", False) for alias in node.names)]
    return names


def _files(names: list[tuple[str, bool]]) -> Iterator[Path]:
    for name, certain in names:
        yield from (each for each in _executed(name) if certain or each.is_file())


def _executed(module: str) -> Iterator[Path]:
    """The module's file, and the files of its packages; nothing for a module outside the engines."""
    if module != ENGINES and not module.startswith(f"{ENGINES}."):
        return
    place = HERE
    yield place / "__init__.py"
    for name in module.split(".")[2:]:
        place /= name
        yield place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
