"""Lines that a user changes in their own file: an argument more in a call, and lines before a function returns."""

import ast
import difflib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

CONTEXT = 1  # lines around a change


class Insertion(NamedTuple):
    """A call in a file, by a line that it covers and the last part of the called name, and the argument it gets.
    column: of the beginning of the call, in bytes; None where it is unknown.
    """

    file: Path
    line: int
    called: str
    argument: str
    column: int | None = None


class Addition(NamedTuple):
    """Lines before a function of a file returns. `{model}` and `{optimizer}` stand for the first two returned names."""

    file: Path
    function: str
    lines: Sequence[str]


class NewFile(NamedTuple):
    """A file beside the user's file."""

    name: str
    text: str


def patch_of(
    insertions: Iterable[Insertion], addition: Addition | None = None, new_files: Iterable[NewFile] = ()
) -> str:
    """The changes of all files as a unified diff for `git apply`; '' if a place is not found."""
    texts: dict[Path, str] = {}
    # From the end of a file on, because an insertion moves what stands behind it on its line.
    for each in sorted(insertions, key=lambda each: (each.line, each.column or 0), reverse=True):
        if not _edit(texts, each.file, lambda before, each=each: inserted(before, each)):
            return ""
    # Last, because line numbers of insertions are those of the user's file.
    if addition is not None and not _edit(texts, addition.file, lambda before: added(before, addition)):
        return ""
    lines: list[str] = []
    for file, text in texts.items():
        before = file.read_text(encoding="utf-8").splitlines()
        names = (f"{side}/{file.name}" for side in "ab")
        lines += difflib.unified_diff(before, text.splitlines(), *names, lineterm="", n=CONTEXT)
    for new in new_files:
        lines += difflib.unified_diff([], new.text.splitlines(), "/dev/null", f"b/{new.name}", lineterm="")
    return "\n".join(lines)


def _edit(texts: dict[Path, str], file: Path, change: Callable[[str], str | None]) -> bool:
    """Changes the text of a file in `texts`. Returns whether the place was found."""
    after = change(texts.get(file) or file.read_text(encoding="utf-8"))
    if after is not None:
        texts[file] = after
    return after is not None


def added(text: str, addition: Addition) -> str | None:
    """The text of a file with the lines; None where the function does not end with its only return, of two and more
    values that begin with two names, or where the file does not import what the lines need.
    """
    tree = ast.parse(text)
    function = next((each for each in tree.body if getattr(each, "name", None) == addition.function), None)
    end = _only_return(function)
    if end is None or not isinstance(end.value, ast.Tuple):
        return None
    model, optimizer, *_ = [*end.value.elts, None, None]
    lines = [line.replace("{model}", _name(model)) for line in addition.lines]
    if any("{optimizer}" in line for line in lines) and not _name(optimizer):
        return None
    if not _name(model) or ("torch." in "".join(lines) and not _imports_torch(tree)):
        return None
    indent = " " * end.col_offset
    new = [f"{indent}{line.replace('{optimizer}', _name(optimizer))}" for line in lines]
    before = text.splitlines()
    return "\n".join([*before[: end.lineno - 1], *new, *before[end.lineno - 1 :]]) + "\n"


def _only_return(function: ast.stmt | None) -> ast.Return | None:
    """The return at the end of a function; None for a function with others."""
    if not isinstance(function, ast.FunctionDef) or not isinstance(end := function.body[-1], ast.Return):
        return None
    inner = {
        each
        for part in ast.walk(function)
        if part is not function and isinstance(part, ast.FunctionDef | ast.Lambda)
        for each in ast.walk(part)
    }
    returns = [each for each in ast.walk(function) if isinstance(each, ast.Return) and each not in inner]
    return end if returns == [end] else None


def _name(node: ast.expr | None) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _imports_torch(tree: ast.Module) -> bool:
    imports = [each for each in tree.body if isinstance(each, ast.Import)]
    return any(alias.name == "torch" and not alias.asname for each in imports for alias in each.names)


def inserted(text: str, insertion: Insertion) -> str | None:
    """The text of a file with the argument; None without such a call, or where the call has the argument already."""
    calls = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and node.lineno <= insertion.line <= (node.end_lineno or node.lineno)
        and _last_part(node.func) == insertion.called
    ]
    name = insertion.argument.partition("=")[0]
    calls = [each for each in calls if all(keyword.arg != name for keyword in each.keywords)]
    exact = [each for each in calls if (each.lineno, each.col_offset) == (insertion.line, insertion.column)]
    if len(exact or calls) != 1:  # with several such calls on a line, it is unknown which call made the object
        return None
    (call,) = exact or calls
    lines = text.splitlines(keepends=True)
    at = sum(len(line.encode()) for line in lines[: (call.end_lineno or 1) - 1]) + (call.end_col_offset or 1) - 1
    source = text.encode()
    head, tail = source[:at].decode(), source[at:].decode()
    written = head.rstrip()
    comma = "" if written.endswith("(") else " " if written.endswith(",") else ", "
    return f"{written}{comma}{insertion.argument}{head[len(written) :]}{tail}"


def _last_part(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
