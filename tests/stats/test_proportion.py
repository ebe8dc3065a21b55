"""Counted shares against closed forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embbench.stats.proportion import proportion


def test_none_and_all_have_closed_forms():
    none = proportion(0, 200)
    assert (none.center, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(1 - 0.025 ** (1 / 200))
    assert proportion(200, 200).low == pytest.approx(0.025 ** (1 / 200))


@given(st.integers(1, 300), st.data())
def test_counting_the_opposite_mirrors_it(n, data):
    count = data.draw(st.integers(0, n))
    one, other = proportion(count, n), proportion(n - count, n)
    assert one.low == pytest.approx(1 - other.high)
    assert one.low <= one.center <= one.high


@pytest.mark.parametrize(("count", "n"), [(3, 2), (-1, 5), (0, 0)])
def test_what_is_no_count(count, n):
    with pytest.raises(ValueError, match=r"\b(k|n)\b"):
        proportion(count, n)
