"""Adjusted p-values by hand, against each other, and in any order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embbench.stats.multiplicity import benjamini_hochberg, holm

p_values = st.lists(st.floats(0.0, 1.0), max_size=12)


def test_holm_by_hand():
    # Sorted 0.01, 0.02, 0.03, 0.04: times 4, 3, 2, 1, and none below its predecessor.
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])


def test_benjamini_hochberg_by_hand():
    # Sorted 0.01, 0.02, 0.03, 0.04: times 4/1, 4/2, 4/3, 4/4.
    assert benjamini_hochberg([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.04, 0.04, 0.04, 0.04])
    assert benjamini_hochberg([0.001, 0.5]) == pytest.approx([0.002, 0.5])


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_none_and_one(adjust):
    assert adjust([]) == []
    assert adjust([0.03]) == pytest.approx([0.03])


@given(p_values)
def test_holm_is_stricter_and_neither_lowers_a_p_value(values):
    for p, rate, family in zip(values, benjamini_hochberg(values), holm(values), strict=True):
        assert p <= rate * (1 + 1e-9) <= family * (1 + 1e-6) or family == pytest.approx(rate)
        assert family <= 1.0


@given(p_values, st.randoms())
def test_order_does_not_matter(values, random):
    order = list(range(len(values)))
    random.shuffle(order)
    for adjust in (holm, benjamini_hochberg):
        adjusted = adjust(values)
        assert adjust([values[i] for i in order]) == pytest.approx([adjusted[i] for i in order])
