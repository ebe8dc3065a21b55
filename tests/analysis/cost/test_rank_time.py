"""Times of ranks that were not measured, from made-up rounds that follow a known sum."""

import msgspec
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.rank_lacks import (
    FasterTogether,
    NoRates,
    NoTimedRanks,
    OneNumberOfRanks,
    OtherDims,
    ScatteredTimes,
    SharedCpus,
    TooFewForTime,
)
from embbench.analysis.cost.ranks import predict_ranks
from embbench.cases.declared import Declared
from embbench.store.round import Values, Warning_
from tests.made_up import case, measured

WAY = {"contender": "plain", "update": "default", "optimizer": "adagrad", "tokens": "uniform", "threads": 2}
ROWS = {"copies": 2.0, "sent_routed": 1.0, "spread": "rows"}
WHOLE = {"copies": 5.0, "sent_tables": 2.0, "spread": "whole"}
MEMORY, LINK = {1: 10e9, 2: 4e9, 4: 2e9}, 1e9  # bytes per second
SENT = 1e6
ROW = 128 * 4  # bytes


def of(ranks, vocab, **more):
    return case(ranks=ranks, vocab=vocab, **{**WAY, **more})


def line(
    ranks, vocab, *, seconds=None, rest=0.01, table=3.0, exchange=2.0, sent=SENT, told=ROWS, crowded=False, **more
):
    """A round with `rest` + `table` passes of the rank's part through memory + `exchange` times the sent bytes."""
    this = of(ranks, vocab, **more)
    part = vocab * ROW / (1 if told is WHOLE else ranks)
    sent = 0.0 if ranks == 1 else sent
    if seconds is None:
        seconds = rest + table * part / MEMORY[ranks] + exchange * sent / LINK
    metrics = {"host_step_peak": 1e9, "host_base": 3e8, "update_rate": MEMORY[ranks]}
    if ranks > 1:
        metrics |= {"theoretical_sent": sent, "sent_bytes": sent, "link_rate": LINK}
    (round_,) = measured(this, [seconds], declared=Declared(semantic="exact", **told))
    values = {name: Values("B", "process", "lower", (float(value),)) for name, value in metrics.items()}
    warned = (Warning_("ranks-share-cpus", ""),) if crowded else ()
    return msgspec.structs.replace(round_, metrics={**round_.metrics, **values}, warnings=warned)


def without_rates(round_):
    rates = ("update_rate", "link_rate")
    kept = {name: values for name, values in round_.metrics.items() if name not in rates}
    return msgspec.structs.replace(round_, metrics=kept)


def without_times(round_):
    kept = {name: values for name, values in round_.metrics.items() if name != "step_time"}
    return msgspec.structs.replace(round_, metrics=kept)


def predict(asked, lines, link=None):
    results = collapse(lines)
    return predict_ranks(asked, results, Measures(results), link).time


REST = 0.01 * 0.75  # two machines have twice the CPUs: halfway between the whole rest and its half
SIZES = (100_000, 200_000, 400_000)
MEASURED = [line(ranks, vocab) for ranks in (1, 2) for vocab in SIZES]


def test_a_known_case_has_the_time_of_the_sum_with_a_machine_for_each_rank():
    told = predict(of(2, 400_000), MEASURED)
    assert told.seconds.center == pytest.approx(REST + 3 * 400_000 * ROW / 2 / MEMORY[1] + 2 * SENT / LINK, rel=1e-6)
    assert told.off == pytest.approx(0.0, abs=1e-6)
    assert (told.measured, told.link, told.lack) == (6, LINK, None)


def test_replicas_pass_their_whole_table_whatever_the_ranks():
    lines = [line(ranks, vocab, told=WHOLE, sent=SENT * vocab / 1e5) for ranks in (1, 2) for vocab in SIZES]
    results = collapse(lines)
    told = predict_ranks(of(8, 400_000), results, Measures(results))
    table, exchange = 3 * 400_000 * ROW / MEMORY[1], 2 * told.sent.center / LINK
    tokens = 2 / 8  # of the measured tokens per CPU: the rest lies between its whole and this share of it
    assert told.time.seconds.center == pytest.approx(table + exchange + 0.01 * (1 + tokens / 2) / 2, rel=1e-3)


def test_another_link_takes_the_exchange_to_its_rate():
    slow, fast = (predict(of(2, 400_000), MEASURED, rate).seconds.center for rate in (LINK, 10 * LINK))
    assert slow - fast == pytest.approx(2 * SENT * (1 / LINK - 0.1 / LINK), rel=1e-6)


def test_the_rest_lies_between_none_and_all_for_the_tokens():
    told = predict(of(8, 400_000), MEASURED).seconds
    table = 3 * 400_000 * ROW / 8 / MEMORY[1]
    assert told.low <= table + 0.01 / 8
    assert told.high >= table + 0.01


