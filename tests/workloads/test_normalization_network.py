"""The network with norms against finite differences, and norms by hand."""

import numpy as np
import pytest

from embbench.workloads import draw_batches
from embbench.workloads._normalization_network import STATISTICS, Convention, loss_and_gradients, normalize, scores_of
from embbench.workloads.normalization import start
from tests.workloads.normed_trials import OLD, case_of


@pytest.mark.parametrize("norm", ["off", "batch_before", "batch_after", "layer_after", "batch_dense"])
def test_every_gradient_is_the_finite_difference(norm):
    case = case_of(norm)
    rng = np.random.default_rng(0)
    weights = {name: array + 0.1 * rng.standard_normal(array.shape) for name, array in start(case, 2).items()}
    batch = {name: array[0].astype(np.float64) for name, array in draw_batches(case, 1).items()}
    batch["labels"] = batch["labels"].astype(int)
    _, gradients, _ = loss_and_gradients(weights, batch, norm, OLD)
    assert gradients.keys() == weights.keys() - {*STATISTICS}
    for name, gradient in gradients.items():
        array = weights[name]
        for index in list(np.ndindex(array.shape))[::5]:
            kept, step = array[index], 1e-6
            ends = []
            for end in (kept + step, kept - step):
                array[index] = end
                ends.append(loss_and_gradients(weights, batch, norm, OLD)[0])
            array[index] = kept
            assert gradient[index] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-4, abs=1e-8)


def test_a_batch_is_normalized_by_columns_and_a_layer_by_rows():
    values = np.array([[1.0, 10.0], [3.0, 30.0]])
    ones, zeros = np.ones(2), np.zeros(2)
    assert normalize(values, 2 * ones, ones, 0.0, axis=0).output == pytest.approx(np.array([[-1, -1], [3, 3]]))
    assert normalize(values, ones, zeros, 0.0, axis=1).output == pytest.approx(np.array([[-1, 1], [-1, 1]]))
    made = normalize(values, ones, zeros, 0.0, axis=0)
    assert (made.mean.tolist(), made.variance.tolist()) == ([2, 20], [1, 100])


def test_moving_statistics_by_both_divisors():
    old = {"norm_mean": np.zeros(1), "norm_variance": np.ones(1)}
    mean, variance = np.array([2.5]), np.array([1.25])
    biased = OLD.moved(old, mean, variance, 4)
    unbiased = Convention(1e-5, 0.9, unbiased=True, layer_epsilon=1e-5).moved(old, mean, variance, 4)
    assert [biased[name][0] for name in STATISTICS] == pytest.approx([0.025, 1.0025])
    assert [unbiased[name][0] for name in STATISTICS] == pytest.approx([0.25, 1.0666667])


def test_a_prediction_uses_moving_statistics_and_a_row_alone():
    case = case_of("batch_after")
    weights = start(case, 1)
    batch = {name: array[0] for name, array in draw_batches(case, 1).items()}
    alone = {name: array[:1] for name, array in batch.items()}
    whole = scores_of(weights, batch, "batch_after", OLD)
    assert scores_of(weights, alone, "batch_after", OLD) == pytest.approx(whole[:1])
    assert np.abs(scores_of(weights, batch, "batch_after", OLD, training=True) - whole).max() > 0.01
