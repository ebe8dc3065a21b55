"""The share of touched rows at which updates cross."""

import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.crossover import Crossover, crossovers
from tests.made_up import case, measured, values

STEADY = (0.99, 1.0, 1.01)


def crossed(points, rounds=STEADY, explained="default", **axes):
    """points: vocab -> (rows touched, seconds of default, of sparse). What is fast in a round of one is slow in the
    same round of the other.
    """
    found = []
    for vocab, (unique, *seconds) in points.items():
        for update, time in zip(("default", "sparse"), seconds, strict=True):
            scatter = rounds if update == "default" else rounds[::-1]
            lines = measured(case(update=update, vocab=vocab, **axes), [time * share for share in scatter])
            for each in lines:
                each.metrics["unique_rows"] = values("unique_rows", unique)
            found += lines
    results = collapse(found)
    chosen = next(each for each in results if each.case.update == explained)
    return crossovers(chosen, results, Measures(results))


def test_they_cross_between_the_last_share_that_is_faster_and_the_first_that_is_slower():
    points = {1000: (900, 1.0, 2.0), 10_000: (2000, 1.0, 1.2), 100_000: (5000, 2.0, 1.0), 1_000_000: (5000, 9.0, 1.0)}
    assert crossed(points) == [Crossover("sparse", pytest.approx((0.005, 0.05)), pytest.approx((0.2, 0.9)), 4)]


def test_it_does_not_matter_which_of_them_is_explained():
    points = {1000: (900, 1.0, 2.0), 10_000: (500, 2.0, 1.0)}
    (one,), (other,) = crossed(points), crossed(points, explained="sparse")
    assert (one.faster, one.slower) == (other.slower, other.faster)
    assert other.update == "default"


def test_where_it_always_wins_there_is_no_share_from_which_on_it_loses():
    assert crossed({1000: (900, 2.0, 1.0), 10_000: (900, 2.0, 1.0)}) == [
        Crossover("sparse", pytest.approx((0.09, 0.9)), None, 2)
    ]


def test_what_the_rounds_do_not_show_decides_nothing():
    assert crossed({1000: (900, 1.0, 1.005), 10_000: (900, 2.0, 1.0)}) == [
        Crossover("sparse", pytest.approx((0.09, 0.09)), None, 2)
    ]
    assert crossed({1000: (900, 1.0, 2.0), 10_000: (900, 2.0, 1.0)}, rounds=(1.0,)) == [
        Crossover("sparse", None, None, 2)
    ]


def test_one_share_is_no_crossover():
    assert crossed({1000: (900, 1.0, 2.0)}) == []
