"""Figures follow the spread; nothing is shown as more certain than it is."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embbench.report.figures import (
    between_text,
    cost_text,
    factor_text,
    figures,
    percent,
    ratio_text,
    spread_text,
    value_text,
)
from embbench.stats.summary import Summary, span, summarize


def around(center, width, n=3):
    return Summary(center, center * (1 - width), center * (1 + width), n)


@pytest.mark.parametrize(
    ("width", "text"),
    [(0.5, "12 ms"), (0.1, "12 ms"), (0.0999, "12.3 ms"), (0.01, "12.3 ms"), (0.0099, "12.35 ms"), (0.0, "12.35 ms")],
)
def test_figures_follow_the_spread(width, text):
    assert value_text(around(0.0123456, width), "step_time") == text


def test_one_round_gives_two_figures_of_a_time_and_three_of_a_count():
    assert value_text(summarize([0.0123456]), "step_time") == "12 ms"
    assert value_text(span([1_234_567_890]), "host_peak") == "1.23 GB"
    assert spread_text(summarize([0.0123456]), "s") == ""


@pytest.mark.parametrize(
    ("width", "text", "spread"),
    [
        (0.3, "1.2 GB", "±30%"),
        (0.05, "1.23 GB", "±5%"),
        (0.011, "1.23 GB", "±1%"),
        (0.009, "1.23 GB", ""),
        (0.0, "1.23 GB", ""),
    ],
)
def test_a_count_has_three_figures_and_no_small_spread(width, text, spread):
    peak = around(1_234_567_890, width)
    assert value_text(peak, "host_peak") == text
    assert spread_text(peak, "B", counted=True) == spread


def test_a_number_that_is_known_to_nothing_like_itself_is_about_that():
    vague = Summary(0.0543, 0.01, 0.1086, 3)
    assert (value_text(vague, "step_time"), spread_text(vague, "s")) == ("about 54 ms", "")
    assert (value_text(vague, "host_peak"), spread_text(vague, "B", counted=True)) == ("about 0.054 B", "")
    assert cost_text(Summary(3e-9, 1e-9, 7e-9, 3), "s/row") == ("about 3.0 ns/row", "")
    known = Summary(0.0543, 0.01, 0.1085, 3)
    assert (value_text(known, "step_time"), spread_text(known, "s")) == ("54 ms", "±100%")
    assert spread_text(Summary(1.0, 0.5, math.inf, 3), "s") == ""


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.0314, 0.16, "between 31 and 160 ms"),
        (0.0009, 0.002, "between 900 µs and 2.0 ms"),
        (3, 9, "between 3.0 and 9.0"),
    ],
)
def test_what_lies_between_shares_its_unit(low, high, text):
    assert between_text(low, high, "1" if high == 9 else "s") == text


def test_rows_are_exact():
    assert value_text(span([12_345.0, 12_345.0]), "unique_rows") == "12345 rows"
    assert value_text(span([12_345.0]), "unique_rows") == "12345 rows"
    assert value_text(span([1263.5, 1263.5]), "unique_rows") == "1264 rows"
    assert value_text(span([1200.0, 1263.0]), "unique_rows") == "1230 rows"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0%"), (1e-9, "0.1%"), (0.004, "0.4%"), (0.021, "2%"), (0.3, "30%"), (4.5, "450%"), (70.0, ">999%")],
)
def test_percent(share, text):
    assert percent(share) == text


@given(st.floats(0, 100))
def test_only_nothing_is_0_percent(share):
    assert (percent(share) == "0%") == (share == 0)


def test_spread_without_a_center():
    assert spread_text(span([0.0, 0.0, 3.0]), "faults") == "±3.0 faults"
    assert spread_text(span([0.0, 0.0, 3.0]), "faults", counted=True) == "±3.0 faults"
    assert spread_text(span([0.0, 0.0]), "faults") == "±0%"
    assert spread_text(span([0.0, 0.0]), "faults", counted=True) == ""


def test_a_difference_that_may_be_zero_shows_its_upper_end():
    assert cost_text(Summary(3e-9, -2e-9, 1.2e-8, 3), "s/row") == ("<12 ns/row", "")
    assert cost_text(Summary(3e-9, 2.9e-9, 3.1e-9, 3), "s/row") == ("3.00 ns/row", "±3%")
    assert cost_text(Summary(3e-9, None, None, 1), "s/row") == ("3.0 ns/row", "")
    assert cost_text(Summary(-3e-9, -4e-9, -1e-9, 3), "s/row") == (
        "none shown",
        "",
    )  # no update costs less than nothing
    assert cost_text(Summary(-3e-9, None, None, 1), "s/row") == ("none shown", "")


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (around(0.0803, 0.02), "×0.0803"),
        (around(0.0803, 0.5), "×0.080"),
        (Summary(0.0803, None, None, 1), "×0.080?"),
        (around(1.02, 0.05), "×1.02?"),
        (Summary(1.0, 1.0, 1.0, 2), "×1.00"),
    ],
)
def test_ratios_without_proof_are_marked(ratio, text):
    assert ratio_text(ratio) == text


def test_factors_in_sentences():
    assert factor_text(Summary(11.3, 10.8, 11.7, 3)) == "11.3 (10.8 to 11.7)"
    assert factor_text(Summary(11.3, None, None, 1)) == "11"


@given(st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=9))
def test_figures_are_two_to_four(values):
    assert 2 <= figures(summarize(values)) <= 4
