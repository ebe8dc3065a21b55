"""Predictions where no line describes the times, or none reaches as far; and what is advised to measure."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embbench.analysis.cost.lacks import OnlyBetween
from embbench.cases.axes import parse_axis
from embbench.cases.units import format_count
from embbench.report.lack_text import why_text
from tests.analysis.cost.predicting import predicted
from tests.made_up import case, measured


def test_times_that_fall_to_nothing_say_so_and_what_is_advised_is_not_measured_already():
    falling = times({200_000: 0.46, 500_000: 0.40, 1_000_000: 0.30, 2_000_000: 0.10})
    found = predicted(falling, vocab=3_000_000)
    assert found.seconds is None
    assert "by their line, a step of this size would take no time" in why_text(found)
    assert "--vocab 3M " in why_text(found)
    wild = times({200_000: 0.4, 500_000: 0.1, 1_000_000: 0.4, 2_000_000: 0.2}, spread=(0.5, 1.0, 2.0))
    assert re.search(r"scatter too much .*--vocab 3M ", why_text(predicted(wild, vocab=3_000_000)))
    assert re.search(r"would take no time; .*--vocab 1.6M,4M,8M ", why_text(predicted(wild, vocab=40_000_000)))


def times(points, spread=(0.99, 1.0, 1.01)):
    """Rounds of a sweep. points: vocab -> seconds. spread: factors, a round each."""
    return [
        one
        for vocab, value in points.items()
        for one in measured(case(vocab=vocab), [value * factor for factor in spread], 4e8 + 512 * vocab)
    ]


def test_between_two_sizes_there_is_an_answer_where_no_line_describes_the_times():
    """As page faults bend them: what is asked lies between 400k and 1.6M rows, and so does what is told."""
    rounds = times({100_000: 0.02, 400_000: 0.05, 1_600_000: 4.0, 3_200_000: 30.0})
    found = predicted(rounds, vocab=700_000)
    assert 0.04 < found.seconds.low < 0.05 < found.seconds.center < 4.0 < found.seconds.high < 4.5
    assert found.bytes.center == pytest.approx(4e8 + 512 * 7e5, rel=0.01)
    assert "no line describes the times of pytorch trainable default adam vocab=700k" in why_text(found)
    assert found.lack == OnlyBetween(case(vocab=700_000), "vocab", (400_000, 1_600_000))
    assert "--vocab 530k,700k,1.1M" in why_text(found)
    itself = predicted(rounds, vocab=1_600_000).seconds
    assert itself.center == 4.0
    assert 3.8 < itself.low < itself.high < 4.2


def test_sizes_that_were_measured_once_and_lie_on_no_line_name_what_would_tell_more():
    found = predicted(times({100_000: 0.02, 400_000: 0.05, 1_600_000: 4.0}, spread=(1.0,)), vocab=700_000)
    assert found.seconds is None
    assert (
        "3 sizes were measured once each, which gives no interval between 400k and 1.6M; measure: embbench run"
        in why_text(found)
    )
    assert "--vocab 530k,700k,1.1M" in why_text(found)


def test_a_line_that_misses_its_own_points_by_more_than_they_scatter_describes_none():
    """A time that grows faster than its rows has no constant above 0: through both points goes a line that is below 0
    at the start, and the one that is not misses them.
    """
    rounds = times({200_000: 0.2652, 2_000_000: 3.4855})
    for vocab in (100_000, 199_000, 2_100_000, 4_000_000):
        found = predicted(rounds, vocab=vocab)
        assert found.seconds is None
        assert "misses them by up to 1" in why_text(found)
        assert f"--vocab {format_count(vocab)} " in why_text(found)
    assert 0.2652 < predicted(rounds, vocab=201_000).seconds.center < 0.28
    assert 3.2 < predicted(rounds, vocab=1_900_000).seconds.center < 3.4855


@given(
    st.lists(st.floats(1e-3, 10.0), min_size=2, max_size=6, unique=True).map(sorted),
    st.floats(1e-3, 0.2),
    st.lists(st.integers(10_000, 20_000_000), min_size=1, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_what_is_told_never_contradicts_what_was_measured(medians, noise, asked):
    """Times that rise with the rows: what is told of a size lies between what was measured at those next to it."""
    known = {100_000 * 2**place: seconds for place, seconds in enumerate(medians)}
    rounds = times(known, spread=(1 - noise, 1.0, 1 + noise))
    near = [vocab + by for vocab in known for by in (-1000, 1000)]
    for vocab in (*asked, *near):
        told = predicted(rounds, vocab=vocab).seconds
        if told is None:
            continue
        below = [seconds for each, seconds in known.items() if each <= vocab]
        above = [seconds for each, seconds in known.items() if each >= vocab]
        assert max(below, default=0.0) * (1 - 1e-9) <= told.center <= min(above, default=math.inf) * (1 + 1e-9)
        assert told.low <= told.center <= told.high


@pytest.mark.parametrize("vocab", [1, 2, 31, 999, 5000, 6000, 24_999, 25_000, 1_234_567, 10**9])
def test_what_is_advised_for_a_size_too_far_away_brings_it_near(vocab):
    rounds = times({200_000: 0.3, 400_000: 0.5}) if vocab < 10**7 else times({1000: 0.3, 2000: 0.5})
    found = predicted(rounds, vocab=vocab)
    if found.seconds is None:
        advised = parse_axis("vocab", re.findall(r"--vocab (\S+)", why_text(found)))
        if vocab < 10**7:
            assert advised == (vocab,), "smaller tables need no prediction"
            assert predicted([*rounds, *times({vocab: 0.2})], vocab=vocab).seconds.center == 0.2
        else:
            assert len(advised) >= 2
            assert max(advised) < vocab
        rounds += times({each: 0.1 + 1e-6 * each for each in advised})
        assert "further than" not in why_text(predicted(rounds, vocab=vocab))
        alone = times({each: 0.1 + 1e-6 * each for each in advised})
        assert "further than" not in why_text(predicted(alone, vocab=vocab))
        assert "only one size" not in why_text(predicted(alone, vocab=vocab))


SHAPES = {
    "line": lambda vocab: 0.02 + 1e-6 * vocab,
    "flat": lambda vocab: 0.02,
    "bend": lambda vocab: 0.02 + 2e-7 * vocab + 2e-6 * max(0.0, vocab - 1e6),
    "step": lambda vocab: 0.02 + 1e-7 * vocab * (1 if vocab < 5e5 else 6),
    "curve": lambda vocab: 0.02 + 1e-3 * vocab**0.5,
}


@pytest.mark.parametrize("noise", [0.01, 0.1])
@pytest.mark.parametrize("shape", SHAPES)
def test_sizes_that_were_left_out_lie_in_the_interval_that_their_neighbours_give(shape, noise):
    rng, sizes = np.random.default_rng(5), (100_000, 200_000, 400_000, 800_000, 1_600_000, 3_200_000)
    inside, tried = 0, 0
    for _ in range(10):
        seconds = {vocab: SHAPES[shape](vocab) * np.exp(rng.normal(0, noise, 4)) for vocab in sizes}
        for out in sizes[1:-1]:
            rounds = [one for v, found in seconds.items() if v != out for one in measured(case(vocab=v), found[1:])]
            told = predicted(rounds, vocab=out).seconds
            inside += told.low <= float(np.median(seconds[out][1:])) <= told.high
            tried += 1
    assert inside / tried >= 0.85  # 95 % of 40, less three standard deviations
