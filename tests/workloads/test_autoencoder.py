"""The autoencoder's samples and floor, its claims against trials that are right or lie, and its learning curves."""

import numpy as np
import pytest

from embbench.workloads import draw_batches, workloads
from embbench.workloads._autoencoder_claims import (
    AT,
    COARSE,
    LOOSE,
    LOSSES,
    NEW,
    OLD,
    STATE,
    UNCORRECTED,
    WEIGHTS,
    Before,
    loss_and_gradients,
    moved,
    outputs,
    path,
)
from embbench.workloads._autoencoder_curves import curves
from embbench.workloads._autoencoder_data import (
    FLOOR,
    INDEPENDENT_FLOOR,
    INDEPENDENT_ZERO,
    ZERO,
    SampleSource,
    scale_of,
)
from embbench.workloads.autoencoder import AXES, start, start_claims
from tests.workloads.autoencoding_trials import (
    STEPS,
    CountsFromLater,
    ForgetsItsState,
    RateOfThen,
    RepeatsABatch,
    RightAutoencoder,
    StandsStill,
    case_of,
)


def broken(trial_type, advice):
    """Names of the claims that do not hold."""
    case = case_of(advice)
    drawn = draw_batches(case, 4)
    trial = trial_type(case, drawn)
    finish = start_claims(case, drawn, trial)
    for _ in range(STEPS):
        trial.step()
    return {each.name for each in finish(STEPS) if not each.holds}


@pytest.mark.parametrize("advice", AXES["advice"]["choices"])
def test_right_trials_keep_the_claims(advice):
    assert broken(RightAutoencoder, advice) == set()


@pytest.mark.parametrize(
    ("lie", "advice", "expected"),
    [
        (StandsStill, "adam", [LOSSES, WEIGHTS, STATE]),
        (RepeatsABatch, "adam", [LOSSES, WEIGHTS, STATE]),
        (RateOfThen, "adadelta", [LOSSES, WEIGHTS]),
        (ForgetsItsState, "adam", [LOSSES, WEIGHTS, STATE]),
        (CountsFromLater, "adam", [LOSSES, WEIGHTS, STATE]),
    ],
)
def test_lies_break_claims(lie, advice, expected):
    assert broken(lie, advice) == {each.name for each in expected}


@pytest.mark.parametrize("advice", ["adam", "relu_code", "relu_last"])
def test_gradients_are_the_slopes_of_the_loss(advice):
    case = case_of(advice)
    weights, inputs = start(case), SampleSource(case).draw(4)
    gradients = loss_and_gradients(case, weights, inputs)[1]
    rng = np.random.default_rng(0)
    for name, gradient in gradients.items():
        way = rng.standard_normal(gradient.shape)
        there, back = (
            loss_and_gradients(case, {**weights, name: weights[name] + sign * 1e-6 * way}, inputs)[0]
            for sign in (1, -1)
        )
        assert (there - back) / 2e-6 == pytest.approx((gradient * way).sum(), rel=1e-5)


def test_samples_have_the_errors_that_arithmetic_gives():
    assert pytest.approx(2.8) == ZERO
    assert pytest.approx(1.25) == FLOOR
    source = SampleSource(case_of("adam"))
    samples = source.draw(4000)
    assert (samples**2).mean() == pytest.approx(ZERO, rel=0.01)
    assert source.floors(samples).mean() == pytest.approx(FLOOR, rel=0.005)


def test_independent_samples_have_nothing_to_learn():
    assert pytest.approx(100 / 3) == INDEPENDENT_ZERO
    assert pytest.approx(95 / 3) == INDEPENDENT_FLOOR
    source = SampleSource(case_of("independent"))
    samples = source.draw(1000)
    assert (samples**2).mean() == pytest.approx(INDEPENDENT_ZERO, rel=0.005)
    assert source.floors(samples).mean() == pytest.approx(INDEPENDENT_FLOOR, rel=0.005)


