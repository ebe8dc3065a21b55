"""The network against finite differences and closed forms."""

import numpy as np
import pytest

from embbench.cases.case import Case
from embbench.workloads import is_claimed, network_of, workload_of, workloads
from embbench.workloads._lstm import start


def loss_and_gradients(weights, inputs, labels, workload="classifier"):
    return network_of(Case(workload=workload)).scores_and_gradients(weights, inputs, labels)[1:]


@pytest.fixture(params=[(1, 1), (2, 1), (2, 2)], ids=["one layer", "two layers", "two biases"])
def problem(request):
    layers, biases = request.param
    return start(Case(dim=3, hidden=4, layers=layers), biases), np.random.default_rng(0)


@pytest.mark.parametrize("workload", [name for name, each in workloads().items() if not is_claimed(each)])
def test_every_gradient_is_the_finite_difference(problem, workload):
    weights, rng = problem
    case = Case(workload=workload, batch=2, seq=5)
    inputs, labels = rng.normal(size=(2, 5, 3)), rng.integers(0, 8, workload_of(case).label_shape(case))
    _, flow, gradients = loss_and_gradients(weights, inputs, labels, workload)
    assert gradients.keys() == weights.keys()
    for array, gradient in [(inputs, flow), *((weights[name], gradients[name]) for name in weights)]:
        for index in list(np.ndindex(array.shape))[::3]:
            kept, step = array[index], 1e-6
            array[index] = kept + step
            above = loss_and_gradients(weights, inputs, labels, workload)[0]
            array[index] = kept - step
            below = loss_and_gradients(weights, inputs, labels, workload)[0]
            array[index] = kept
            assert gradient[index] == pytest.approx((above - below) / (2 * step), rel=1e-5, abs=1e-9)


def test_two_biases_get_the_same_gradient():
    weights = start(Case(dim=3, hidden=4), 2)
    inputs = np.random.default_rng(1).normal(size=(2, 5, 3))
    gradients = loss_and_gradients(weights, inputs, np.array([0, 1]))[2]
    np.testing.assert_array_equal(gradients["bias0"], gradients["second_bias0"])


def test_a_head_of_zeros_costs_the_log_of_the_classes():
    weights = start(Case(dim=3, hidden=4), 1)
    weights["head_weight"][:] = 0
    loss, flow, _ = loss_and_gradients(weights, np.ones((2, 5, 3)), np.array([0, 1]))
    assert loss == pytest.approx(np.log(8))
    assert not flow.any()


def test_huge_inputs_do_not_overflow():
    weights = start(Case(dim=3, hidden=4), 1)
    with np.errstate(all="raise", under="ignore"):
        loss, flow, _ = loss_and_gradients(weights, np.full((2, 5, 3), 1e6), np.array([0, 1]))
    assert np.isfinite(loss)
    assert np.isfinite(flow).all()
