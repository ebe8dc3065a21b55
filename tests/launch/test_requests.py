"""Requests are made in one place."""

import ast
from pathlib import Path

import embbench

PACKAGE = Path(embbench.__file__).parent


def test_requests_are_made_in_one_place_only():
    makers = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Request"
    }
    assert makers == {"launch/requests.py"}
