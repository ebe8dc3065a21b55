"""The workload `unknown_class`: proofs, texts with exact likelihoods, and scores against values by hand."""

import itertools

import numpy as np
import pytest

from embbench.cases.workload import CLASSES
from embbench.workloads import draw_batches
from embbench.workloads._scoring import area_under_roc
from embbench.workloads._unknown_expected import LOSSES, MOMENTS, WEIGHTS, z_state
from embbench.workloads._unknown_network import binary_cross_entropy, loss_and_gradients
from embbench.workloads._unknown_scores import (
    RULES,
    SCORES,
    against_none,
    against_other,
    beyond,
    energy,
    largest_logit,
    largest_share,
    placements,
)
from embbench.workloads._unknown_texts import (
    KINDS,
    OTHER,
    OTHER_SHARE,
    OWN,
    UNKNOWN,
    UNKNOWN_ROW,
    Topics,
    training_texts,
)
from embbench.workloads.unknown_class import curves, start, start_claims
from tests.workloads.unknown_trials import (
    STEPS,
    FirstBatch,
    Learner,
    NoTable,
    Stands,
    Summed,
    Uncorrected,
    case_of,
)

REJECTS = list(SCORES)


def broken(trial_type, reject):
    """Names of the claims that do not hold."""
    case = case_of(reject)
    drawn = draw_batches(case, 8)
    trial = trial_type(case, drawn)
    finish = start_claims(case, drawn, trial)
    for _ in range(STEPS):
        trial.step()
    return {each.name for each in finish(STEPS) if not each.holds}


@pytest.mark.parametrize("reject", REJECTS)
def test_right_trials_keep_all_claims(reject):
    assert broken(Learner, reject) == set()


