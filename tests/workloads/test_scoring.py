"""The NumPy scorer, against values by hand and plain loops."""

import itertools

import numpy as np
import pytest

from embbench.workloads._scoring import (
    accepted_outside,
    accuracy,
    area_under_roc,
    log_losses,
    log_shares,
    standard_error,
)

INSIDE, OUTSIDE = np.array([0.9, 0.8, 0.7, 0.4]), np.array([0.6, 0.3, 0.4])


def test_log_shares_sum_to_one_and_stand_large_logits():
    shares = log_shares(np.array([[1000.0, 1000.0], [0.0, np.log(3.0)]]))
    assert np.exp(shares) == pytest.approx(np.array([[0.5, 0.5], [0.25, 0.75]]))


def test_the_log_loss_is_that_of_the_right_class():
    shares = np.log([[0.25, 0.75], [0.9, 0.1]])
    assert log_losses(shares, np.array([1, 1])) == pytest.approx(-np.log([0.75, 0.1]))


def test_a_tie_of_k_classes_is_a_right_answer_in_one_of_k_cases():
    scores = np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 1.0], [1.0, 1.0, 1.0]])
    assert accuracy(scores, np.array([0, 1, 2])) == pytest.approx((1 / 2 + 1 + 1 / 3) / 3)


def test_the_standard_error_of_a_mean():
    assert standard_error(np.array([1.0, 2.0, 3.0, 6.0])) == pytest.approx((14 / 3) ** 0.5 / 2)


def test_area_under_roc_and_accepted_share_have_the_known_values():
    assert area_under_roc(INSIDE, OUTSIDE) == pytest.approx(0.875)
    assert accepted_outside(INSIDE, OUTSIDE) == pytest.approx(2 / 3)


def test_area_under_roc_equals_the_loop_over_all_pairs():
    rng = np.random.default_rng(0)
    inside, outside = rng.integers(0, 9, 40) + 1.0, rng.integers(0, 9, 30) * 1.0
    pairs = [(one > other) + (one == other) / 2 for one, other in itertools.product(inside, outside)]
    assert area_under_roc(inside, outside) == pytest.approx(np.mean(pairs))


def test_a_smaller_share_of_known_accepts_less_outside():
    assert accepted_outside(INSIDE, OUTSIDE, known=0.75) == 0.0
    assert accepted_outside(INSIDE, OUTSIDE, known=1.0) == pytest.approx(2 / 3)
