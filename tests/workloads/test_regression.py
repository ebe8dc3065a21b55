"""The regression: steps held against NumPy's, samples with known noise, and learning curves."""

import msgspec
import numpy as np
import pytest

from embbench.cases.case import make_case
from embbench.errors import UsageError
from embbench.workloads import draw_batches, operations_of
from embbench.workloads._regression_curves import POINTS
from embbench.workloads._regression_plan import plan_of, start
from embbench.workloads._regression_samples import lesson_of
from embbench.workloads._regression_steps import LOSSES, WEIGHTS, loss_and_gradients, numbers_of
from embbench.workloads.regression import AXES, curves, start_claims, weight_count
from tests.workloads.regressing_trials import (
    STEPS,
    DecaysBiases,
    HalfPenalty,
    HonestRegression,
    NeverDecays,
    OneBatch,
    OtherRate,
    StandsStill,
    Uncorrected,
    UndroppedUnits,
    case_of,
)

REMEDIES = AXES["remedy"]["choices"]


def broken(trial_type, remedy):
    """Names of the claims that do not hold."""
    case = case_of(remedy)
    drawn = draw_batches(case, 16)
    trial = trial_type(case, drawn)
    finish = start_claims(case, drawn, trial)
    for _ in range(STEPS):
        trial.step()
    return {each.name for each in finish(STEPS) if not each.holds}


@pytest.mark.parametrize("remedy", REMEDIES)
def test_right_trials_keep_all_claims(remedy):
    assert broken(HonestRegression, remedy) == set()


@pytest.mark.parametrize(
    ("lie", "remedy", "expected"),
    [
        (StandsStill, "off", [LOSSES, WEIGHTS]),
        (StandsStill, "slower", [LOSSES, WEIGHTS]),
        (OneBatch, "sgd", [LOSSES, WEIGHTS]),
        (NeverDecays, "weight_decay", [WEIGHTS]),
        (HalfPenalty, "l2", [LOSSES, WEIGHTS]),
        (UndroppedUnits, "dropout", [LOSSES, WEIGHTS]),
        (Uncorrected, "faster", [LOSSES, WEIGHTS]),
        (OtherRate, "sgd", [LOSSES, WEIGHTS, numbers_of(plan_of(case_of("sgd")).setup)]),
    ],
    ids=lambda each: getattr(each, "__name__", each if isinstance(each, str) else ""),
)
def test_every_lie_breaks_its_claim(lie, remedy, expected):
    assert broken(lie, remedy) == {each.name for each in expected}


def test_decay_of_biases_is_too_small_to_show_in_the_first_steps():
    """Biases start at 0. The timed steps are thousands."""
    assert broken(DecaysBiases, "weight_decay") == set()


@pytest.mark.parametrize("remedy", ["off", "strong_l2"])
def test_gradients_are_the_slopes_of_the_loss(remedy):
    plan, rng = plan_of(case_of(remedy)), np.random.default_rng(0)
    inputs, targets = rng.standard_normal((6, 20)), rng.standard_normal((6, 1))
    weights = {name: array.astype(np.float64) for name, array in start(plan.layers, 0).items()}
    _, gradients = loss_and_gradients(plan, weights, inputs, targets)
    for name in ("kernel0", "kernel1", "kernel2", "bias1"):
        direction, step = rng.standard_normal(weights[name].shape), 1e-6
        up, down = ({**weights, name: weights[name] + sign * step * direction} for sign in (1, -1))
        rise = loss_and_gradients(plan, up, inputs, targets)[0] - loss_and_gradients(plan, down, inputs, targets)[0]
        assert rise / (2 * step) == pytest.approx((gradients[name] * direction).sum(), rel=1e-5)


