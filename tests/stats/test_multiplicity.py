"""Adjusted p-values by hand, against a less strict adjustment, and in any order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from embbench.stats.multiplicity import holm

p_values = st.lists(st.floats(0.0, 1.0), max_size=12)


def test_holm_by_hand():
    # Sorted 0.01, 0.02, 0.03, 0.04: times 4, 3, 2, 1, and none below its predecessor.
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])


def test_none_and_one():
    assert holm([]) == []
    assert holm([0.03]) == pytest.approx([0.03])


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12))
def test_holm_is_stricter_than_a_false_discovery_rate_and_lowers_no_p_value(values):
    for p, rate, family in zip(values, stats.false_discovery_control(values), holm(values), strict=True):
        assert p <= rate * (1 + 1e-9) <= family * (1 + 1e-6) or family == pytest.approx(rate)
        assert family <= 1.0


@given(p_values, st.randoms())
def test_order_does_not_matter(values, random):
    order = list(range(len(values)))
    random.shuffle(order)
    adjusted = holm(values)
    assert holm([values[i] for i in order]) == pytest.approx([adjusted[i] for i in order])
