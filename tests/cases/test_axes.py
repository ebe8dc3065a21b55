"""The grammar of axis values."""

import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embbench.cases.axes import parse_axis
from embbench.cases.units import MARKS, format_count
from embbench.errors import UsageError


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
        ("2_000_000,2e6,2E6,1.5e6,2 M,2m", (2_000_000, 1_500_000)),
        ("1000,2000", (1000, 2000)),
        ("500,1000,2000", (500, 1000, 2000)),
        ("1,10,100,1000", (1, 10, 100, 1000)),
        ("4,16,64,256", (4, 16, 64, 256)),
        ("1, 234, 567", (1, 234, 567)),
        ("1, 10, 500", (1, 10, 500)),
        ("1,16,256", (1, 16, 256)),
        ("200k:400k:x2,500", (200_000, 400_000, 500)),
        ("200k,500", (200_000, 500)),
        (["1", "234", "567"], (1, 234, 567)),
        (["1,2", "200k:400k:x2"], (1, 2, 200_000, 400_000)),
    ],
)
def test_counts(text, values):
    assert parse_axis("vocab", text) == values


def test_text_axes_are_lists():
    assert parse_axis("tokens", "words, uniform,zipf:1.1") == ("words", "uniform", "zipf:1.1")


@pytest.mark.parametrize(
    "text",
    ["", "2x", "nan", "-5", "1.5", "2e-3", "200k,", "1:2", "1:5:x1", "1:5:+0", "5:1:+1", "0:5:x2", "1:2:3", "1:9G:+1"],
)
def test_what_is_no_count_is_named(text):
    with pytest.raises(UsageError) as error:
        parse_axis("vocab", text)
    assert str(error.value).startswith("vocab: ")


def test_an_unknown_axis_has_a_nearest_one():
    with pytest.raises(UsageError, match="did you mean 'vocab'"):
        parse_axis("vocb", "1")


@pytest.mark.parametrize(
    ("text", "number", "listed"),
    [
        ("1,048,576", "1048576 rows", "the list 1, 48 and 576"),
        ("2,000,000", "2000000 rows", "the list 2, 0 and 0"),
        ("1, 048, 576", "1048576 rows", "the list 1, 48 and 576"),
        ("1,234,567", "1234567 rows", "the list 1, 234 and 567"),
        ("200,500", "200500 rows", "the list 200 and 500"),
        ("20,000", "20000 rows", "the list 20 and 0"),
        ("2M,1,048,576", "1048576 rows", "the list 1, 48 and 576"),
        ("1,048,576,2M", "1048576 rows", "the list 1, 48 and 576"),
        ("10,1,234,567", "1234567 rows", "the list 1, 234 and 567"),
        ("1,048,576:4M:x2", "1048576 rows", "the list 1, 48 and 576"),
        ("2k:4k:x2,1,000", "1000 rows", "the list 1 and 0"),
        ("1,048k", "1048k rows", "the list 1 and 48k"),
        ("1,5M", "1.5M rows", "the list 1 and 5M"),
        ("2,5k", "2.5k rows", "the list 2 and 5k"),
        (["200k", "1,048,576"], "1048576 rows", "the list 1, 48 and 576"),
        ("12,34,567", "1234567 rows", "the list 12, 34 and 567"),
        ("10,00,000", "1000000 rows", "the list 10, 0 and 0"),
        ("1,23,45,678", "12345678 rows", "the list 1, 23, 45 and 678"),
        ("2M,12,34,567", "1234567 rows", "the list 12, 34 and 567"),
        ("10,20,500", "1020500 rows", "the list 10, 20 and 500"),
        ("12,34,567:9M:x2", "1234567 rows", "the list 12, 34 and 567"),
        ("1_048,576", "1048576 rows", "the list 1048 and 576"),
        ("2,000_000", "2000000 rows", "the list 2 and 0"),
        ("1 048,576", "1048576 rows", "the list 1048 and 576"),
        ("1,048,576.00", "1048576 rows", "the list 1, 48 and 576"),
        ("1,048.5k", "1048.5k rows", "the list 1 and 48.5k"),
        ("200k,1,5M", "1.5M rows", "the list 1 and 5M"),
        ("1,5e6", "1.5e6 rows", "the list 1 and 5e6"),
        ("1,000k", "1000k rows", "the list 1 and 0k"),
        ("1,000.5k", "1000.5k rows", "the list 1 and 0.5k"),
    ],
)
def test_commas_that_may_part_thousands_are_refused_with_both_readings(text, number, listed):
    with pytest.raises(UsageError) as error:
        parse_axis("vocab", text)
    assert f"could be {number}, or {listed}: write {number.removesuffix(' rows')}" in str(error.value)


