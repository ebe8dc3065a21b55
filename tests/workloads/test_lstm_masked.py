"""The LSTM with masks in NumPy, against the LSTM without masks and against finite differences."""

import numpy as np
import pytest

from embbench.cases.case import make_case
from embbench.workloads import _lstm
from embbench.workloads._lstm_masked import Masks, loss_and_gradients, no_masks

CASE = make_case({"vocab": 50, "dim": 3, "hidden": 4, "layers": 2})
B, T, D, H = 5, 6, 3, 4
RNG = np.random.default_rng(3)
INPUTS, LABELS = RNG.standard_normal((B, T, D)), RNG.integers(0, 8, B)


def mask(*shape):
    return (RNG.random(shape) >= 0.3) / 0.7


def masks():
    """Of every kind, with a mask per gate and per time step, and between the layers."""
    inputs = mask(4, B, T, D), mask(1, B, T, H)
    return Masks(inputs, (mask(4, B, H), mask(1, B, H)), mask(B, H))


@pytest.mark.parametrize("biases", [1, 2])
def test_without_masks_it_is_the_plain_lstm(biases):
    weights = _lstm.start(CASE, biases)
    _, wanted, _, by_name = _lstm.network(weights, INPUTS, LABELS, slice(-1, None))
    loss, gradients = loss_and_gradients(weights, INPUTS, LABELS, no_masks(2))
    assert loss == pytest.approx(wanted, rel=1e-12)
    assert gradients.keys() == by_name.keys()
    for name, gradient in gradients.items():
        np.testing.assert_allclose(gradient, by_name[name], atol=1e-14)


def test_masks_of_a_sample_are_other_weights_for_this_sample():
    """Masks that are constant over time may as well be factors of the weights that read the masked numbers."""
    weights = _lstm.start(CASE, 1)
    given = Masks((mask(4, B, 1, D), mask(1, B, 1, H)), (mask(4, B, H), mask(1, B, H)), mask(B, H))
    losses = []
    for sample in range(B):
        own = dict(weights)
        for layer in range(2):
            read = {"w_input": given.inputs[layer][:, sample, 0], "w_recurrent": given.recurrent[layer][:, sample]}
            for name, masked in read.items():
                by_gate = weights[f"{name}{layer}"].reshape(4, H, -1) * masked[:, None]
                own[f"{name}{layer}"] = by_gate.reshape(4 * H, -1)
        own["head_weight"] = weights["head_weight"] * given.output[sample]
        one = slice(sample, sample + 1)
        losses.append(_lstm.network(own, INPUTS[one], LABELS[one], slice(-1, None))[1])
    loss, _ = loss_and_gradients(weights, INPUTS, LABELS, given)
    assert loss == pytest.approx(np.mean(losses), rel=1e-12)


def test_gradients_are_those_of_finite_differences():
    weights, given = _lstm.start(CASE, 1), masks()
    _, gradients = loss_and_gradients(weights, INPUTS, LABELS, given)
    for name, gradient in gradients.items():
        direction = RNG.standard_normal(gradient.shape)
        ends = [
            loss_and_gradients({**weights, name: weights[name] + step * direction}, INPUTS, LABELS, given)[0]
            for step in (1e-5, -1e-5)
        ]
        assert (ends[0] - ends[1]) / 2e-5 == pytest.approx((gradient * direction).sum(), rel=1e-6, abs=1e-10), name
