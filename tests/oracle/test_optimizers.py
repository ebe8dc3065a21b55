"""Optimizers against closed forms."""

import numpy as np
import pytest

from embbench.cases.workload import HYPERPARAMETERS
from embbench.oracle.optimizers import Optimizer


def moved(optimizer, gradients, rows=None, start=1.0):
    array = np.full((4, 2), start)
    for gradient in gradients:
        optimizer.update(array, np.full((4, 2), float(gradient)), rows)
    return array


def test_sgd():
    assert moved(Optimizer("sgd"), [2, 3]) == pytest.approx(1 - 0.1 * 5)


def test_momentum_is_a_geometric_sum():
    assert moved(Optimizer("momentum"), [1, 0, 0]) == pytest.approx(1 - 0.1 * (1 + 0.9 + 0.81))


def test_adagrad_divides_by_the_root_of_the_sum_of_squares():
    assert moved(Optimizer("adagrad"), [3, 4]) == pytest.approx(1 - 0.01 * (1 + 4 / 5))


def test_adams_first_step_is_the_rate_whatever_the_gradient():
    for gradient in (1e-3, 1.0, 1e3):
        assert moved(Optimizer("adam"), [gradient]) == pytest.approx(1 - 1e-3, rel=1e-6)


def test_a_constant_gradient_moves_adam_by_the_rate_each_step():
    assert moved(Optimizer("adam"), [0.5] * 20) == pytest.approx(1 - 20e-3, rel=1e-6)


def test_epsilon_uncorrected_is_larger_by_the_bias_correction():
    tiny = HYPERPARAMETERS["adam"].epsilon
    corrected = 1 - moved(Optimizer("adam"), [tiny])
    uncorrected = 1 - moved(Optimizer("adam", epsilon="uncorrected"), [tiny])
    assert corrected == pytest.approx(1e-3 * 1 / 2)
    assert uncorrected == pytest.approx(1e-3 * 1 / (1 + 0.001**-0.5))


def test_adagrads_epsilon_inside_is_added_to_the_sum():
    epsilon = HYPERPARAMETERS["adagrad"].epsilon
    inside = 1 - moved(Optimizer("adagrad", epsilon="inside"), [epsilon**0.5])
    assert inside == pytest.approx(0.01 * 2**-0.5)
    assert 1 - moved(Optimizer("adagrad"), [epsilon**0.5]) == pytest.approx(0.01, rel=2e-4)


def test_adamw_decays_what_has_no_gradient():
    assert moved(Optimizer("adamw"), [0, 0]) == pytest.approx((1 - 1e-5) ** 2)


def test_only_the_given_rows_move_and_keep_state():
    rows = np.array([1, 3])
    optimizer = Optimizer("adam")
    array = moved(optimizer, [1, 1], rows)
    assert (array[[0, 2]] == 1).all()
    assert (array[rows] < 1).all()
    assert not optimizer.state["first"][[0, 2]].any()


def test_rowwise_adagrad_has_one_state_value_a_row():
    array = np.ones((1, 2))
    Optimizer("adagrad", parts=1).update(array, np.array([[1.0, 7.0]]))
    root = np.sqrt((1 + 49) / 2)
    assert array == pytest.approx(1 - 0.01 * np.array([[1 / root, 7 / root]]))


def test_a_lone_gradient_moves_a_rare_row_ten_times_as_far_under_dense_adam():
    """Long after the start, so that the corrections are 1: dense Adam moves the row on at every later step, by
    β1/√β2 of the step before; lazy Adam does not.
    """
    rate = HYPERPARAMETERS["adam"].rate
    dense, lazy = (Optimizer("adam", step=10**6) for _ in range(2))
    whole = (1.0 - moved(dense, [1.0] + [0.0] * 400)[0, 0]) / rate
    alone = (1.0 - moved(lazy, [1.0])[0, 0]) / rate
    assert whole == pytest.approx(31.766, abs=5e-4)
    assert alone == pytest.approx(3.1623, abs=5e-5)
    assert whole / alone == pytest.approx(10.0452, abs=5e-5)


def test_adagrad_by_parts_of_columns_keeps_a_value_per_row_in_each_part():
    array = np.zeros((1, 4))
    optimizer = Optimizer("adagrad", parts=2)
    optimizer.update(array, np.array([[1.0, 7.0, 3.0, 3.0]]))
    np.testing.assert_allclose(optimizer.state["sum"], [[25.0, 25.0, 9.0, 9.0]])
    np.testing.assert_allclose(array, -0.01 * np.array([[1 / 5, 7 / 5, 1.0, 1.0]]), rtol=1e-6)