@pytest.mark.parametrize(
    "text",
    ["128,256", "64,128,256", "32,128,512", "8,128", "100,200,500", "128,256,512", "512,256,128", "64,300",
     "50,300,600", "256,512,768", "96,128,192", "8,16,32,64,128,256,512,1024", "1,2,4",
     "16,32,128", "10,50,100"],
)  # fmt: skip
def test_lists_that_people_write_are_lists(text):
    for axis in ("dim", "hidden", "batch", "seq"):
        assert parse_axis(axis, text) == tuple(map(int, text.split(",")))


@pytest.mark.parametrize(
    "text",
    ["1,024", "2,048", "4,096", "8,192", "16,384", "32,768", "65,536", "131,072", "1,536", "1,500", "12,500", "25,600",
     "51,200", "100,000", "1,000,000", "1,280", "100,100"],
)  # fmt: skip
def test_one_number_with_commas_is_no_list_on_any_axis(text):
    for axis in ("dim", "hidden", "batch", "seq"):
        with pytest.raises(UsageError, match="could be " + text.replace(",", "")):
            parse_axis(axis, text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("12,34,567", "'12,34,567' could be 1234567 rows"),
        ("5M,10,00,000", "'5M,10,00,000': '10,00,000' could be 1000000 rows"),
        ("300:1,000:x2", "'300:1,000:x2': a comma separates values: write 300:1000:x2,"),
        ("300:1000:+1,000", "write 300:1000:+1000,"),
        ("100:10,00,000:x2", "write 100:1000000:x2,"),
        ("0:1M:+2,500", "write 0:1M:+2500,"),
    ],
)
def test_the_whole_value_is_quoted_before_it_is_taken_apart(text, told):
    with pytest.raises(UsageError) as error:
        parse_axis("vocab", text)
    assert told in str(error.value)


def indian(value):
    """1234567 -> '12,34,567'."""
    rest, last = divmod(value, 1000)
    groups = [f"{last:03}"]
    while rest > 99:
        rest, group = divmod(rest, 100)
        groups.append(f"{group:02}")
    return ",".join([str(rest), *reversed(groups)])


@given(st.integers(10**5, 10**12))
def test_no_number_of_rows_with_commas_after_two_digits_is_taken_apart(value):
    groups = list(map(int, indian(value).split(",")))
    if all(one * groups[1] == other * groups[0] for one, other in itertools.pairwise(groups)):
        return  # 1,10,100 is a list
    with pytest.raises(UsageError, match=f"could be {value} rows|without commas"):
        parse_axis("vocab", indian(value))


@given(st.integers(1000, 10**9), st.sampled_from(MARKS + ","), st.sampled_from(MARKS + ","))
def test_no_number_whose_separators_are_mixed_is_taken_for_another(value, one, other):
    groups = f"{value:,}".split(",")
    text = groups[0] + "".join(mark + group for mark, group in zip(itertools.cycle([one, other]), groups[1:]))
    with contextlib.suppress(UsageError):
        assert parse_axis("vocab", text) == (value,)


@given(st.integers(1000, 10**12))
def test_no_number_of_rows_with_commas_is_taken_apart(value):
    with pytest.raises(UsageError, match=f"could be {value} rows|without commas"):
        parse_axis("vocab", f"{value:,}")


def test_a_wall_of_groups_is_one_short_line():
    with pytest.raises(UsageError) as error:
        parse_axis("vocab", "1" + ",000" * 100_000)
    assert len(str(error.value)) < 200


@given(st.lists(st.integers(1000, 10**12), min_size=1, max_size=9, unique=True))
def test_counts_round_trip(values):
    assert parse_axis("vocab", ",".join(map(format_count, values))) == tuple(values)


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=9, unique=True))
def test_repeated_flags_round_trip(values):
    assert parse_axis("dim", [format_count(value) for value in values]) == tuple(values)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**4))
def test_a_sum_range_is_an_arithmetic_sequence(start, more, step):
    if more // step < 900:
        assert parse_axis("dim", f"{start}:{start + more}:+{step}") == tuple(range(start, start + more + 1, step))


@given(st.text(alphabet="0123456789kM:x+,._- ", max_size=12))
def test_any_text_gives_counts_or_a_usage_error(text):
    with contextlib.suppress(UsageError):
        assert all(isinstance(value, int) for value in parse_axis("batch", text))
