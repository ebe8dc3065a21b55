"""Lines that a user changes in their own file: an argument more in a call."""

import ast
import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Insertion(NamedTuple):
    """A call in a file, by a line that it covers and the last part of the called name, and the argument it gets."""

    file: Path
    line: int
    called: str
    argument: str


def patch_of(insertions: Iterable[Insertion]) -> str:
    """The changed lines of all files, as `diff -U0` shows them without its headings; '' if a call is not found."""
    texts: dict[Path, str] = {}
    for each in insertions:
        before = texts.get(each.file) or each.file.read_text(encoding="utf-8")
        after = inserted(before, each)
        if after is None:
            return ""
        texts[each.file] = after
    lines: list[str] = []
    for file, text in texts.items():
        before = file.read_text(encoding="utf-8").splitlines()
        changed = difflib.unified_diff(before, text.splitlines(), lineterm="", n=0)
        lines += [f"{file.name}:", *(line for line in changed if not line.startswith(("---", "+++", "@@")))]
    return "\n".join(lines)


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
    if not calls:
        return None
    call = min(calls, key=lambda each: (each.end_lineno or 0) - each.lineno)
    lines = text.splitlines(keepends=True)
    at = sum(len(line.encode()) for line in lines[: (call.end_lineno or 1) - 1]) + (call.end_col_offset or 1) - 1
    source = text.encode()
    head, tail = source[:at].decode(), source[at:].decode()
    written = head.rstrip()
    comma = "" if written.endswith("(") else " " if written.endswith(",") else ", "
    return f"{written}{comma}{insertion.argument}{head[len(written) :]}{tail}"


def _last_part(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
