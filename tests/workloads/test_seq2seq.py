"""Claims about an encoder and a decoder, held against trials that are right and trials that lie."""

import numpy as np
import pytest

from embbench.cases.case import make_case
from embbench.workloads import _lstm, draw_batches, operations_of
from embbench.workloads._seq2seq_claims import (
    GOES_ON,
    LEARNING_RATE,
    LOSSES,
    WEIGHTS,
    loss_and_gradients,
    start,
)
from embbench.workloads.seq2seq import start_claims, weight_count

STEPS = 4
CASE = make_case({"workload": "seq2seq", "batch": 3, "seq": 4, "hidden": 5})


class RightTranslation:
    """The right steps in NumPy. Lies override a method."""

    def __init__(self, drawn):
        self.drawn, self.made, self.held = drawn, 0, start(CASE)

    def batch(self):
        return [self.drawn[name][self.made % len(self.drawn["labels"])] for name in ("source", "fed", "labels")]

    def step(self):
        self.last, gradients = loss_and_gradients(self.held, *self.batch())
        self.held = {name: array - LEARNING_RATE * gradients[name] for name, array in self.held.items()}
        self.made += 1

    def loss(self):
        return self.last

    def weights(self):
        return self.held

    def decode(self, weights, source, fed):
        tape = _lstm._lstm_forward(weights, 0, source)[1]
        return _lstm._lstm_forward(weights, 1, fed, (tape["hidden"][:, -1], tape["cells"][:, -1]))[0]

    def further_claims(self):
        return []


class FeedsItself(RightTranslation):
    """Its decoder reads the very tokens that it predicts."""

    def batch(self):
        source, _, labels = super().batch()
        return [source, np.eye(8)[labels], labels]


class StartsFromZeros(RightTranslation):
    def decode(self, weights, source, fed):
        return _lstm._lstm_forward(weights, 1, fed)[0]


class KeepsEncoder(RightTranslation):
    """No gradient reaches its encoder."""

    def step(self):
        kept = {name: array for name, array in self.held.items() if name.endswith("0")}
        super().step()
        self.held |= kept


def broken(kind):
    drawn = draw_batches(CASE, 16)
    trial = kind(drawn)
    finish = start_claims(CASE, drawn, trial)
    for _ in range(STEPS):
        trial.step()
    return {each.name for each in finish(STEPS) if not each.holds}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (RightTranslation, []),
        (FeedsItself, [LOSSES, WEIGHTS]),
        (StartsFromZeros, [GOES_ON]),
        (KeepsEncoder, [LOSSES, WEIGHTS]),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_every_lie_breaks_its_claim(kind, expected):
    assert broken(kind) == {each.name for each in expected}


def test_the_decoder_reads_the_target_shifted_by_one():
    drawn = draw_batches(CASE, 2)
    assert not drawn["fed"][:, :, 0].any()
    assert (drawn["fed"][:, :, 1:].argmax(-1) == drawn["labels"][:, :, :-1]).all()
    assert (drawn["fed"][:, :, 1:].sum(-1) == 1).all()


def test_the_gradient_through_the_state_is_the_finite_difference():
    batch = [drawn[0] for drawn in draw_batches(CASE, 1).values()]
    weights = start(CASE)
    gradients = loss_and_gradients(weights, *batch)[1]
    for name, array in weights.items():
        for index in list(np.ndindex(array.shape))[::9]:
            sides = []
            for by in (1e-6, -1e-6):
                moved = array.copy()
                moved[index] += by
                sides.append(loss_and_gradients({**weights, name: moved}, *batch)[0])
            assert gradients[name][index] == pytest.approx((sides[0] - sides[1]) / 2e-6, rel=1e-5, abs=1e-9)


def test_its_sizes_are_those_of_two_lstms_and_a_head():
    assert weight_count(CASE) == sum(array.size for array in start(CASE).values()) + 2 * 4 * 5  # second biases
    assert operations_of(CASE) == 3 * 4 * 5 * (2 * 24 * 5 + 16 * 16 + 6 * 8)
