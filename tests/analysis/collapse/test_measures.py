"""Derived numbers: update costs and ratios, taken within rounds."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.cases.protocol import PRESETS
from embbench.cases.suite import View
from embbench.report.assemble import build
from tests.made_up import case, in_turn, measured


def texts(report, table=0):
    return [[cell.text for cell in row.cells] for row in report.tables[table].rows]


def test_update_cost():
    rounds = [*measured(case("frozen"), [0.020, 0.020]), *measured(case(), [0.0303700, 0.0303700])]
    report = build(rounds, View(metric="update_cost"))
    assert texts(report) == [["—", "10.00 µs/row"]]  # (30.37 ms - 20 ms) / 1037 rows
    assert report.tables[0].notes[-1:] != ("update_cost was not measured",)


def test_update_cost_that_may_be_zero():
    rounds = [*measured(case("frozen"), [0.020, 0.021]), *measured(case(), [0.0215, 0.0209])]
    rounds += measured(case(update="sparse"), [0.03, 0.03])
    report = build(rounds, View(metric="update_cost"))
    assert texts(report)[0][1].startswith("<")
    assert [cell.ratio for cell in report.tables[0].rows[0].cells] == ["", "", ""]
    assert any(note.startswith("<:") for note in report.tables[0].notes)


def test_update_cost_may_be_zero_though_every_round_happened_to_cost_more():
    rounds = [*measured(case("frozen"), [0.0200, 0.0200, 0.0200]), *measured(case(), [0.0201, 0.0210, 0.0204])]
    report = build(rounds, View(metric="update_cost"))
    cost = report.tables[0].rows[0].cells[1]
    assert cost.summary.low < 0 < cost.summary.center
    assert cost.text.startswith("<")


def test_a_machine_that_slows_down_between_rounds_leaves_the_ratio_sharp():
    slower = [1.0, 1.3, 1.6]
    rounds = [
        *measured(case(), [0.100 * by for by in slower]),
        *measured(case("frozen"), [near * by for near, by in zip([0.0200, 0.0201, 0.0199], slower, strict=True)]),
    ]
    against = build(rounds, View()).tables[0].rows[0].cells[1].against
    assert against.center == pytest.approx(0.2)
    assert 0.195 < against.low < against.high < 0.205


def test_rounds_of_different_runs_are_no_pairs():
    one, other = measured(case(), [0.1, 0.2]), measured(case("frozen"), [0.01, 0.02], run="run2")
    built = build([*one, *other], View())
    against = built.tables[0].rows[0].cells[1].against
    assert against.low < 0.05 < 0.2 < against.high
    assert any(
        "the ratio of both medians where some of its rounds have no partner" in note for note in built.tables[0].notes
    )
    together = build([*one, *measured(case("frozen"), [0.01, 0.02])], View())
    assert not any("same stretch" in note for note in together.tables[0].notes)


def started(rounds, *times):
    """The rounds, begun at these times."""
    return [structs.replace(each, started=f"{time}+00:00") for each, time in zip(rounds, times, strict=True)]


def test_rounds_of_one_number_between_which_days_lie_are_no_pairs():
    """Four rounds, the second of which was gone on with after a weekend, on a machine that was half as fast then."""
    one = started(
        measured(case(), [0.10, 0.10, 0.20, 0.20]),
        *("2026-01-02T10:00:00", "2026-01-02T10:01:00", "2026-01-05T10:01:30", "2026-01-05T10:02:30"),
    )
    other = started(
        measured(case("frozen"), [0.01, 0.02, 0.02, 0.02]),
        *("2026-01-02T10:00:20", "2026-01-05T10:00:40", "2026-01-05T10:01:50", "2026-01-05T10:02:10"),
    )
    against = build([*one, *other], View()).tables[0].rows[0].cells[1].against
    assert against.n == 4
    assert against.center == pytest.approx(0.02 / 0.15)  # of the medians: one round of each side makes no pair
    assert against.low < 0.1 < 0.2 == pytest.approx(against.high, rel=0.1)  # since a visit may change times by half
    cost = build([*one, *other], View(metric="update_cost")).tables[0].rows[0].cells[0].summary
    assert cost.center == pytest.approx(0.18 / 1037)


@pytest.mark.parametrize(
    ("apart", "timeout", "pairs"),
    [(5, 600, 2), (500, 600, 2), (700, 600, 0), (700, 900, 2), (86_400, 600, 0)],
)
def test_rounds_are_near_where_no_more_lies_between_them_than_a_round_may_take(apart, timeout, pairs):
    protocol = structs.replace(PRESETS["standard"], timeout=float(timeout))
    begin = datetime(2026, 1, 2, tzinfo=UTC)
    times = [[begin + timedelta(days=30 * number, seconds=apart * place) for number in (0, 1)] for place in (0, 1)]
    rounds = []
    for given, when in zip((case(), case("frozen")), times, strict=True):
        for each, time in zip(measured(given, [0.1, 0.1], protocol=protocol), when, strict=True):
            rounds.append(structs.replace(each, started=time.isoformat(timespec="seconds")))
    one, other = collapse(rounds)
    assert len(Measures([one, other]).pairs(one, other, "step_time")) == pairs


def test_a_pause_is_seen_that_is_shorter_than_a_timeout_but_much_longer_than_the_rounds_of_its_case():
    seconds = [0, 10, 20, 30, 40, 50, 60, 470]  # of turns of two cases: 10 s a round, then 400 s of nothing
    rounds = [*measured(case(), [0.1] * 4), *measured(case("frozen"), [0.1] * 4)]
    begin = datetime(2026, 1, 2, tzinfo=UTC)
    when = [*seconds[::2], *seconds[1::2]]
    told = [
        structs.replace(each, started=(begin + timedelta(seconds=at)).isoformat())
        for each, at in zip(rounds, when, strict=True)
    ]
    one, other = collapse(told)
    assert len(Measures([one, other]).pairs(one, other, "step_time")) == 3


def test_rounds_that_do_not_say_when_they_were_measured_are_no_pairs():
    one, other = collapse(
        [*measured(case(), [0.1, 0.2], started=""), *measured(case("frozen"), [0.1, 0.2], started="")]
    )
    assert Measures([one, other]).pairs(one, other, "step_time") == []


def test_update_cost_without_a_frozen_sibling():
    report = build([*measured(case("frozen", batch=64), [0.02]), *measured(case(), [0.03])], View(metric="update_cost"))
    assert texts(report) == [["—", "—"]]
    assert any("frozen table" in note for note in report.tables[0].notes)


def test_update_cost_finds_its_sibling_behind_the_filter():
    rounds = [*measured(case("frozen"), [0.020, 0.020]), *measured(case(), [0.0303700, 0.0303700])]
    assert texts(build(rounds, View(metric="update_cost"), "table=trainable")) == [["10.00 µs/row"]]


def test_steps_in_turn_tell_a_ratio_that_rounds_of_two_processes_do_not():
    scatter = [0.10, 0.22, 0.14]
    own, sparse = case(), case(update="sparse")
    lines = [
        *measured(own, scatter),
        *(
            in_turn(line, own, ratio, ratio)
            for line, ratio in zip(measured(sparse, scatter[::-1]), (0.50, 0.51, 0.52), strict=True)
        ),
    ]
    results = {each.case: each for each in collapse(lines)}
    measures = Measures(results.values())
    ratio = measures.ratio(results[sparse], results[own], "step_time")
    assert (ratio.center, ratio.n) == (0.51, 3)
    assert 0.48 < ratio.low < 0.50 < 0.52 < ratio.high < 0.54
    other = measures.ratio(results[own], results[sparse], "step_time")
    assert (other.center, other.low, other.high) == pytest.approx((1 / 0.51, 1 / ratio.high, 1 / ratio.low))
    assert measures.turns(results[own], results[own]) is None


def test_steps_in_turn_with_another_case_tell_nothing_of_this_ratio():
    own, sparse, frozen = case(), case(update="sparse"), case("frozen")
    lines = [*measured(own, [0.1] * 3), *measured(frozen, [0.05] * 3)]
    lines += [in_turn(line, frozen, 7.0) for line in measured(sparse, [0.1] * 3)]
    results = {each.case: each for each in collapse(lines)}
    assert Measures(results.values()).ratio(results[sparse], results[own], "step_time").center == pytest.approx(1.0)
