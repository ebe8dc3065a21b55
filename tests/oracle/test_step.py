"""Semantic classes: which rows move, and how far honest rounding reaches."""

import msgspec
import numpy as np
import pytest

from embbench.cases.case import make_case
from embbench.cases.contender import Declaration
from embbench.cases.workload import hybrid_shape
from embbench.oracle.step import Oracle
from tests.fakes.fake import DECLARES

DECLARATION = msgspec.convert(DECLARES, Declaration)
LABELS = np.array([1, 2])


def oracle(rows=10, **axes):
    case = make_case({"contender": "fake", "vocab": rows, "dim": 4, "hidden": 4, "batch": 2, "seq": 3, **axes})
    values = np.random.default_rng(0).uniform(-1, 1, (rows, 4))
    return Oracle(case, DECLARATION, np.arange(rows), values)


def moved_rows(one, ids):
    before = one.rows
    one.step(np.array(ids), LABELS)
    return np.flatnonzero((one.rows != before).any(axis=1)).tolist()


@pytest.mark.parametrize(
    ("axes", "second"),
    [
        ({"optimizer": "sgd"}, [3]),
        ({"optimizer": "adagrad"}, [3]),
        ({"optimizer": "adam"}, [1, 2, 3]),
        ({"optimizer": "adam", "update": "sparse"}, [3]),
        ({"optimizer": "adagrad", "update": "rowwise"}, [3]),
        ({"table": "frozen"}, []),
    ],
    ids=str,
)
def test_the_second_step_moves_the_rows_of_its_class(axes, second):
    one = oracle(**axes)
    assert moved_rows(one, [[1, 1, 2], [2, 1, 1]]) == ([] if axes.get("table") else [1, 2])
    assert moved_rows(one, [[3, 3, 3], [3, 3, 3]]) == second


def test_sparse_sgd_and_dense_sgd_are_the_same_thing():
    """The class 'exact', shown: rows outside the batch have no gradient, so both move alike."""
    exact, dense = oracle(optimizer="sgd"), oracle(optimizer="sgd")
    dense.semantic = "dense"
    for one in (exact, dense):
        one.step(np.array([[1, 1, 2], [2, 1, 1]]), LABELS)
    np.testing.assert_array_equal(exact.rows, dense.rows)


@pytest.mark.parametrize(("name", "plain"), [("adagrad", "exact"), ("adam", "dense")])
def test_squares_apart_differ_where_a_row_occurs_twice_and_nowhere_else(name, plain):
    """The square of a sum is not the sum of squares, unless there is but one."""
    together, apart = oracle(optimizer=name), oracle(optimizer=name)
    apart.semantic = f"{plain}-apart"
    start = together.rows
    for one in (together, apart):
        one.step(np.array([[1, 2, 2], [3, 4, 5]]), LABELS)
    moved = [one.rows - start for one in (together, apart)]
    np.testing.assert_array_equal(moved[0][[0, 1, 3, 4, 5]], moved[1][[0, 1, 3, 4, 5]])
    assert not np.allclose(moved[0][2], moved[1][2], rtol=0.01)


def test_squares_apart_are_those_of_each_occurrence():
    one = oracle(optimizer="adagrad")
    one.semantic = "exact-apart"
    flow = np.array([[3.0] * 4, [3.0] * 4, [-2.0] * 4, [5.0] * 4])
    one._train_table(np.array([7, 7, 7, 2]), flow, np.zeros((4, 1)))
    np.testing.assert_allclose(one._table.state["sum"][7], 3**2 + 3**2 + 2**2)
    np.testing.assert_allclose(one._table.state["sum"][2], 5**2)


def test_following_some_rows_gives_what_following_all_gives():
    everything = oracle(rows=30)
    some = np.array([3, 7, 20])
    few = Oracle(make_case({"contender": "fake", "vocab": 30, "dim": 4, "hidden": 4, "batch": 2, "seq": 3}),
                 DECLARATION, some, everything.rows[some])  # fmt: skip
    ids = np.array([[3, 7, 7], [20, 3, 3]])
    assert few.step(ids, LABELS) == pytest.approx(everything.step(ids, LABELS), rel=1e-12)
    np.testing.assert_allclose(few.rows, everything.rows[some])


def test_a_hybrid_table_moves_only_its_small_columns_and_rows_past_it_share_the_last():
    case = make_case({"contender": "fake", "table": "hybrid", "vocab": 20_000, "dim": 8, "hidden": 4})
    rows, columns = hybrid_shape(case)
    ids = np.array([5, rows - 1, rows, 19_999])
    values = np.random.default_rng(0).uniform(-1, 1, (4, 8))
    values[2:, -columns:] = values[1, -columns:]
    one = Oracle(case, DECLARATION, ids, values)
    one.step(np.array([[5, 5, 19_999]]), np.array([1]))
    assert (one.rows[:, :-columns] == values[:, :-columns]).all()
    assert (one.rows[:, -columns:] != values[:, -columns:]).any(axis=1).all()
    assert (one.rows[1:, -columns:] == one.rows[1, -columns:]).all()


def test_slack_is_small_where_the_gradient_is_clear_and_a_step_where_it_is_rounding():
    clear, lost = oracle(dtype="float32"), oracle(dtype="float32")
    lost._dense["head_weight"] *= 1e-9
    ids = np.array([[1, 1, 2], [2, 1, 1]])
    clear.step(ids, LABELS)
    lost.step(ids, LABELS)
    rate = 1e-3
    assert np.median(clear.slack[1]) < 1e-4 * rate
    assert lost.slack[1].max() > clear.slack[1].max()
    assert not clear.slack[5].any()


def test_weights_that_nobody_read_for_some_steps_make_a_gradient_less_sure():
    """The same step on the same rows, by an oracle whose weights were read 15 steps ago. The doubt of a fresh one is a
    DOUBT for the step's sums and about another for what is missing to certainty; each step before it adds one.
    """
    fresh, late = oracle(optimizer="sgd"), oracle(optimizer="sgd")
    late._made = 15
    for one in (fresh, late):
        one.step(np.array([[1, 2, 3], [4, 5, 6]]), LABELS)
    np.testing.assert_array_equal(late.rows, fresh.rows)
    touched = slice(1, 7)
    ratio = late.slack[touched] / fresh.slack[touched]
    np.testing.assert_allclose(ratio, (2 + 15) / 2, rtol=0.1)


class TestTheTableAlone:
    def test_it_moves_by_the_gradient_that_is_given(self):
        one = oracle(optimizer="sgd")
        before = one.rows
        flow = np.arange(24.0).reshape(2, 3, 4)
        one.step_table(np.array([[1, 1, 2], [3, 3, 1]]), flow)
        moved = before - one.rows
        np.testing.assert_allclose(moved[1], 0.1 * (flow[0, 0] + flow[0, 1] + flow[1, 2]))
        np.testing.assert_allclose(moved[2], 0.1 * flow[0, 2])
        np.testing.assert_allclose(moved[3], 0.1 * (flow[1, 0] + flow[1, 1]))
        assert not moved[[0, 4, 5, 6, 7, 8, 9]].any()

    def test_dense_adam_moves_rows_of_earlier_batches_too(self):
        one = oracle(optimizer="adam")
        one.step_table(np.array([[1, 1, 2], [2, 1, 1]]), np.ones((2, 3, 4)))
        before = one.rows
        one.step_table(np.array([[3, 3, 3], [3, 3, 3]]), np.ones((2, 3, 4)))
        assert np.flatnonzero((one.rows != before).any(axis=1)).tolist() == [1, 2, 3]
