"""The reference FILE.py:function of a user's own model, read and never executed."""

from pathlib import Path

import pytest

from embbench.engines.model_file import is_model, read_model
from embbench.errors import UsageError

GOOD = "import torch\n\ndef build(vocab=2_000):\n    raise SystemExit('executed')\n"


@pytest.fixture
def write(tmp_path: Path):
    def written(text: str, name: str = "wlm.py") -> str:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return f"{path}:build"

    return written


def test_it_is_read_and_not_executed(write) -> None:
    found = read_model(write(GOOD))
    assert (found.function, found.frameworks, found.sized, found.vocab) == ("build", ("torch",), True, 2000)


@pytest.mark.parametrize(
    ("head", "sized", "vocab"),
    [
        ("build()", False, None),
        ("build(vocab)", True, None),
        ("build(*, vocab=7)", True, 7),
        ("build(vocab=SIZE)", True, None),
        ("build(width=3, vocab=5)", True, 5),
    ],
)
def test_the_parameter_for_the_rows(write, head: str, sized: bool, vocab: int | None) -> None:
    found = read_model(write(f"import torch\ndef {head}:\n    pass\n"))
    assert (found.sized, found.vocab) == (sized, vocab)


def test_a_function_may_be_imported_or_assigned(write) -> None:
    assert not read_model(write("import torch\nfrom models import build\n")).sized
    assert not read_model(write("import torch\nbuild = torch.thing\n")).sized


def test_the_framework_may_be_imported_beside_it(write) -> None:
    write("import keras\n", "model.py")
    assert read_model(write("import model\ndef build(): pass\n")).frameworks == ("keras",)


def test_an_edit_beside_it_changes_the_digest(write) -> None:
    write("import torch\n", "model.py")
    reference = write("from model import Net\ndef build(): pass\n")
    before = read_model(reference).digest
    write("import torch  # edited\n", "model.py")
    assert read_model(reference).digest != before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import torch\ndef built(): pass\n", "did you mean 'built'"),
        ("import torch\ndef build(batch): pass\n", "parameter batch of build has no default"),
        ("def build(): pass\n", "imports none of"),
        ("def build(:\n", "not valid Python"),
    ],
)
def test_what_cannot_be_used_is_refused(write, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_model(write(text))


@pytest.mark.parametrize(
    ("reference", "said"), [("wlm.py", "wlm.py:build"), ("wlm", "FILE|wlm.py:build"), ("none.py:build", "No such file")]
)
def test_a_wrong_reference_says_how_to_write_it(reference: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_model(reference)


def test_what_names_a_model() -> None:
    assert is_model("a/b.py:build")
    assert not any(is_model(name) for name in ("a.py", "numpy", "a:build", "a.py:", "a.py:1x"))
