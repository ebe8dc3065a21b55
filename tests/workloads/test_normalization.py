"""Claims about norms, held against trials that are right and trials that lie; and the curves of such trials."""

import numpy as np
import pytest

from embbench.errors import UsageError
from embbench.workloads import draw_batches
from embbench.workloads._normalization_data import CATEGORIES, Population, frequencies, rare_alone
from embbench.workloads._normalization_expected import (
    FAR,
    FINITE,
    FINITE_LATER,
    LOSSES,
    MOVING,
    PREDICTED,
    RARE_ONES,
    RATES,
    RESTARTED,
    WEIGHTS,
    absent,
    excess_at,
    far,
    four,
    initial_share,
    layer_four,
    layer_joined,
    moved,
    once,
    one_hot,
    own_at,
    rare,
)
from embbench.workloads._normalization_learning import excess
from embbench.workloads._scoring import standard_error
from embbench.workloads.normalization import curves, start, start_claims, weight_count
from tests.workloads.normed_trials import (
    OLD,
    STEPS,
    BySquares,
    IgnoresRate,
    NeverNorms,
    NewNorms,
    OtherEpsilon,
    OtherMomentum,
    PredictsByBatch,
    RightNorms,
    StaysStill,
    case_of,
)

NORMS = ("off", "batch_before", "batch_after", "layer_after", "batch_dense")


def broken(trial_type, norm):
    """Names of the claims that do not hold."""
    case = case_of(norm)
    drawn = draw_batches(case, 16)
    trial = trial_type(case, drawn)
    finish = start_claims(case, drawn, trial)
    for _ in range(STEPS):
        trial.step()
    return {each.name for each in finish(STEPS) if not each.holds}


@pytest.mark.parametrize("trial_type", [RightNorms, NewNorms])
@pytest.mark.parametrize("norm", NORMS)
def test_right_trials_keep_all_claims(trial_type, norm):
    assert broken(trial_type, norm) == set()


BY_EPSILON = [make(OLD.epsilon) for make in (four, one_hot, rare, once)]


@pytest.mark.parametrize(
    ("lie", "norm", "expected"),
    [
        (StaysStill, "batch_before", [MOVING, RESTARTED]),
        (NeverNorms, "batch_after", [LOSSES, WEIGHTS, MOVING, RESTARTED]),
        (NeverNorms, "layer_after", [LOSSES, WEIGHTS, RESTARTED]),
        (PredictsByBatch, "batch_dense", [PREDICTED]),
        (OtherEpsilon, "batch_before", [*BY_EPSILON, absent(OLD)]),
        (OtherEpsilon, "layer_after", [layer_four(1e-3), layer_joined(1e-3)]),
        (OtherMomentum, "batch_before", [moved(0.99, False), initial_share(0.99), absent(OLD)]),
        (BySquares, "batch_before", [*map(far, FAR), FINITE, FINITE_LATER]),
        (IgnoresRate, "off", [RESTARTED]),
    ],
    ids=lambda each: getattr(each, "__name__", each if isinstance(each, str) else ""),
)
def test_every_lie_breaks_its_claim(lie, norm, expected):
    assert broken(lie, norm) == {each.name for each in expected}


def test_right_values_of_two_conventions():
    assert four(1e-3).want == pytest.approx([1.341104], abs=1e-6)
    assert four(1e-5).want == pytest.approx([1.341635], abs=1e-6)
    assert moved(0.99, unbiased=False).want == pytest.approx([0.025, 1.0025])
    assert moved(0.9, unbiased=True).want == pytest.approx([0.25, 1.0666667])
    assert moved(0.99, unbiased=True).want == pytest.approx([0.025, 1.0066667])
    assert initial_share(0.99).want == pytest.approx([0.366], abs=1e-3)
    assert one_hot(0.0).want == pytest.approx([3, -1 / 3])
    assert rare(1e-3).want == pytest.approx([30.1], abs=0.1)
    assert rare(1e-5).want == pytest.approx([95.3], abs=0.1)


def test_categories_are_skewed_from_a_third_to_one_in_ten_thousand():
    shares = frequencies()
    assert shares.sum() == pytest.approx(1)
    assert shares[0] == pytest.approx(0.3, abs=1e-3)
    assert shares[-1] == pytest.approx(1e-4, rel=0.2)
    assert rare_alone()[:9].max() == 0 < rare_alone()[10]


def test_labels_follow_the_distribution_that_is_called_best():
    samples = Population(np.random.default_rng(1)).draw(20_000, 5, frequencies())
    assert np.exp(samples.best).sum(1) == pytest.approx(1)
    found, wanted = np.eye(8)[samples.labels].mean(0), np.exp(samples.best).mean(0)
    assert found == pytest.approx(wanted, abs=0.012)
    assert excess(samples, samples.best) == pytest.approx(0)
    worse = excess(samples, samples.best * 0.8)
    assert worse.mean() > 4 * standard_error(worse)


def test_a_curve_has_every_rate_and_the_same_start():
    case = case_of("batch_after", train_steps=40)
    one, two = curves(case, range(3, 5), RightNorms)
    assert (one.seed, two.seed) == (3, 4)
    assert one.steps == (0, 7, 13, 20, 27, 33, 40)
    names = {excess_at(rate, which) for rate in RATES for which in ("", RARE_ONES)}
    assert one.scores.keys() == names
    assert len({one.scores[excess_at(rate)][0] for rate in RATES}) == 1
    assert len({one.scores[excess_at(rate)][-1] for rate in RATES}) == len(RATES)
    assert all(curve.scores[excess_at(0.3)][-1] < curve.scores[excess_at(0.3)][0] for curve in (one, two))
    assert one.facts["beyond_floor"] < 4
    assert own_at(0.3) in one.facts


def test_settings_are_pairs_within_a_seed():
    found = {
        norm: next(curves(case_of(norm, train_steps=6), range(3, 4), RightNorms)) for norm in ("off", "batch_dense")
    }
    assert found["off"].facts["floor"] == found["batch_dense"].facts["floor"]
    first = {
        name: start(case_of(norm, seed=3), 1)["w_input0"].sum() for name, norm in (("a", "off"), ("b", "batch_dense"))
    }
    assert first["a"] == first["b"]


def test_a_seed_trains_as_if_it_were_alone():
    case = case_of("off", train_steps=6)
    together = list(curves(case, range(3, 5), RightNorms))[1]
    (alone,) = curves(case, range(4, 5), RightNorms)
    assert together == alone


def test_it_has_no_table_and_counts_the_weights_of_its_norm():
    with pytest.raises(UsageError, match="vocab: the workload normalization has no such axis"):
        case_of("off", vocab=50)
    assert weight_count(case_of("batch_after")) - weight_count(case_of("off")) == 2 * (4 + CATEGORIES)
