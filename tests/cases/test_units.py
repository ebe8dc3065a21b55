"""Numbers as people read them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embbench.cases.units import (
    MARKS,
    format_count,
    format_duration,
    format_quantity,
    parse_count,
    parse_duration,
    parse_seconds,
)


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


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2_000_000", 2_000_000),
        ("2e6", 2_000_000),
        ("2E6", 2_000_000),
        ("1.5e6", 1_500_000),
        ("1e17", 10**17),
        ("2m", 2_000_000),
        ("2 M", 2_000_000),
        ("2_000k", 2_000_000),
        ("1.048k", 1048),
        (" 512 ", 512),
        ("2.0", 2),
    ],
)
def test_counts_as_people_write_them(text, value):
    assert parse_count(text) == value


@pytest.mark.parametrize(
    ("text", "told"),
    [
        *((f"1{mark}048{mark}576", "1048576, or with underscores, 1_048_576") for mark in MARKS.replace("_", ",")),
        ("1,048,576.00", "1048576, or with underscores, 1_048_576"),
        ("12,34,567", "1234567, or with underscores, 1_234_567"),
        ("1_048,576", "1048576, or with underscores, 1_048_576"),
        ("2.000.000", "2000000, or with underscores, 2_000_000"),
        ("1.000", "1000, or with underscores"),
        ("1.000k", "1000k, or with underscores"),
        ("2__0", "between two digits"),
        ("_2", "between two digits"),
        ("2_", "between two digits"),
        ("2e-3", "is not a count"),
        ("1.5", "not a whole number"),
        ("1.5e0", "not a whole number"),
        ("1e400", "too large"),
        ("1e99", "too large"),
        ("9" * 100_000, "too large"),
        ("1e" + "9" * 100_000, "too large"),
        ("２０", "digits 0 to 9"),
        ("٢", "digits 0 to 9"),
        ("²", "digits 0 to 9"),
        ("2еб", "is not a count"),
        *(
            (text, "is not a count")
            for text in (
                "",
                "1.e3",
                "1..2e3",
                "1__2e3",
                ".5e3",
                "+5",
                "-5",
                "0x10",
                "inf",
                "nan",
                "1e",
                "e6",
                "2e6k",
                "2T",
                "\n",
                "½",
            )
        ),
    ],
)
def test_what_is_no_count_is_told_in_a_short_line(text, told):
    with pytest.raises(ValueError, match=told) as error:
        parse_count(text)
    assert len(str(error.value)) < 200


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.5", 0.5), ("600", 600.0), ("1_000", 1000.0), ("1e1", 10.0), ("1.5e-3", 1.5e-3), (".5", 0.5), ("-1", -1.0)],
)
def test_seconds_as_people_write_them(text, value):
    assert parse_seconds(text) == value


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1,000", "write it without separators, 1000, or with underscores, 1_000, or for a fraction 1.000"),
        ("1’000", "write it without separators, 1000"),
        ("1,5", "write 1.5"),
        ("2m", "write seconds such as 0.5"),
        ("", "write seconds such as 0.5"),
        ("two", "write seconds such as 0.5"),
    ],
)
def test_what_is_no_number_of_seconds_is_told(text, told):
    with pytest.raises(ValueError, match=told) as error:
        parse_seconds(text)
    assert len(str(error.value)) < 200


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("4m", 240.0),
        ("4 min", 240.0),
        ("240", 240.0),
        ("240s", 240.0),
        ("1.5h", 5400.0),
        (" 2 Minutes ", 120.0),
        (".5 h", 1800.0),
        ("1_000", 1000.0),
        ("0", 0.0),
    ],
)
def test_a_time_may_have_a_unit(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "4d", "-4m", "4m30s", "nan", "1,5h", "4:00"])
def test_what_is_no_time_says_what_to_write(text):
    with pytest.raises(ValueError, match=r"is not a time; write for example 240, 90s, 4m or 1\.5h"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (20.4, "20 s"),
        (190, "3 min 10 s"),
        (240, "4 min"),
        (3599.6, "1 h"),
        (5400, "1 h 30 min"),
        (7200, "2 h"),
    ],
)
def test_a_time_is_told_as_people_tell_it(seconds, text):
    assert format_duration(seconds) == text
