"""Patches of a user's own PyTorch step: a patched file is the change, and where there is no patch."""

import subprocess
from pathlib import Path

import pytest

from tests import own_models

torch = pytest.importorskip("torch")

from embbench.cases.found_change import FoundChange  # noqa: E402
from embbench.engines.own_models import Builder  # noqa: E402
from embbench.engines.own_twin import compare  # noqa: E402
from embbench.engines.torch.own_model.change import change_named  # noqa: E402
from embbench.engines.torch.own_model.program import TorchProgram  # noqa: E402
from embbench.engines.torch.own_model.tables import find_tables  # noqa: E402
from embbench.engines.torch.own_model.trial import look_at  # noqa: E402
from embbench.engines.torch.own_model.twin import train  # noqa: E402

FOLDER = Path(own_models.__file__).parent


def changes_in(builder: Builder) -> dict[str, FoundChange]:
    return {each.name: each for each in look_at(builder, None).changes}


WHOLE = """import torch
from torch import nn

def step(model, optimizer, batch):
    optimizer.zero_grad()
    model(batch).square().sum().backward()
    optimizer.step()

def build(vocab=200):
    model = nn.Embedding(vocab, 8)
    optimizer = torch.optim.Adam(model.parameters())
    return model, optimizer, step, [torch.randint(0, vocab, (4,)) for _ in range(8)]
"""


def test_a_whole_step_gets_no_second_optimizer_by_a_patch(builder, tmp_path: Path) -> None:
    path = tmp_path / "whole.py"
    path.write_text(WHOLE)
    found = changes_in(builder(path))
    assert {name: each.training for name, each in found.items() if name in ("sparse", "compact", "rowwise")} == {
        "sparse": "other", "compact": "other", "rowwise": "other",
    }  # fmt: skip
    assert {name for name, each in found.items() if each.patch} == {"bfloat16", "beside", "fused"}


PATCHED = ["frozen", "sparse", "table_sgd", "bfloat16", "beside", "compact", "rowwise"]


@pytest.mark.filterwarnings("ignore:Sparse invariant checks")
@pytest.mark.parametrize("name", ["bilstm_crf", "ncf"])
def test_a_patched_file_trains_as_the_change_does(name: str, builder, tmp_path: Path) -> None:
    source = FOLDER / f"{name}.py"
    found = changes_in(builder(source))
    for change in PATCHED:
        assert found[change].patch, change
        path = tmp_path / change / source.name
        path.parent.mkdir()
        path.write_bytes(source.read_bytes())
        command = ["git", "apply", "-"]
        subprocess.run(command, input=f"{found[change].patch}\n", text=True, cwd=path.parent, check=True)
        other = train(TorchProgram(builder(path).small(None), "build"))
        own = builder(source)
        program = TorchProgram(own.small(None), "build")
        names = {
            each.name for each in find_tables(TorchProgram(own.small(None), "build"), FOLDER).tables if each.lookups
        }
        change_named(change).apply(program, {n: w for n, w in program.model.named_parameters() if n in names})
        assert compare(train(program), other).identical, change
