"""An argument more in a call of the user's file."""

import ast
import importlib.util
import subprocess
from pathlib import Path

import pytest

from embbench.engines.own_patch import Addition, Insertion, NewFile, added, inserted, patch_of

HERE = Path(__file__)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = Adam(p, lr=1)\n", "x = Adam(p, lr=1, fused=True)\n"),
        ("x = torch.optim.Adam()\n", "x = torch.optim.Adam(fused=True)\n"),
        ("x = Adam(\n    p,\n    lr=1,\n)\n", "x = Adam(\n    p,\n    lr=1, fused=True\n)\n"),
        ("x = wrap(Adam(p), 'é')\n", "x = wrap(Adam(p, fused=True), 'é')\n"),
        ("é = 'é'; x = Adam(p)\n", "é = 'é'; x = Adam(p, fused=True)\n"),
    ],
)
def test_the_call_gets_the_argument(before: str, after: str) -> None:
    found = inserted(before, Insertion(HERE, 1, "Adam", "fused=True"))
    assert found == after
    ast.parse(found)


@pytest.mark.parametrize(
    "text", ["x = SGD(p)\n", "x = Adam(p, fused=False)\n", "\nx = Adam(p)\n", "optimizer = made\n"]
)
def test_without_such_a_call_there_is_no_patch(text: str) -> None:
    assert inserted(text, Insertion(HERE, 1, "Adam", "fused=True")) is None


def test_a_patch_is_a_diff(tmp_path: Path) -> None:
    file = tmp_path / "wlm.py"
    file.write_text("import torch\nx = Adam(p)\n")
    assert patch_of([Insertion(file, 2, "Adam", "fused=True")]) == (
        "--- a/wlm.py\n+++ b/wlm.py\n@@ -1,2 +1,2 @@\n import torch\n-x = Adam(p)\n+x = Adam(p, fused=True)"
    )
    assert patch_of([Insertion(file, 1, "Adam", "fused=True")]) == ""
    assert file.read_text() == "import torch\nx = Adam(p)\n"


def test_a_patch_can_add_a_file(tmp_path: Path) -> None:
    file = tmp_path / "wlm.py"
    file.write_text("x = Adam(p)\n")
    new = NewFile("compact_rows.py", "import torch\n\nROWS = 1\n")
    patch = patch_of([Insertion(file, 1, "Adam", "fused=True")], new_files=[new])
    subprocess.run(["git", "apply", "-"], input=f"{patch}\n", text=True, cwd=tmp_path, check=True)
    assert file.read_text() == "x = Adam(p, fused=True)\n"
    assert (tmp_path / new.name).read_text() == new.text


BUILD = """import torch
def build():
    net = torch.nn.Linear(2, 2)
    for each in ():
        pass
    return net, None, lambda net, batch: net(batch), []
"""


def test_lines_go_before_the_return() -> None:
    addition = Addition(HERE, "build", ["{model}.a = 1", "{optimizer} = {model}"])
    assert added(BUILD.replace("None", "adam"), addition) == BUILD.replace("None", "adam").replace(
        "    return", "    net.a = 1\n    adam = net\n    return"
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (BUILD, "{optimizer} = 1"),  # returns no name for it
        (BUILD.replace("return net,", "return Net(),"), "{model} = 1"),
        (BUILD.replace("        pass", "        return 1"), "{model} = 1"),
        (BUILD.replace("def build", "def made"), "{model} = 1"),
        (BUILD.replace("import torch", "import torch.nn as nn"), "{model} = torch.nn"),
    ],
)
def test_without_a_place_for_lines_there_is_no_patch(text: str, line: str) -> None:
    assert added(text, Addition(HERE, "build", [line])) is None


def loaded(path: Path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["bilstm_crf", "nanogpt", "torchmoji", "awd_lstm", "ncf"])
def test_a_fixture_with_the_patch_takes_the_fused_step(name: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from embbench.engines.own_places import seeing_places
    from embbench.engines.own_twin import compare
    from embbench.engines.torch.own_model.change import change_named
    from embbench.engines.torch.own_model.program import TorchProgram
    from embbench.engines.torch.own_model.twin import MADE, train
    from tests import own_models

    path = tmp_path / f"patched_{name}.py"
    path.write_text((Path(own_models.__file__).parent / f"{name}.py").read_text())
    build = loaded(path).build
    own = train(TorchProgram(build(), "build"))
    with seeing_places(tmp_path, MADE) as places:
        program = TorchProgram(build(), "build")
    (argument,) = change_named("fused").apply(program, {}).arguments
    place = places[id(argument.made)]
    assert place.file == path
    edit = Insertion(place.file, place.line, type(argument.made).__name__, argument.text)
    path.write_text(inserted(path.read_text(), edit))
    patched = TorchProgram(loaded(path).build(), "build")
    assert all(group["fused"] for group in patched.optimizers[0].param_groups)
    torch.manual_seed(0)
    jittered = train(TorchProgram(build(), "build"), jitter=True)
    assert compare(own, train(patched), jittered).same
