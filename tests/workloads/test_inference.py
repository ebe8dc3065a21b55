"""Claims about predictions, held against trials that are right and trials that lie."""

import numpy as np
import pytest

from embbench.cases.case import make_case
from embbench.cases.workload import initial_rows
from embbench.workloads import _lstm, draw_tokens, operations_of
from embbench.workloads.inference import (
    REGULARIZED_SCORES,
    REPEATED,
    RESET,
    SCORES,
    STATEFUL,
    STATELESS,
    TRAINED_UNCHANGED,
    UNCHANGED,
    Regularized,
    operations,
    start_claims,
    z_states,
)

CASE = make_case(
    {
        "workload": "inference",
        "table": "frozen",
        "vocab": 50,
        "dim": 4,
        "hidden": 3,
        "batch": 5,
        "seq": 6,
        "per_call": 3,
    }
)
STEPS = 7


class Honest:
    """The right predictions, by NumPy."""

    def __init__(self, tokens):
        self.ids, self.made = tokens.ids, 0
        self.weights = _lstm.start(CASE, 1) | {"rows": initial_rows(CASE, np.arange(50)).astype(float)}

    def step(self):
        for _ in range(CASE.per_call):
            self.last = self.predict(self.ids[self.made % (len(self.ids) // CASE.per_call * CASE.per_call)])
            self.made += 1

    def predict(self, ids):
        hidden = _lstm.last_hidden(self.weights, self.weights["rows"][ids])
        return hidden @ self.weights["head_weight"].T + self.weights["head_bias"]

    def kept(self):
        return self.weights.items()

    def scores(self):
        return self.last

    def regularized(self):
        rng = np.random.default_rng(1)
        moving = {"scale": rng.uniform(1, 2, 3), "shift": rng.normal(size=3), "mean": rng.normal(size=3)}
        return Regularized(
            Normalized(self, moving), self.ids[0], self.weights | moving | {"variance": np.full(3, 2.0)}, 0.5
        )

    def cell(self, stateful):
        return Z(stateful)

    def known(self):
        return {}

    def further_claims(self):
        return []


class Normalized:
    """A model with batch norm: variance 2, epsilon 0.5."""

    def __init__(self, model, moving):
        self.model, self.moving = model, moving

    def kept(self):
        return [*self.model.kept(), *self.moving.items()]

    def predict(self, ids):
        hidden = _lstm.last_hidden(self.model.weights, self.model.weights["rows"][ids])
        normal = (hidden - self.moving["mean"]) / 2.5**0.5 * self.moving["scale"] + self.moving["shift"]
        return normal @ self.model.weights["head_weight"].T + self.model.weights["head_bias"]


class Z:
    def __init__(self, stateful):
        self.stateful, self.made = stateful, 0

    def predict(self, steps):
        start = self.made if self.stateful else 0
        self.made += steps
        return np.array(z_states(start + steps)[start:])

    def reset(self):
        self.made = 0


class Learns(Honest):
    """Training goes on in predictions."""

    def predict(self, ids):
        self.weights["head_bias"] = self.weights["head_bias"] + 1e-12
        return super().predict(ids)


class Repeats(Honest):
    """Predicts the first batch again and again."""

    def predict(self, ids):
        return super().predict(self.ids[0])


class Drops(Honest):
    """Dropout is active."""

    def regularized(self):
        made, rng = super().regularized(), np.random.default_rng(0)
        right = made.predictor.predict
        made.predictor.predict = lambda ids: right(ids) * rng.integers(0, 2, (len(ids), 1)) * 2
        return made


class Forgets(Honest):
    def cell(self, stateful):
        return Z(False)


class Remembers(Honest):
    def cell(self, stateful):
        return Z(True)


class NeverResets(Honest):
    def cell(self, stateful):
        made = Z(stateful)
        made.reset = lambda: None
        return made


def broken(kind):
    """Names of the claims that do not hold."""
    tokens = draw_tokens(CASE, 64)
    trial = kind(tokens)
    finish = start_claims(CASE, tokens, trial)
    for _ in range(STEPS):
        trial.step()
    return {each.name for each in finish(STEPS) if not each.holds}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Honest, []),
        (Learns, [UNCHANGED]),
        (Repeats, [SCORES]),
        (Drops, [REPEATED, REGULARIZED_SCORES]),
        (Forgets, [STATEFUL]),
        (Remembers, [STATELESS]),
        (NeverResets, [RESET]),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_every_lie_breaks_its_claim(kind, expected):
    assert broken(kind) == {each.name for each in expected}


def test_predictions_that_move_a_moving_average_break_the_claim_about_trained_models():
    class Moves(Honest):
        def regularized(self):
            made = super().regularized()
            right, moving = made.predictor.predict, made.predictor.moving
            made.predictor.predict = lambda ids: (right(ids), moving.update(mean=moving["mean"] + 1e-9))[0]
            return made

    assert TRAINED_UNCHANGED.name in broken(Moves)


def test_the_states_of_a_z_lstm():
    """With c1 = 1/2, c2 = 3/4, c3 = 7/8, and h = tanh(c) / 2."""
    assert z_states(3) == pytest.approx([0.2310586, 0.3175745, 0.3519528], abs=1e-7)


def test_a_prediction_has_a_third_of_the_operations_of_training():
    training = make_case({"vocab": 50, "dim": 4, "hidden": 3, "batch": 5, "seq": 6})
    assert operations(CASE) == pytest.approx(operations_of(training) / 3 * CASE.per_call)
