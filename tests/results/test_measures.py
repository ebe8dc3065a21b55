"""Derived numbers: update costs and ratios, taken within rounds."""

import pytest

from embbench.report import build
from embbench.spec.suite import View
from tests.made_up import case, measured


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
    against = build([*one, *other], View()).tables[0].rows[0].cells[1].against
    assert against.low < 0.05 < 0.2 < against.high


def test_update_cost_without_a_frozen_sibling():
    report = build([*measured(case("frozen", batch=64), [0.02]), *measured(case(), [0.03])], View(metric="update_cost"))
    assert texts(report) == [["—", "—"]]
    assert any("frozen table" in note for note in report.tables[0].notes)


def test_update_cost_finds_its_sibling_behind_the_filter():
    rounds = [*measured(case("frozen"), [0.020, 0.020]), *measured(case(), [0.0303700, 0.0303700])]
    assert texts(build(rounds, View(metric="update_cost"), "table=trainable")) == [["10.00 µs/row"]]
