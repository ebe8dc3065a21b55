"""When other programs are in a program's way."""

import pytest

from embbench.cases.disturbance import beside_others, calm, crowding


@pytest.mark.parametrize(
    ("others", "cpus", "threads", "crowds"),
    [(0.5, 2, 2, True), (0.05, 2, 2, False), (0.9, 4, 2, False), (2.5, 4, 2, True), (10.0, 64, 2, False),
     (0.5, 1, 4, True)],
)  # fmt: skip
def test_others_crowd_where_they_use_more_than_is_left_free(others, cpus, threads, crowds):
    assert beside_others(crowding(others, cpus, threads)) == crowds


@pytest.mark.parametrize("told", [None, "0.5", True, float("nan"), [0.5]])
def test_what_is_no_number_is_nobody(told):
    assert not beside_others(told)


def test_others_are_not_why_threads_wait_far_longer_than_they_ran():
    assert beside_others(0.5, 0.6)
    assert not beside_others(0.15, 0.47)


def test_a_sample_is_calm_whose_threads_are_not_known_to_have_waited_for_a_twentieth_of_it_each():
    waits = (0.0, 0.0009, 0.0011, None)
    assert calm((0.01,) * 4, waits, threads=2) == [0, 1, 3]
    assert calm((0.01,) * 4, waits, threads=4) == [0, 1, 2, 3]
