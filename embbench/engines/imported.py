"""The engine files that a contender executes, from the imports in its text. Nothing is imported."""

import ast
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
ENGINES = "embbench.engines"


def engine_files(tree: ast.Module) -> list[Path]:
    """The engine files that a file imports, directly or through other engine files. Raises OSError for a missing file
    and SyntaxError for a file that is not Python.
    """
    found = list(dict.fromkeys(_files(tree)))
    for part in found:  # grows during the loop
        further = _files(ast.parse(part.read_bytes(), filename=str(part)))
        found += [each for each in dict.fromkeys(further) if each not in found]
    return found


def _files(tree: ast.Module) -> Iterator[Path]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _executed(alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from _executed(node.module)
            for alias in node.names:
                yield from (each for each in _executed(f"{node.module}.{alias.name}") if each.is_file())


def _executed(module: str) -> Iterator[Path]:
    """The module's file, and the files of its packages; nothing for a module outside the engines."""
    if module != ENGINES and not module.startswith(f"{ENGINES}."):
        return
    place = HERE
    yield place / "__init__.py"
    for name in module.split(".")[2:]:
        place /= name
        yield place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
