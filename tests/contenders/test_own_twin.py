"""Whether two programs train alike: honest rounding passes, planted differences do not."""

import numpy as np
import pytest

from embbench.engines.own_twin import Trained, compare, share_off

torch = pytest.importorskip("torch")

from embbench.engines.torch.own_model.change import change_named  # noqa: E402
from embbench.engines.torch.own_model.program import TorchProgram  # noqa: E402
from embbench.engines.torch.own_model.twin import train  # noqa: E402
from tests.own_models import awd_lstm, nanogpt, torchmoji, word2vec, word_language_model  # noqa: E402
from tests.own_models.small_classifier import VOCAB, made  # noqa: E402

FIXTURES = {
    "awd_lstm": awd_lstm.build,
    "nanogpt": nanogpt.build,
    "torchmoji": torchmoji.build,
    "word2vec": word2vec.build,
    "word_language_model": word_language_model.build,
}


def program_of(build) -> TorchProgram:
    torch.manual_seed(0)
    return TorchProgram(build(), "build")


def with_adamw(change=lambda program: None, decay: float = 0.01) -> Trained:
    program = program_of(lambda: made(optimizer="AdamW", weight_decay=decay))
    change(program)
    return train(program)


@pytest.mark.parametrize("name", FIXTURES)
def test_a_program_is_its_own_twin(name: str) -> None:
    own, again = (train(program_of(FIXTURES[name])) for _ in range(2))
    twin = compare(own, again)
    assert (twin.same, twin.identical, twin.difference) == (True, True, 0.0)


@pytest.mark.parametrize("optimizer", ["Adam", "AdamW", "SGD", "Adagrad"])
def test_fused_is_the_same_training(optimizer: str) -> None:
    own = train(program_of(lambda: made(optimizer=optimizer)))
    program = program_of(lambda: made(optimizer=optimizer))
    change_named("fused").apply(program, {})
    twin = compare(own, train(program))
    assert twin.same
    assert twin.difference < 1e-5


def jittered(decay: float = 0.01) -> Trained:
    return train(program_of(lambda: made(optimizer="AdamW", weight_decay=decay)), jitter=True)


@pytest.mark.parametrize("decay", [0.01, 1e-3])
def test_lost_weight_decay_is_another_training(decay: float) -> None:
    assert not compare(with_adamw(decay=decay), with_adamw(decay=0.0), jittered(decay)).same


def test_a_change_of_the_last_place_is_the_same_training() -> None:
    assert compare(with_adamw(), jittered()).same


def test_numbers_whose_gradient_is_rounding_are_left_out() -> None:
    own = train(program_of(nanogpt.build))
    program = program_of(nanogpt.build)
    change_named("fused").apply(program, {})
    fused, last_places = train(program), train(program_of(nanogpt.build), jitter=True)
    assert compare(own, fused).off == "layer.self_attn.in_proj_bias"  # of the keys, which changes no softmax
    assert compare(own, fused, last_places).same


def test_wrong_rate_of_a_group_is_another_training() -> None:
    def change(program: TorchProgram) -> None:
        program.optimizers[1].param_groups[0]["lr"] *= 1.01

    twin = compare(with_adamw(), with_adamw(change), jittered())
    assert not twin.same
    assert twin.off.startswith("head")


def test_shifted_rows_are_another_training() -> None:
    def change(program: TorchProgram) -> None:
        program.batches = [((words + 1) % VOCAB, right) for words, right in program.batches]

    assert not compare(with_adamw(), with_adamw(change), jittered()).same


def test_sparse_adam_is_another_training() -> None:
    own = train(program_of(lambda: made(optimizer="Adam")))
    program = program_of(lambda: made(optimizer="Adam"))
    change_named("sparse").apply(program, dict(program.model.named_parameters()))
    assert not compare(own, train(program)).same


@pytest.mark.filterwarnings("ignore:Sparse invariant checks")
@pytest.mark.parametrize("optimizer", ["SGD", "Adagrad"])
def test_sparse_gradients_are_the_same_training_where_no_state_forgets(optimizer: str) -> None:
    own = train(program_of(lambda: made(optimizer=optimizer)))
    program = program_of(lambda: made(optimizer=optimizer))
    change_named("sparse").apply(program, dict(program.model.named_parameters()))
    assert compare(own, train(program)).same


def test_rounding_is_not_counted_and_more_is() -> None:
    before, own = np.zeros(1000, np.float32), np.full(1000, 1.0, np.float32)
    assert share_off(before, own, own + 8 * np.spacing(own)) == 0
    assert share_off(before, own, own + np.float32(1e-3)) == 1
    other = own.copy()
    other[:5] = 2
    assert share_off(before, own, other) == 0.005


def test_weights_that_do_not_move_do_not_hide_others() -> None:
    before = np.zeros((1000, 4), np.float32)
    own, other = before.copy(), before.copy()
    own[:10], other[:10] = 1, 1.1
    assert share_off(before, own, other) == 1
