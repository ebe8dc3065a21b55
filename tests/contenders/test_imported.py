import ast
from pathlib import Path

import pytest

from embbench.engines import imported
from embbench.engines.imported import ENGINES, HERE, engine_files, files_and_imports, imports_of


@pytest.mark.parametrize("path", sorted(HERE.rglob("*.py")), ids=lambda path: str(path.relative_to(HERE)))
def test_text_and_tree_have_the_same_imports(path: Path) -> None:
    source = path.read_bytes()
    tree = {each for each in imported._imports(ast.parse(source)) if each[0].startswith(ENGINES)}
    assert set(imports_of(source)) == tree


def test_all_forms_of_an_import_are_found() -> None:
    source = b"""
import embbench.engines.one
from embbench.engines.two import first as other, second
from embbench.engines import (
    three,  # a comment, with a comma
    four as fifth,
)
if True:
    from embbench.engines.six import seventh  # noqa
from embbench.cases import case
"""
    modules = {name for name, certain in imports_of(source) if certain}
    assert modules == {ENGINES, *(f"{ENGINES}.{name}" for name in ("one", "two", "six"))}
    names = {name.removeprefix(f"{ENGINES}.") for name, certain in imports_of(source) if not certain}
    assert names == {"two.first", "two.second", "three", "four", "six.seventh"}


def test_files_of_a_contender_are_closed_under_imports() -> None:
    tree = ast.parse((HERE.parent / "contenders" / "pytorch.py").read_text())
    found = engine_files(tree)
    assert HERE / "torch" / "trial.py" in found
    assert set(files_and_imports(found)) == set(found)
