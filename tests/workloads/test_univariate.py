"""Claims about a forecast without a table, held against trials that are right and trials that lie."""

import numpy as np
import pytest

from embbench.cases.case import make_case
from embbench.workloads.univariate import (
    EVALUATED,
    LOSSES,
    RATE,
    SAMPLES,
    WEIGHTS,
    draw_inputs,
    loss_and_gradients,
    start,
    start_claims,
)

SIZES = {"workload": "univariate", "hidden": 3, "batch": 4, "seq": 5}
STEPS = 6


class Honest:
    """The right steps and evaluations, by NumPy in float32."""

    def __init__(self, case, batches):
        self.case, self.batches, self.made = case, batches, 0
        self.now = {name: array.astype(np.float32) for name, array in start(case).items()}

    def step(self):
        place = self.made % len(self.batches["inputs"])
        self.last, gradients = loss_and_gradients(self.now, *(self.batches[name][place] for name in self.batches))
        self.now = {name: array - np.float32(self.rate() * gradients[name]) for name, array in self.now.items()}
        self.made += 1

    def rate(self):
        return RATE

    def sync(self):
        pass

    def weights(self):
        return {name: array.copy() for name, array in self.now.items()}

    def loss(self):
        return self.last

    def losses(self):
        inputs, targets = (self.batches[name][0] for name in ("inputs", "targets"))
        return [loss_and_gradients(self.now, inputs[at : at + 1], targets[at : at + 1])[0] for at in range(SAMPLES)]

    def evaluate(self, size):
        return float(np.mean(self.losses()))

    def further_claims(self):
        return []


class Frozen(Honest):
    def rate(self):
        return 0.0


class Slow(Honest):
    def rate(self):
        return RATE * 0.9


class OneBatch(Honest):
    """Trains on the first batch again and again."""

    def step(self):
        self.made = 0
        super().step()


class MeanOfMeans(Honest):
    def evaluate(self, size):
        losses = self.losses()
        return float(np.mean([np.mean(losses[at : at + size]) for at in range(0, SAMPLES, size)]))


class DropsLast(Honest):
    def evaluate(self, size):
        return float(np.mean(self.losses()[: SAMPLES // size * size]))


def broken(kind, task):
    case = make_case({**SIZES, "task": task})
    batches = draw_inputs(case, 64)
    trial = kind(case, batches)
    finish = start_claims(case, batches, trial)
    for _ in range(STEPS if task == "train" else 0):
        trial.step()
    return {each.name for each in finish(STEPS) if not each.holds}


@pytest.mark.parametrize(
    ("kind", "task", "expected"),
    [
        (Honest, "train", []),
        (Honest, "evaluate", []),
        (Frozen, "train", [LOSSES, WEIGHTS]),
        (Slow, "train", [LOSSES, WEIGHTS]),
        (OneBatch, "train", [LOSSES, WEIGHTS]),
        (MeanOfMeans, "evaluate", [EVALUATED]),
        (DropsLast, "evaluate", [EVALUATED]),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_every_lie_breaks_its_claim(kind, task, expected):
    assert broken(kind, task) == {each.name for each in expected}


def test_an_evaluation_has_a_smaller_last_batch_for_every_size_but_one():
    case = make_case({**SIZES, "task": "evaluate"})
    assert draw_inputs(case, 64)["inputs"].shape == (1, SAMPLES, 5, 1)
    assert all(SAMPLES % size for size in range(2, SAMPLES))
    assert draw_inputs(make_case(SIZES), 64)["inputs"].shape == (64, 4, 5, 1)


def test_the_gradient_is_the_finite_difference():
    case = make_case(SIZES)
    weights = start(case)
    batches = {name: array[0].astype(float) for name, array in draw_inputs(case, 1).items()}
    gradients = loss_and_gradients(weights, *batches.values())[1]
    for name, array in weights.items():
        for index in list(np.ndindex(array.shape))[::5]:
            kept, by = array[index], 1e-6
            array[index] = kept + by
            above = loss_and_gradients(weights, *batches.values())[0]
            array[index] = kept - by
            below = loss_and_gradients(weights, *batches.values())[0]
            array[index] = kept
            assert gradients[name][index] == pytest.approx((above - below) / (2 * by), rel=1e-5, abs=1e-9)


def test_it_has_neither_a_table_nor_tokens():
    case = make_case(SIZES)
    assert (case.table, case.update, case.table_bytes) == ("none", "none", 0)
