"""Rounds -> Report: what stands in which cell, and what is said about it."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embbench.errors import NothingMeasured, UsageError
from embbench.report import build
from embbench.spec.suite import View
from embbench.store.round import Audit
from tests.report.made_up import MACHINE, SOFTWARE, case, failed, measured

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
        ["24.1 ms", "3.28 s", "out of memory", "30 ms"],
    ]
    assert [cell.ratio for cell in report.tables[0].rows[1].cells] == ["×0.00735", "", "", "×0.0090"]
    assert [cell.mark for cell in report.tables[0].rows[1].cells] == ["", "", "", "*"]
    assert report.notes == (
        "trainable fused vocab=2M: out of memory: needs about 5.2 GB, 3.1 GB are free",
        "* trainable sparse vocab=2M: 2 of 3 rounds; round 2: timeout: no answer within 300 s (phase: warm-up)",
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


def test_two_machines_are_an_alarm_and_never_mixed():
    other = measured(case(), [0.2, 0.2], machine={**MACHINE, "fingerprint": "ffff"})
    rounds = [*measured(case(), [0.1, 0.1]), *other]
    report = build(rounds, View(), chosen=CHOSEN[:2])
    assert texts(report) == [["2 cases"]]
    assert "2 machines" in report.alarms[0]
    assert report.answer == ()
    assert texts(build(rounds, View(row="machine,vocab"))) == [["100.0 ms"], ["200.0 ms"]]
    assert build(rounds, View(), "machine=ffff").alarms == ()


def test_no_ratio_across_machines():
    other = measured(case(update="sparse"), [0.2, 0.2], machine={**MACHINE, "fingerprint": "ffff"})
    report = build([*measured(case(), [0.1, 0.1]), *other], View())
    assert [cell.ratio for cell in report.tables[0].rows[0].cells] == ["", ""]
    assert report.alarms


def test_two_versions_are_an_alarm_and_never_mixed():
    newer = measured(case(), [0.2, 0.2], software={**SOFTWARE, "torch": "2.14.0"}, run="run2")
    rounds = [*measured(case(), [0.1, 0.1]), *newer]
    report = build(rounds, View(), chosen=CHOSEN[:2])
    assert texts(report) == [["2 cases"]]
    assert "torch 2.13.0; torch 2.14.0" in report.alarms[0]
    assert texts(build(rounds, View(), "software=torch 2.14.0")) == [["200.0 ms"]]
    assert build(rounds, View(), "software=torch 2.14.0").alarms == ()


def test_texts_follow_the_given_order_and_numbers_ascend():
    cases = [case(update="sparse", vocab=2_000_000), case(update="sparse"), case(), case("frozen")]
    rounds = [round_ for one in cases for round_ in measured(one, [0.1])]
    assert [column.label for column in build(rounds, View()).tables[0].columns] == [
        "trainable sparse", "trainable default", "frozen",
    ]  # fmt: skip
    report = build(rounds, View(), order=[case("frozen"), case(), case(update="sparse")])
    assert [column.label for column in report.tables[0].columns] == ["frozen", "trainable default", "trainable sparse"]
    assert [row.labels for row in report.tables[0].rows] == [("200k",), ("2M",)]


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


def test_the_caption_names_what_is_the_same_for_all(scaling):
    caption = build(scaling, View()).caption
    told = dict(caption)
    assert told["same for all"].startswith("contender pytorch · adam · dim 128 · hidden 128")
    assert "vocab" not in told["same for all"]
    assert told["machine"].startswith("Example CPU @ 2.10GHz · 2 CPUs · 25.2 GB · no GPU")
    assert told["software"] == "python 3.11.7 · torch 2.13.0"
    assert told["warning"].startswith("in 7 of 22 rounds: 3 % of the CPU")
    assert [text.partition(":")[0] for word, text in caption if word == "classes"] == ["frozen", "dense", "lazy"]


def ran(rounds, **view):
    return [text for word, text in build(rounds, View(**view)).caption if word == "ran"]


def test_what_ran_is_told_once_where_it_is_the_same_and_else_by_path(scaling):
    assert ran(scaling) == [
        "pytorch: lstm oneDNN",
        "frozen: optimizer none",
        "trainable default: optimizer default",
        "trainable fused: optimizer fused",
        "trainable sparse: optimizer sparse",
    ]


def test_paths_that_ran_alike_share_a_line():
    rounds = [
        *measured(case(update="fused"), [0.1], ran={"lstm": "oneDNN", "optimizer": "Adam fused"}),
        *measured(case("frozen"), [0.1], ran={"lstm": "oneDNN", "optimizer": "Adam"}),
        *measured(case(), [0.1], ran={"lstm": "oneDNN", "optimizer": "Adam"}),
    ]
    order = [case("frozen"), case(), case(update="fused")]
    caption = build(rounds, View(), order=order).caption
    assert [text for word, text in caption if word == "ran"] == [
        "pytorch: lstm oneDNN",
        "frozen, trainable default: optimizer Adam",
        "trainable fused: optimizer Adam fused",
    ]


def test_what_ran_is_told_by_the_axis_that_decides():
    rounds = [
        round_
        for vocab in (1000, 2000)
        for dim in (64, 128)
        for round_ in measured(case(vocab=vocab, dim=dim), [0.1], ran={"lstm": f"kernel {dim}", "threads": 2})
    ]
    assert ran(rounds) == ["pytorch: threads 2", "dim 64: lstm kernel 64", "dim 128: lstm kernel 128"]
    both = [*rounds, *measured(case(vocab=1000, dim=64, contender="other"), [0.1], ran={"lstm": "scan"})]
    assert ran(both)[1:] == ["pytorch dim 64: lstm kernel 64", "pytorch dim 128: lstm kernel 128", "other: lstm scan"]


def test_what_no_axis_decides_is_listed():
    first, second = (measured(case(), [0.1, 0.1], ran={"lstm": how})[at] for at, how in enumerate(("loop", "scan")))
    assert ran([first, second]) == ["pytorch: lstm loop / scan"]
    assert ran([msgspec.structs.replace(first, ran={})]) == []


def test_token_figures_stand_in_the_caption_where_they_are_the_same():
    report = build(measured(case(), [0.1]), View())
    assert report.tables[0].rows[0].tokens == ()
    assert "U = 1037 different rows in N = 2048 lookups" in dict(report.caption)["tokens"]


def test_token_figures_stand_in_the_rows_where_they_vary_by_row(scaling):
    assert [row.tokens for row in build(scaling, View()).tables[0].rows] == [
        ("1037", "0.506", "133"),
        ("1041", "0.508", "133"),
    ]


@pytest.mark.parametrize(
    ("view", "message"),
    [
        ({"row": "vocabs"}, "did you mean 'vocab'"),
        ({"col": "tabel"}, "did you mean 'table'"),
        ({"metric": "step_tme"}, "did you mean 'step_time'"),
        ({"metric": ""}, "name at least one"),
        ({"row": "table"}, "table is in both"),
        ({"reference": "table"}, "is not axis=value"),
        ({"reference": "tabel=frozen"}, "did you mean 'table'"),
        ({"reference": "batch=32"}, "batch is in neither"),
        ({"reference": "update=defaults"}, "did you mean 'default'"),
    ],
)
def test_views_that_make_no_sense(scaling, view, message):
    with pytest.raises(UsageError, match=message):
        build(scaling, View(**view), chosen=CHOSEN)


@pytest.mark.parametrize(
    ("view", "told"),
    [
        ({"row": "vocabs"}, "report.row: unknown axis 'vocabs'"),
        ({"col": "tabel"}, "report.col: unknown axis 'tabel'"),
        ({"metric": "step_tme"}, "report.metric: unknown metric 'step_tme'"),
        ({"metric": " "}, "report.metric: name at least one"),
        ({"reference": "table"}, "report.reference: 'table' is not axis=value"),
        ({"reference": "vocab=many"}, "report.reference: vocab: 'many' is not a count"),
    ],
)
def test_what_a_suite_file_has_wrong_is_told_of_the_suite(scaling, view, told):
    with pytest.raises(UsageError, match=rf"^suite embedding-scaling: {told}"):
        build(scaling, View(**view))
    with pytest.raises(UsageError, match=rf"^suite mine: {told}"):
        build(scaling, View(**view), suite="mine")
    with pytest.raises(UsageError, match=rf"^{told.replace('report.', '--')}"):
        build(scaling, View(**view), chosen=tuple(view))


def test_a_flag_and_a_suite_that_clash_are_both_named(scaling):
    with pytest.raises(UsageError, match=r"^--row and suite embedding-scaling: report\.col: table is in both"):
        build(scaling, View(row="table"), chosen=("row",))


def test_a_reference_nobody_chose_is_dropped_where_it_does_not_fit(scaling):
    report = build(scaling, View(col="table"), "update!=sparse,update!=fused", chosen=("col",))
    assert [cell.ratio for cell in report.tables[0].rows[0].cells] == ["", ""]


def test_nothing_selected(scaling):
    with pytest.raises(NothingMeasured, match="no case passes --filter vocab>1G"):
        build(scaling, View(), "vocab>1G")
    with pytest.raises(NothingMeasured, match="no rounds"):
        build([], View())


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
