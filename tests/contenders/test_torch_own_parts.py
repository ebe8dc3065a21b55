"""The parts of a user's own PyTorch step: they add up, each call counts for its own part, and nothing stays hooked."""

from pathlib import Path
from statistics import median

import pytest

from tests import own_models

torch = pytest.importorskip("torch")

from embbench.engines.own_twin import compare  # noqa: E402
from embbench.engines.torch.own_model.parts import parts_of  # noqa: E402
from embbench.engines.torch.own_model.program import TorchProgram  # noqa: E402
from embbench.engines.torch.own_model.twin import train  # noqa: E402
from tests.own_models import bilstm_crf, nanogpt, word_language_model  # noqa: E402

FOLDER = Path(own_models.__file__).parent
EVERY = {"step", "forward", "backward", "zero_grad"}


def found(build, table: str) -> tuple[TorchProgram, dict[str, float]]:
    program = TorchProgram(build(), "build")
    tables = [dict(program.model.named_parameters())[table]]
    return program, {part: median(seconds) for part, seconds in parts_of(program, tables, FOLDER).items()}


@pytest.mark.parametrize(
    ("build", "table", "parts"),
    [
        (bilstm_crf.build, "words.weight", EVERY | {"update_table", "update_rest"}),
        (nanogpt.build, "wte.weight", EVERY | {"update_table", "update_rest", "clipping"}),
        (word_language_model.build, "encoder.weight", EVERY | {"clipping"}),  # its update is the user's own loop
    ],
)
def test_the_parts_are_those_that_the_step_has(build, table: str, parts: set[str]) -> None:
    _, seconds = found(build, table)
    assert set(seconds) == parts
    assert min(seconds.values()) >= 0
    assert sum(value for part, value in seconds.items() if part != "step") == pytest.approx(seconds["step"], rel=0.5)


def test_nothing_stays_hooked_and_the_training_is_the_same() -> None:
    before = torch.autograd.backward, torch.nn.utils.clip_grad_norm_
    program, _ = found(bilstm_crf.build, "words.weight")
    assert (torch.autograd.backward, torch.nn.utils.clip_grad_norm_) == before
    assert "step" not in vars(program.optimizers[0])
    assert "zero_grad" not in vars(program.model)
    groups = [len(group["params"]) for group in program.optimizers[0].param_groups]
    assert groups == [len(list(program.model.parameters()))]


def test_an_update_in_two_is_the_same_update() -> None:
    from embbench.engines.torch.own_model.parts import Timed, _in_two

    own = train(TorchProgram(bilstm_crf.build(), "build"))
    program = TorchProgram(bilstm_crf.build(), "build")
    tables = [dict(program.model.named_parameters())["words.weight"]]
    (optimizer,) = program.optimizers
    optimizer.step = _in_two(optimizer, tables, Timed(lambda: None))
    assert compare(own, train(program)).identical