def test_no_fitted_code_is_better_than_the_floor_on_new_samples():
    """PCA of training samples is the best that a linear training can reach on these."""
    source = SampleSource(case_of("adam"))
    training, new = source.draw(2000), source.draw(500)
    fitted = np.linalg.eigh(training.T @ training)[1][:, -50:]
    excess = ((new - new @ fitted @ fitted.T) ** 2).mean(-1) - source.floors(new)
    assert 0.0 < excess.mean() < 0.1


def test_movements_against_a_constant_gradient():
    assert AT == (1, 100, 1000)
    assert path(NEW) == pytest.approx([1.41421e-6, 1.5713e-4, 2.1518e-3], rel=1e-4)
    assert path(OLD) == pytest.approx([1000 * each for each in path(NEW)])
    assert path(LOOSE) == pytest.approx([3.16226e-3, 0.40615, 7.6058], rel=1e-5)


@pytest.mark.parametrize(("place", "right"), [("corrected", 1 / 1.1), ("uncorrected", UNCORRECTED)])
def test_the_place_of_epsilon(place, right):
    before = Before(*({"encoder": np.zeros(1)} for _ in range(3)))
    after = moved(COARSE, before, {"encoder": np.ones(1)}, 1, place)
    assert -after.weights["encoder"][0] == pytest.approx(right)


def test_scaled_samples_are_standardized_and_scored_on_their_own_scale():
    case = case_of("scaled", batch=16)
    inputs = draw_batches(case, 4)["inputs"].reshape(-1, 1000)
    assert (inputs.mean(0), inputs.std(0)) == (pytest.approx(0, abs=1e-5), pytest.approx(1, abs=1e-5))
    samples = SampleSource(case).draw(64)
    scale = scale_of(case, samples)
    assert scale.undone(scale.applied(samples)) == pytest.approx(samples)
    assert not np.array_equal(draw_batches(case_of("adam", batch=16), 4)["inputs"].reshape(-1, 1000), inputs)


def test_a_relu_on_the_last_layer_has_no_negative_numbers():
    case = case_of("relu_last")
    found = outputs(case, start(case), SampleSource(case).draw(8))[1]
    assert found.min() == 0.0 < found.max()


class Knows(RightAutoencoder):
    """Its weights are the best code from the start."""

    def __init__(self, case, drawn):
        super().__init__(case, drawn)
        directions = SampleSource(case).directions
        self.held.weights.update(encoder=directions.T, decoder=directions)

    def step(self):
        pass


def test_the_best_code_has_no_excess():
    (curve,) = curves(case_of("adam", batch=32), [3], Knows)
    assert curve.seed == 3
    assert curve.steps == (0, 30, 60, 90, 120, 150, 180, 210, 240, 270, 300)
    assert curve.scores["excess"] == pytest.approx([0] * 11, abs=1e-9)
    assert curve.scores["training"] == pytest.approx([0] * 11, abs=1e-9)
    assert curve.facts["floor"] == pytest.approx(FLOOR, rel=0.02)
    assert curve.facts["positive"] == pytest.approx(ZERO / 2, rel=0.02)


def test_every_seed_has_samples_and_weights_of_its_own_and_every_advice_the_same():
    found = {
        (advice, seed): next(iter(curves(case_of(advice, batch=32, train_steps=1), [seed], RightAutoencoder)))
        for advice, seed in (("adam", 1), ("adam", 2), ("adadelta", 1))
    }
    first = {key: curve.scores["excess"][0] for key, curve in found.items()}
    assert first["adam", 1] == first["adadelta", 1] != first["adam", 2]
    assert found["adam", 1].scores["excess"][1] < first["adam", 1]


def test_counts():
    case, workload = case_of("adam", batch=32), workloads()["autoencoder"]
    assert workload.weight_count(case) == sum(array.size for array in start(case).values()) == 101_050
    assert workload.operations(case) == 5 * 2 * 32 * 1000 * 50
