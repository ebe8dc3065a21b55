"""Ratios of samples that took turns, and sums."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embbench.stats.effects import alternating_ratio, product, ratio, total
from embbench.stats.summary import Summary


@given(st.floats(0.5, 2.0), st.floats(0.99, 1.05), st.integers(1, 10))
def test_a_machine_that_drifts_steadily_cancels(factor, drift, cycles):
    """Turns go base, other, other, base, and in the next cycle the other way round; each takes `drift` times as long as
    the one before.
    """
    base, other = [], []
    for cycle in range(2 * cycles):
        outer, inner = (other, base) if cycle.bit_count() % 2 else (base, other)
        for place, side in enumerate((outer, inner, inner, outer)):
            side.append(drift ** (4 * cycle + place) * (factor if side is other else 1.0))
    assert alternating_ratio(base, other) == pytest.approx(factor, rel=(drift - 1) ** 2 + 1e-9)
    assert alternating_ratio(other, base) == pytest.approx(1 / factor, rel=(drift - 1) ** 2 + 1e-9)


def test_what_disturbs_one_turn_of_two_is_no_matter():
    assert alternating_ratio([1.0, 7.0, 3.0, 1.0], [1.1, 1.1, 9.0, 1.1]) == pytest.approx(1.1)


def test_one_disturbed_cycle_of_three_is_no_matter():
    assert alternating_ratio([1.0] * 6, [1.1, 1.1, 9.0, 9.0, 1.1, 1.1]) == pytest.approx(1.1)


@pytest.mark.parametrize(("base", "other"), [([1.0, 1.0, 2.0], [2.0, 2.0, 9.0]), ([1.0, 1.0], [2.0, 2.0, 2.0])])
def test_samples_that_make_no_cycles_give_the_ratio_of_medians(base, other):
    assert alternating_ratio(base, other) == 2.0


def test_a_sum_of_independent_summaries():
    found = total([Summary(1.0, 0.7, 1.4, 5), Summary(2.0, 1.6, 2.3, 3)])
    assert (found.center, found.n) == (3.0, 3)
    assert (found.low, found.high) == (pytest.approx(2.5), pytest.approx(3.5))
    assert total([Summary(1.0, 0.7, 1.4, 5), Summary(2.0, None, None, 1)]).low is None


def test_a_product_is_a_ratio_to_the_inverse():
    one, other = Summary(2.0, 1.8, 2.2, 8), Summary(0.5, 0.4, 0.6, 3)
    found = product(one, other)
    assert found == ratio(one, Summary(2.0, 1 / 0.6, 1 / 0.4, 3))
    assert found.center == pytest.approx(1.0)


def test_a_product_has_no_interval_where_a_side_has_none():
    assert product(Summary(2.0, 1.8, 2.2, 8), Summary(0.5, None, None, 1)) == Summary(1.0, None, None, 1)
    assert product(Summary(2.0, None, None, 1), Summary(0.5, 0.4, 0.6, 3)) == Summary(1.0, None, None, 1)
    assert product(Summary(2.0, 1.8, 2.2, 8), Summary(0.0, 0.0, 0.0, 3)) is None
