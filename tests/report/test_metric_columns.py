"""A table with a column a metric: one row a case, and what is unusual about it."""

import json

import pytest

from embbench.cases.suite import View
from embbench.errors import UsageError
from embbench.report.assemble import build
from tests.made_up import case, measured
from tests.written import render

VIEW = View(row="update,vocab", col="metric", metric="step_time,host_peak,unique_rows", reference="")


def rounds():
    return [
        *measured(case(update="compact"), [0.020, 0.021], memory=2e9),
        *measured(case(update="compact", vocab=2_000_000), [0.030, 0.031], memory=3e9),
        *measured(case(update="compact", tokens="uniform"), [0.025, 0.026]),
        *measured(case(update="compact", threads=1), [0.040, 0.041]),
        *measured(case("frozen"), [0.010, 0.011]),
    ]


def table(**told):
    return build(rounds(), VIEW, **told).tables


def test_a_column_a_metric_and_a_row_a_case():
    (found,) = table()
    assert [column.label for column in found.columns] == ["step time", "host peak", "unique rows"]
    assert found.row_axes == ("update", "vocab", "otherwise", "class")
    assert [(*row.labels, row.cells[0].text, row.cells[1].text) for row in found.rows] == [
        ("compact", "200k", "", "lazy ✓", "21 ms", "2.00 GB"),
        ("compact", "200k", "threads=1", "lazy ✓", "41 ms", "1.00 GB"),
        ("compact", "200k", "uniform", "lazy ✓", "26 ms", "1.00 GB"),
        ("compact", "2M", "", "lazy ✓", "30 ms", "3.00 GB"),
        ("", "200k", "frozen", "frozen ✓", "10 ms", "1.00 GB"),
    ]


def test_each_metric_is_defined_once():
    notes = table()[0].notes
    assert [note.partition(":")[0] for note in notes if note.partition(":")[0] in VIEW.metric.split(",")] == [
        "step_time",
        "host_peak",
        "unique_rows",
    ]


def test_what_is_usual_is_said_above():
    (found,) = table()
    assert "tokens words" in found.definition
    assert "threads 2" in found.definition


@pytest.mark.parametrize("name", ["text", "md", "csv", "json"])
def test_every_format_shows_it(name):
    text = render(build(rounds(), VIEW), name, 100, False)
    assert "step_time" in text
    if name == "json":
        assert json.loads(text)["tables"][0]["columns"][0]["axes"] == {"metric": "step_time"}


def test_metric_is_no_axis_of_rows():
    with pytest.raises(UsageError, match="unknown axis 'metric'"):
        build(rounds(), View(row="metric", col="vocab"))


@pytest.mark.parametrize(
    ("view", "chosen", "told"),
    [
        (View(col="metric", reference="table=frozen"), ("col", "reference"), "a table of --col metric has no ratios"),
        (
            View(col="metric,table"),
            ("col",),
            "--col: metric makes a column per metric and cannot be combined with axes",
        ),
        (View(col="metric", metric="nothing"), ("col", "metric"), "unknown metric 'nothing'"),
    ],
)
def test_what_makes_no_sense_with_it_is_said(view, chosen, told):
    with pytest.raises(UsageError, match=told):
        build(rounds(), view, chosen=chosen)


def test_a_suite_s_own_reference_is_left_out():
    (found,) = build(rounds(), View(row="update,vocab", col="metric", metric="step_time"), chosen=("row", "col")).tables
    assert not [cell.ratio for row in found.rows for cell in row.cells if cell.ratio]
