"""Rounds -> Report: what stands in which cell, and what is said about it."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embbench.cases.suite import View
from embbench.report.assemble import build
from embbench.store.round import Audit
from tests.made_up import SOFTWARE, case, failed, measured, values

CHOSEN = ("row", "col", "reference")


def texts(report, table=0):
    return [[cell.text for cell in row.cells] for row in report.tables[table].rows]


def only_cell(rounds, **view):
    (row,) = build(rounds, View(**view)).tables[0].rows
    (cell,) = row.cells
    return cell


def test_the_scaling_suite(scaling):
    report = build(scaling, View(metric="step_time,host_peak"))
    assert [table.metric for table in report.tables] == ["step_time", "host_peak"]
    assert [column.label for column in report.tables[0].columns] == [
        "frozen",
        "trainable default",
        "trainable fused",
        "trainable sparse",
    ]
    assert [column.semantic for column in report.tables[0].columns] == ["frozen ✓", "dense ✓", "dense ✓", "lazy ✓"]
    assert texts(report) == [
        ["24.0 ms", "291 ms", "98.0 ms", "31.0 ms"],
        ["24.1 ms", "3.28 s", "out of memory", "29.5 ms"],
    ]
    assert [cell.ratio for cell in report.tables[0].rows[1].cells] == ["×0.00735", "", "", "×0.00901"]
    assert [cell.mark for cell in report.tables[0].rows[1].cells] == ["", "", "", "*"]
    assert report.notes == (
        "trainable fused vocab=2M: out of memory: needs about 5.2 GB, 3.1 GB are free",
        "* trainable sparse vocab=2M: 2 of 3 rounds are ok; round 3: timeout: no answer within 300 s (phase: warm-up)",
    )
    assert report.measured == 7
    assert report.alarms == ()


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("oom_host", "out of memory"),
        ("oom_device", "out of device memory"),
        ("timeout", "timeout"),
        ("crash", "crash"),
        ("skipped", "skipped"),
        ("unsupported", "unsupported"),
        ("interrupted", "interrupted"),
    ],
)
def test_cells_without_a_number_say_why(status, text):
    cell = only_cell([failed(case(), status, "because")])
    assert (cell.status, cell.text, cell.summary) == (status, text, None)


def test_an_invalid_case_never_shows_its_number():
    bad = Audit("lazy", False, 0.5, 9, "step 3, row 7: 0.25 expected, 0.5 found")
    good = measured(case(update="sparse"), [0.031, 0.030])
    report = build([good[0], measured(case(update="sparse"), [0.0312] * 2, audit=bad, status="invalid")[1]], View())
    cell = report.tables[0].rows[0].cells[0]
    assert (cell.text, cell.summary, cell.spread, cell.ratio) == ("invalid", None, "", "")
    assert cell.semantic == "lazy ✗"
    assert any("row 7: 0.25 expected" in note for note in report.notes)
    assert report.measured == 0
    assert all(record.summary is None for record in report.records)


def test_no_ratio_without_an_audit():
    report = build([*measured(case(), [0.3, 0.3]), *measured(case(update="sparse"), [0.1, 0.1], audit=None)], View())
    assert [cell.ratio for cell in report.tables[0].rows[0].cells] == ["", ""]
    assert report.tables[0].columns[1].semantic == "no audit"


def test_no_ratio_against_a_missing_cell():
    report = build([failed(case(), "oom_host", "x"), *measured(case(update="sparse"), [0.1, 0.1])], View())
    assert [cell.ratio for cell in report.tables[0].rows[0].cells] == ["", ""]
    assert any(note.startswith("no ratios") for note in report.tables[0].notes)


@pytest.mark.parametrize(("moving", "mark"), [(0, ""), (1, ""), (2, "~")])
def test_a_cell_whose_samples_moved_is_marked_and_every_such_round_is_told(moving, mark):
    steady = [0.1 + 0.001 * (number % 3) for number in range(30)]
    jumped = [value * (1 if number < 15 else 1.5) for number, value in enumerate(steady)]
    rounds = [
        msgspec.structs.replace(line, metrics={**line.metrics, "step_time": values("step_time", *samples)})
        for line, samples in zip(measured(case(), [0.1] * 3), [jumped] * moving + [steady] * (3 - moving), strict=True)
    ]
    report = build(rounds, View(metric="step_time,host_peak"))
    marks = [table.rows[0].cells[0].mark for table in report.tables]
    assert marks == [mark, ""]
    assert any("the samples of most rounds drift" in note for note in report.tables[0].notes) == bool(mark)
    told = [note for note in report.notes if "drifted" in note]
    assert len(told) == bool(moving)
    assert all(note.startswith("~") == bool(mark) for note in told)
    assert build(rounds, View(metric="host_peak")).notes == ()
    drifted = "2 of 3 rounds drifted: round 1 (jump), round 2 (jump)" if moving == 2 else "drifted in round 1 (jump)"
    assert all(note.endswith(f": {drifted}") for note in told)
    assert [record.rounds_unsteady for record in report.records] == [moving, 0]


def test_one_round_makes_no_claim():
    report = build([*measured(case(), [0.3]), *measured(case(update="sparse"), [0.1])], View())
    cell = report.tables[0].rows[0].cells[1]
    assert (cell.text, cell.spread, cell.ratio, cell.proven) == ("100 ms", "", "×0.33?", None)
    assert any(note.startswith("?:") for note in report.tables[0].notes)


def test_the_default_reference_of_a_frozen_cell_is_the_trainable_one():
    report = build(
        [*measured(case("frozen"), [0.1, 0.1]), *measured(case(), [0.4, 0.4])], View(reference="table=frozen")
    )
    assert [cell.ratio for cell in report.tables[0].rows[0].cells] == ["", "×4.00"]


def test_a_reference_applies_to_each_contender_by_itself():
    rounds = [
        *measured(case(), [0.4, 0.4]),
        *measured(case(update="sparse"), [0.1, 0.1]),
        *measured(case(contender="other"), [0.8, 0.8]),
        *measured(case(contender="other", update="sparse"), [0.4, 0.4]),
    ]
    report = build(rounds, View(col="contender,table,update"))
    assert [cell.ratio for cell in report.tables[0].rows[0].cells] == ["", "×0.250", "", "×0.500"]


def test_cells_that_lack_a_metric_say_so():
    report = build(measured(case(), [0.4]), View(metric="step_time,device_step_peak"))
    assert texts(report, 1) == [["not measured"]]
    assert report.tables[1].notes == ("device_step_peak was not measured",)
    assert report.measured == 1


def test_residue_is_told_and_never_mixed():
    rounds = [*measured(case(batch=32), [0.1, 0.1]), *measured(case(batch=64), [0.2, 0.2])]
    report = build(rounds, View(), chosen=CHOSEN[:2])
    assert texts(report) == [["2 cases"]]
    (note,) = report.notes
    assert "batch differs between cases (32, 64)" in note
    assert "--row batch,vocab" in note
    assert "--filter batch=32" in note
    assert texts(build(rounds, View(row="batch,vocab"))) == [["100.0 ms"], ["200.0 ms"]]
    assert texts(build(rounds, View(), "batch=64")) == [["200.0 ms"]]


def test_residue_without_a_collision_is_told_too():
    rounds = [*measured(case(), [0.1, 0.1]), *measured(case(update="sparse", batch=64), [0.2, 0.2])]
    report = build(rounds, View())
    assert texts(report) == [["100.0 ms", "200.0 ms"]]
    assert "batch differs" in report.notes[0]
    assert [cell.ratio for cell in report.tables[0].rows[0].cells] == ["", ""]  # they differ in more than the update


def test_a_view_nobody_chose_is_widened_until_no_cell_is_shared():
    rounds = [*measured(case(batch=64), [0.2, 0.2]), *measured(case(batch=32), [0.1, 0.1])]
    report = build(rounds, View())
    assert report.tables[0].row_axes == ("batch", "vocab")
    assert texts(report) == [["100.0 ms"], ["200.0 ms"]]


def test_two_versions_are_an_alarm_and_never_mixed():
    newer = measured(case(), [0.2, 0.2], software={**SOFTWARE, "torch": "2.14.0"}, run="run2")
    rounds = [*measured(case(), [0.1, 0.1]), *newer]
    report = build(rounds, View(), chosen=CHOSEN[:2])
    assert texts(report) == [["2 cases"]]
    assert "torch 2.13.0; torch 2.14.0" in report.alarms[0]
    assert report.alarms[0].endswith("or separate the versions with --row software,vocab")
    assert texts(build(rounds, View(row="software,vocab"))) == [["100.0 ms"], ["200.0 ms"]]
    assert texts(build(rounds, View(), "software=torch 2.14.0")) == [["200.0 ms"]]
    assert build(rounds, View(), "software=torch 2.14.0").alarms == ()


def test_token_figures_stand_in_the_rows_where_they_vary_by_row(scaling):
    assert [row.tokens for row in build(scaling, View()).tables[0].rows] == [
        ("1037", "0.506", "133"),
        ("1041", "0.508", "133"),
    ]


@given(st.permutations(range(6)), st.integers(1, 4))
def test_no_number_ever_comes_from_two_cases(order, dims):
    cases = [case(dim=64 * (1 + index % dims), batch=8 * (1 + index)) for index in order]
    report = build([round_ for one in cases for round_ in measured(one, [0.1, 0.1])], View(row="dim", col="table"),
                   chosen=("row", "col"))  # fmt: skip
    for row in report.tables[0].rows:
        for cell in row.cells:
            assert (cell.summary is not None) == (len(cell.cases) == 1)
            assert len(cell.cases) == 1 or cell.text == f"{len(cell.cases)} cases"


def test_rounds_of_an_older_line_still_report():
    bare = msgspec.structs.replace(measured(case(), [0.1])[0], machine={}, software={}, started="", ran={})
    report = build([bare], View())
    assert texts(report) == [["100 ms"]]


def test_cases_that_broke_are_told_before_those_that_were_refused():
    refused, broken = failed(case("frozen"), "unsupported", "no table"), failed(case(), "crash", "killed")
    notes = build([refused, broken], View()).notes
    assert [each.rpartition(": ")[2] for each in notes] == ["killed", "no table"]


def test_a_case_with_a_round_that_broke_is_told_before_the_others():
    lines = [*measured(case("frozen"), [0.1] * 2), failed(case("frozen"), "crash", "killed")]
    refused = failed(case(), "unsupported", "no table")
    assert [each.rpartition(": ")[2] for each in build([refused, *lines], View()).notes] == ["killed", "no table"]
