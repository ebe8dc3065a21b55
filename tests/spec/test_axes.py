"""The grammar of axis values."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embbench.errors import UsageError
from embbench.spec.axes import parse_axis
from embbench.spec.units import format_count


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("200k", (200_000,)),
        ("200k,500k,2M", (200_000, 500_000, 2_000_000)),
        ("200k:2M:x2", (200_000, 400_000, 800_000, 1_600_000)),
        ("200k:1.6M:x2", (200_000, 400_000, 800_000, 1_600_000)),
        ("64:256:+64", (64, 128, 192, 256)),
        ("1,1:3:+1", (1, 2, 3)),
        ("2_000", (2000,)),
    ],
)
def test_counts(text, values):
    assert parse_axis("vocab", text) == values


def test_text_axes_are_lists():
    assert parse_axis("tokens", "words, uniform,zipf:1.1") == ("words", "uniform", "zipf:1.1")


@pytest.mark.parametrize(
    "text",
    ["", "2x", "nan", "-5", "1.5", "1e6", "200k,", "1:2", "1:5:x1", "1:5:+0", "5:1:+1", "0:5:x2", "1:2:3", "1:9G:+1"],
)
def test_what_is_no_count_is_named(text):
    with pytest.raises(UsageError) as error:
        parse_axis("vocab", text)
    assert str(error.value).startswith("vocab: ")


def test_an_unknown_axis_has_a_nearest_one():
    with pytest.raises(UsageError, match="did you mean 'vocab'"):
        parse_axis("vocb", "1")


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=9, unique=True))
def test_counts_round_trip(values):
    assert parse_axis("vocab", ",".join(map(format_count, values))) == tuple(values)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**4))
def test_a_sum_range_is_an_arithmetic_sequence(start, more, step):
    if more // step < 900:
        assert parse_axis("dim", f"{start}:{start + more}:+{step}") == tuple(range(start, start + more + 1, step))


@given(st.text(alphabet="0123456789kM:x+,._- ", max_size=12))
def test_any_text_gives_counts_or_a_usage_error(text):
    with contextlib.suppress(UsageError):
        assert all(isinstance(value, int) for value in parse_axis("batch", text))
