"""How far honest float32 programs are from the oracle's gradients, where these cancel and where they do not."""

import numpy as np
import pytest

from embbench.oracle.doubt import EPSILON, cancelled, rounding_of
from embbench.workloads.classifier import scores_and_gradients

BATCH, LENGTH, DIM, HIDDEN, CLASSES = 64, 64, 8, 16, 8


def network(seed):
    rng = np.random.default_rng(seed)
    weights = {
        "w_input0": rng.normal(0, 0.7, (4 * HIDDEN, DIM)),
        "w_recurrent0": rng.normal(0, 0.35, (4 * HIDDEN, HIDDEN)),
        "bias0": rng.normal(0, 0.1, 4 * HIDDEN),
        "head_weight": rng.normal(0, 0.5, (CLASSES, HIDDEN)),
        "head_bias": np.zeros(CLASSES),
    }
    return weights, rng.normal(0, 1, (BATCH, LENGTH, DIM)), rng.integers(0, CLASSES, BATCH)


def exact(weights, rows, labels):
    """In numbers that float32 has."""
    short = {name: array.astype(np.float32).astype(np.float64) for name, array in weights.items()}
    return short, rows.astype(np.float32).astype(np.float64), labels


def another_float32(weights, rows, labels, rng):
    """The same network in float32 with its units in another order: other sums, other roundings."""
    order = rng.permutation(HIDDEN)
    gates = np.concatenate([order + gate * HIDDEN for gate in range(4)])
    other = {
        "w_input0": weights["w_input0"][gates],
        "w_recurrent0": weights["w_recurrent0"][gates][:, order],
        "bias0": weights["bias0"][gates],
        "head_weight": weights["head_weight"][:, order],
        "head_bias": weights["head_bias"],
    }
    short = {name: array.astype(np.float32) for name, array in other.items()}
    return scores_and_gradients(short, rows.astype(np.float32), labels)[2]


@pytest.mark.parametrize("seed", range(10))
def test_other_roundings_are_within_the_doubt(seed):
    weights, rows, labels = exact(*network(seed))
    flow = scores_and_gradients(weights, rows, labels)[2]
    other = another_float32(weights, rows, labels, np.random.default_rng([seed, 1]))
    off = np.abs(other - flow).max(axis=-1, keepdims=True)
    plain = rounding_of(flow, "float32", np.zeros(BATCH))
    assert (off > plain).any()  # else this test would show nothing
    assert (off <= np.maximum(plain, cancelled(scores_and_gradients, weights, rows, labels, flow))).all()


def test_of_most_tokens_the_doubt_is_some_hundred_roundings():
    weights, rows, labels = exact(*network(0))
    flow = scores_and_gradients(weights, rows, labels)[2]
    share = cancelled(scores_and_gradients, weights, rows, labels, flow) / np.abs(flow).max(axis=-1, keepdims=True)
    assert np.median(share) < 300 * EPSILON["float32"]


def test_what_a_sequence_is_unsure_of_adds_to_its_tokens_alone():
    flow = np.ones((2, 3, 4))
    doubt = rounding_of(flow, "float64", np.array([0.0, 0.5]))
    assert doubt.shape == (2, 3, 1)
    assert doubt[1] - doubt[0] == pytest.approx(0.5)