@pytest.mark.parametrize(
    ("lie", "expected"),
    [
        (Stands, [LOSSES, MOMENTS, WEIGHTS]),
        (FirstBatch, [LOSSES, MOMENTS, WEIGHTS]),
        (Summed, [MOMENTS, WEIGHTS]),
        (NoTable, [WEIGHTS]),
        (Uncorrected, [WEIGHTS]),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_every_lie_breaks_its_claims(lie, expected):
    assert {each.name for each in expected} <= broken(lie, "softmax")


@pytest.mark.parametrize("reject", REJECTS)
def test_gradients_are_those_of_small_differences(reject):
    case = case_of(reject)
    drawn, held = draw_batches(case, 1), start(case, 1)
    ids, labels = drawn["ids"][0], drawn["labels"][0]
    _, by_name, _ = loss_and_gradients(held, ids, labels, reject)
    places = {"rows": (ids[0, 0], 3), "w_input0": (2, 1), "head_weight": (1, 2), "head_bias": (0,)}
    for name, place in places.items():
        losses = []
        for step in (1e-5, -1e-5):
            moved = {each: array.copy() for each, array in held.items()}
            moved[name][place] += step
            losses.append(loss_and_gradients(moved, ids, labels, reject)[0])
        assert by_name[name][place] == pytest.approx((losses[0] - losses[1]) / 2e-5, rel=1e-4, abs=1e-9)


def test_squares_of_occurrences_are_those_of_a_row_that_occurs_once():
    case = case_of("softmax")
    held, ids = start(case, 1), np.arange(24).reshape(6, 4)
    _, by_name, squares = loss_and_gradients(held, ids, np.arange(6), "softmax")
    assert squares == pytest.approx(by_name["rows"] ** 2)


def test_binary_cross_entropy_by_hand():
    loss, flow = binary_cross_entropy(np.array([[0.0, np.log(3.0)]]), np.array([1]))
    assert loss == pytest.approx((np.log(2) + np.log(4 / 3)) / 2)
    assert flow == pytest.approx(np.array([[0.25, -0.125]]))


@pytest.fixture(scope="module")
def topics():
    return Topics(np.random.default_rng(5))


def test_the_likelihood_of_a_text_is_the_product_over_its_words(topics):
    sample = topics.draw("known", 3, 4, np.random.default_rng(6))
    found = topics.log_likelihoods("known", sample.ids)
    words = topics._words_of["known"]
    for text, topic in itertools.product(range(3), range(CLASSES)):
        assert np.exp(found[text, topic]) == pytest.approx(np.prod([words[topic, word] for word in sample.ids[text]]))


def test_words_are_as_frequent_as_said(topics):
    for kind, words in topics._words_of.items():
        assert words.sum(1) == pytest.approx(np.ones(len(words)))
        if kind != "unknown_words":
            assert words[:, UNKNOWN_ROW] == pytest.approx(np.full(len(words), UNKNOWN))
    keywords = topics._words["known"]
    shares = [(keywords[topic] > 0) @ topics._words_of["known"][0] for topic in range(CLASSES)]
    assert shares == pytest.approx([(1 - UNKNOWN) * OWN] + [(1 - UNKNOWN) * OTHER / 7] * 7)
    pair = [(keywords[topic] > 0) @ topics._words_of["near"][0] for topic in range(3)]
    assert pair == pytest.approx([(1 - UNKNOWN) * (OWN + OTHER) / 2] * 2 + [0.0])


def test_training_has_no_word_of_a_far_topic_and_keeps_its_known_texts(topics):
    plain, extra = (training_texts(topics, 4000, 8, other, np.random.default_rng(7)) for other in (False, True))
    far = topics._words["far"].any(0)
    assert not far[plain.ids].any()
    assert not far[extra.ids].any()
    assert (plain.labels < CLASSES).all()
    same = extra.labels < CLASSES
    assert (plain.ids[same] == extra.ids[same]).all()
    assert 1 - same.mean() == pytest.approx(OTHER_SHARE, abs=4 * (OTHER_SHARE / 4000) ** 0.5)


def test_a_text_of_unknown_words_is_the_unknown_row_alone(topics):
    assert (topics.draw("unknown_words", 3, 8, np.random.default_rng(0)).ids == UNKNOWN_ROW).all()


def test_the_likelihood_ratio_orders_texts_better_than_any_other_score(topics):
    """Here: than the number of keywords of the most frequent class, which says nothing of the other classes."""
    rng = np.random.default_rng(8)
    inside, outside = (topics.draw(kind, 2000, 8, rng).ids for kind in ("known", "near"))
    of_words = topics._words["known"] > 0
    counts = [of_words[:, ids].sum(-1).max(0) for ids in (inside, outside)]
    best = [topics.known_to_other("near", ids) for ids in (inside, outside)]
    assert area_under_roc(*best) > area_under_roc(*counts) > 0.6
    assert beyond(*counts, *best) == 0.0
    assert beyond(*best, *counts) > 4


LOGITS = np.log(np.array([[4.0, 2.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 6.0], [1.0] * 9]))


def test_scores_by_hand():
    eight = LOGITS[:, :8]
    assert np.exp(energy(LOGITS)) == pytest.approx([10, 8])
    assert np.exp(largest_share(LOGITS)) == pytest.approx([4 / 16, 1 / 9])
    assert np.exp(largest_share(eight)) == pytest.approx([0.4, 1 / 8])
    assert np.exp(largest_logit(LOGITS)) == pytest.approx([4, 1])
    assert np.exp(against_other(LOGITS)) == pytest.approx([10 / 6, 8])
    assert np.exp(against_none(eight)) == pytest.approx([5 * 3 * 2**2 * 1.5**4, 2**8])


def test_rules_by_hand():
    assert RULES["softmax"](np.log([[9.0, 1, 1, 1, 1, 1, 1, 1], [1.0] * 8])).tolist() == [True, False]
    assert RULES["extra_class"](LOGITS).tolist() == [False, True]
    assert RULES["one_vs_rest"](np.array([[-1.0] * 8, [-1.0] * 7 + [0.1]])).tolist() == [False, True]


def test_placements_have_the_mean_of_the_area():
    inside, outside = np.array([0.9, 0.8, 0.7, 0.4]), np.array([0.6, 0.3, 0.4])
    by_inside, by_outside = placements(inside, outside)
    assert by_inside == pytest.approx([1, 1, 1, (1 + 1 / 2) / 3])
    assert by_outside == pytest.approx([3 / 4, 1, (3 + 1 / 2) / 4])
    assert by_inside.mean() == by_outside.mean() == area_under_roc(inside, outside) == 0.875


def test_the_states_of_a_z_lstm():
    assert [z_state(each) for each in (1, 2, 3)] == pytest.approx([0.2310586, 0.3175745, 0.3519528], abs=1e-7)


def test_a_curve_has_all_scores_and_seeds_share_their_known_texts():
    plain, extra = (
        next(iter(curves(case_of(reject, train_steps=2), [3], Learner))) for reject in ("softmax", "extra_class")
    )
    assert plain.seed == 3
    assert plain.steps == (0, 1, 2)
    assert plain.facts["floor_errors"] == extra.facts["floor_errors"]
    assert plain.facts["beyond_floor"] <= 4
    for kind in KINDS:
        assert {f"accepted_{kind}_{score}" for score in SCORES["softmax"]} <= set(plain.scores)
        assert {f"misordered_{kind}_{score}" for score in SCORES["extra_class"]} <= set(extra.scores)
    assert plain.scores["errors"] == plain.scores["errors_among_known"]
    assert all(0 <= value <= 1 for values in extra.scores.values() for value in values)