def test_measured_batches_say_what_a_token_takes():
    lines = [
        line(ranks, vocab, rest=0.002 + 5e-6 * batch * 64 / 2, batch=batch)
        for ranks in (1, 2)
        for vocab in SIZES
        for batch in (32, 64)
    ]
    results = collapse(lines)
    told = predict_ranks(of(2, 400_000, batch=128), results, Measures(results))
    rest = 0.002 + 5e-6 * 128 * 64 / 2 / 2  # on twice the CPUs
    wanted = rest + 3 * 400_000 * ROW / 2 / MEMORY[1] + 2 * told.sent.center / LINK
    assert told.time.seconds.center == pytest.approx(wanted, rel=0.02)


def test_a_table_whose_size_does_not_show_has_no_share():
    lines = [line(ranks, vocab, table=-0.01) for ranks in (1, 2) for vocab in SIZES]
    told = predict(of(2, 400_000), lines)
    assert told.seconds.center == pytest.approx(REST + 2 * SENT / LINK, rel=0.1)


def test_intervals_hold_what_scatters_and_widen_with_the_distance():
    times = [0.98, 1.03, 1.0, 0.97, 1.02, 1.01]
    plain = [each.metrics["step_time"].values[0] for each in MEASURED]
    lines = [
        line(ranks, vocab, seconds=factor * seconds)
        for (ranks, vocab), factor, seconds in zip([(r, v) for r in (1, 2) for v in SIZES], times, plain, strict=True)
    ]
    near, larger, more = (predict(of(*asked), lines) for asked in ((2, 400_000), (2, 1_600_000), (4, 400_000)))
    assert 0.01 < near.off < 0.3
    assert near.seconds.high - near.seconds.low < larger.seconds.high - larger.seconds.low
    assert 1.2 * near.seconds.relative < more.seconds.relative
    assert near.seconds.low < REST + 3 * 400_000 * ROW / 2 / MEMORY[1] + 2 * SENT / LINK < near.seconds.high


def test_seeds_of_a_case_are_one_point():
    lines = [*MEASURED, *(line(ranks, vocab, seed=1, rest=0.012) for ranks in (1, 2) for vocab in SIZES)]
    told = predict(of(2, 400_000), lines)
    assert told.measured == 6
    rest = 0.011 * 0.75  # the middle of both seeds
    assert told.seconds.center == pytest.approx(rest + 3 * 400_000 * ROW / 2 / MEMORY[1] + 2 * SENT / LINK, rel=0.01)


def test_cases_of_another_dim_say_nothing_about_the_network():
    assert predict(of(2, 400_000, dim=256), MEASURED).lack == OtherDims(256, (128,))
    told = predict(of(2, 400_000), [*MEASURED, line(1, 50_000, dim=256, rest=1.0)])
    assert told.seconds == predict(of(2, 400_000), MEASURED).seconds


@pytest.mark.parametrize(
    ("lines", "lack"),
    [
        ([without_rates(each) for each in MEASURED], NoRates),
        (MEASURED[2:5], TooFewForTime),
        ([*MEASURED[:3], *(without_times(each) for each in MEASURED[3:])], NoTimedRanks),
        ([line(2, vocab) for vocab in (*SIZES, 800_000)], OneNumberOfRanks),
        ([*MEASURED[:3], *(line(4, vocab, crowded=True) for vocab in SIZES)], SharedCpus),
        ([line(ranks, vocab, exchange=-8.0) for ranks in (1, 2) for vocab in SIZES], FasterTogether),
    ],
    ids=[
        "no rates",
        "too few",
        "peaks of ranks alone",
        "one number of ranks",
        "ranks that share CPUs",
        "two are faster than one",
    ],
)
def test_what_nothing_supports_has_no_time(lines, lack):
    told = predict(of(2, 400_000), lines)
    assert told.seconds is None
    assert isinstance(told.lack, lack)


def test_a_time_that_could_be_twice_as_long_is_none():
    times = [0.7, 1.3, 1.0, 1.4, 0.6, 1.2]
    lines = [
        line(ranks, vocab, seconds=0.05 * factor)
        for (ranks, vocab), factor in zip([(r, v) for r in (1, 2) for v in SIZES], times, strict=True)
    ]
    assert isinstance(predict(of(64, 100_000_000, batch=64), lines).lack, ScatteredTimes | FasterTogether)


def test_times_that_scatter_give_none_near_what_was_measured_either():
    factors = [0.5, 1.9, 1.0, 1.7, 0.4, 2.1]
    lines = [
        line(ranks, vocab, rest=0.05, seconds=0.05 * factor)
        for (ranks, vocab), factor in zip([(r, v) for r in (1, 2) for v in SIZES], factors, strict=True)
    ]
    assert predict(of(2, 400_000), lines).lack == ScatteredTimes()
