"""Times of 0, which a coarse clock may tell, are no points: what is said rests on the others, or is nothing."""

import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.predict import predict
from tests.made_up import case, measured

VOCABS = (200_000, 500_000, 1_000_000, 2_000_000)


def asked(vocab, times):
    rounds = [each for size in VOCABS for each in measured(case(vocab=size), [times.get(size, 0.0)] * 3)]
    results = collapse(rounds)
    return predict(case(vocab=vocab), results, Measures(results))


def test_a_neighbour_without_a_time_is_left_out():
    times = {size: 0.01 + 1e-6 * size for size in VOCABS if size != 1_000_000}
    assert asked(700_000, times).seconds.center == pytest.approx(0.71, rel=1e-6)


@pytest.mark.parametrize("vocab", [700_000, 20_000_000, 100_000])
def test_without_any_time_nothing_is_said(vocab):
    told = asked(vocab, {})
    assert told.seconds is None
