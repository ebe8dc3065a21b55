"""Numbers as people read them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embbench.spec.units import format_count, format_quantity, parse_count


@pytest.mark.parametrize(
    ("value", "unit", "digits", "text"),
    [
        (0.0123, "s", 3, "12.3 ms"),
        (0.0123, "s", 2, "12 ms"),
        (3.28, "s", 3, "3.28 s"),
        (328.4, "s", 2, "330 s"),
        (9.999e-4, "s", 3, "1.00 ms"),
        (4.2e-10, "s/row", 2, "0.42 ns/row"),
        (6.1e9, "B", 3, "6.10 GB"),
        (1234567, "B", 4, "1.235 MB"),
        (512, "B", 3, "512 B"),
        (0, "B", 3, "0 B"),
        (0.617, "1", 2, "0.62"),
        (1254, "rows", 4, "1254 rows"),
        (-0.0123, "s", 3, "-12.3 ms"),
    ],
)
def test_quantities(value, unit, digits, text):
    assert format_quantity(value, unit, digits) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(200_000, "200k"), (2_000_000, "2M"), (1_500, "1.5k"), (2048, "2048"), (999, "999"), (233_308_500, "233308.5k")],
)
def test_counts(value, text):
    assert format_count(value) == text
    assert parse_count(text) == value


@given(st.integers(0, 10**15))
def test_counts_round_trip(value):
    assert parse_count(format_count(value)) == value


@given(st.floats(1e-9, 1e12), st.integers(1, 6))
def test_figures_are_kept(value, digits):
    text = format_quantity(value, "B" if value >= 1 else "s", digits)
    number, unit = text.split()
    scale = {"n": 1e-9, "µ": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}.get(
        unit[0] if len(unit) > 1 else "", 1
    )
    assert math.isclose(float(number) * scale, value, rel_tol=0.51 * 10 ** (1 - digits))