def test_l2_adds_twice_itself_times_the_weight():
    given = {name: np.ones(shape) for name, shape in (("inputs", (2, 20)), ("targets", (2, 1)))}
    plan, penalized = (plan_of(case_of(remedy)) for remedy in ("off", "strong_l2"))
    weights = start(plan.layers, 0)
    without, added = (loss_and_gradients(each, weights, **given)[1] for each in (plan, penalized))
    assert added["kernel1"] - without["kernel1"] == pytest.approx(0.2 * weights["kernel1"])
    assert (added["bias1"] == without["bias1"]).all()


def test_samples_have_noise_of_variance_1_and_something_to_learn():
    facts = [lesson_of(case_of(seed=seed)).facts for seed in range(8)]
    assert np.mean([each["floor"] for each in facts]) == pytest.approx(1, abs=0.03)
    assert np.mean([each["of_mean"] for each in facts]) == pytest.approx(2.25, abs=0.35)


def test_inputs_are_scaled_or_raw_and_otherwise_the_same():
    one, raw = (lesson_of(case_of(remedy)) for remedy in ("off", "raw_inputs"))
    assert one.scored["excess"].inputs.std(0) == pytest.approx(1, abs=0.06)
    widths = raw.scored["excess"].inputs.std(0)
    assert 0.09 < widths.min() < 0.5 < 3 < widths.max() < 10.6
    for name, samples in one.scored.items():
        assert (samples.targets == raw.scored[name].targets).all()


def test_a_remedy_of_more_samples_has_16_times_as_many_and_the_same_held_out_ones():
    one, more = (lesson_of(case_of(remedy)) for remedy in ("off", "more_samples"))
    assert (one.drawn["inputs"].shape, more.drawn["inputs"].shape) == ((5, 32, 20), (80, 32, 20))
    assert (one.scored["excess"].inputs == more.scored["excess"].inputs).all()


def test_the_best_possible_answers_have_no_excess():
    found = lesson_of(case_of()).scored["excess"]
    known = found.targets[:, 0] - found.noise
    assert ((known - found.targets[:, 0]) ** 2 - found.noise**2).mean() == pytest.approx(0, abs=1e-6)


@pytest.fixture(scope="module")
def learnt():
    built = []

    def prepare(case, drawn):
        built.append(HonestRegression(case, drawn))
        return built[-1]

    return list(curves(case_of(), range(3), prepare)), built


def test_a_trial_is_built_once_and_starts_again_for_every_seed(learnt):
    found, built = learnt
    assert [each.seed for each in found] == [0, 1, 2]
    assert (len(built), built[0].restarts) == (1, 4)
    alone = next(curves(case_of(), [2], HonestRegression))
    assert alone == found[2]


def test_a_curve_has_its_places_scores_and_errors(learnt):
    for found in learnt[0]:
        assert found.steps == tuple(range(0, 41, 40 // POINTS))
        assert found.scores.keys() == {"excess", "training", "validation"}
        assert found.scores["training"][-1] < found.scores["training"][0] - 0.3
        assert found.facts["standard_error_validation"] > 3 * found.facts["standard_error_excess"]
        assert found.facts["beyond_floor"] == 0.0


def test_a_training_that_diverges_has_no_number():
    class Diverges(HonestRegression):
        def weights(self):
            return {name: array * np.nan for name, array in self.held.items()}

    (found,) = curves(case_of(), [0], Diverges)
    assert set(found.scores["excess"]) == {None}
    assert found.facts["beyond_floor"] == 0.0
    msgspec.json.decode(msgspec.json.encode(found), type=type(found))


def test_it_has_no_table_no_sequence_and_no_optimizer_axis():
    for axis, value in (("vocab", 50), ("seq", 8), ("optimizer", "sgd")):
        with pytest.raises(UsageError, match=f"{axis}: the workload regression has no such axis"):
            make_case({"workload": "regression", axis: value})


def test_its_size_is_that_of_its_layers():
    assert weight_count(case_of()) == 21 * 32 + 33 * 128 + 129
    assert operations_of(case_of(batch=10)) == 10 * (6 * (20 * 32 + 32 * 128 + 128) - 2 * 20 * 32)
