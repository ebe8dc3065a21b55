"""Most elements of an array against where they should be."""

import numpy as np
import pytest

from embbench.worker.weights import most_are_off, most_of_a_gate_are_off

RANDOM = np.random.default_rng(0)
START = RANDOM.uniform(-0.3, 0.3, (40, 30))
MOVED = START + 3e-3 * RANDOM.standard_normal(START.shape)


def test_rounding_is_none():
    assert most_are_off(START, MOVED, MOVED.astype(np.float32).astype(np.float64), "float32") is None


def test_a_single_element_that_took_another_step_is_none():
    got = MOVED.copy()
    got[3, 4] += 2e-3
    assert most_are_off(START, MOVED, got, "float32") is None


def test_decay_that_was_left_out_is_found():
    got = MOVED + 3 * 1e-5 * START
    assert most_are_off(START, MOVED, got, "float32") == pytest.approx(0.0022, rel=0.2)


def test_decay_alone_may_round_the_same_way_in_each_of_many_steps():
    start = np.full((4, 4), np.float32(0.252))
    got, want = start, start.astype(np.float64)
    for _ in range(16):
        got, want = got * np.float32(1 - 1e-5), want * (1 - 1e-5)
    assert most_are_off(start, want, got, "float32") == pytest.approx(0.0053, rel=0.01)
    assert most_are_off(start, want, got, "float32", steps=16) is None
    assert most_are_off(start, start.astype(np.float64), got, "float32", steps=16) == float("inf")


def test_movement_in_half_precision_is_found():
    got = START + (MOVED - START).astype(np.float16)
    assert most_are_off(START, MOVED, got, "float32") > 5e-5


def test_one_gate_that_moves_by_another_rate_is_found():
    got = MOVED.copy()
    got[10:20] += 0.01 * (START - MOVED)[10:20]
    assert most_are_off(START, MOVED, got, "float32") is None
    assert most_of_a_gate_are_off(START, MOVED, got, "float32") == pytest.approx(0.01)
    assert most_of_a_gate_are_off(START, MOVED, MOVED.astype(np.float32).astype(np.float64), "float32") is None


def test_a_gate_that_must_stay_and_stays_is_none():
    want = np.concatenate([START[:10], MOVED[10:]])
    assert most_of_a_gate_are_off(START, want, want.astype(np.float32).astype(np.float64), "float32") is None


def test_what_must_stay_and_moves_is_found():
    assert most_are_off(START, START, START * 1.001, "float32") == float("inf")


def test_double_precision_is_held_to_its_own_rounding():
    single = MOVED.astype(np.float32).astype(np.float64)
    assert most_are_off(START, START, START, "float64") is None
    assert most_are_off(MOVED, MOVED, single, "float64") is not None
