"""Views and filters: the order of rows and columns, and what does not fit the results."""

import pytest

from embbench.cases.suite import View
from embbench.errors import NothingMeasured, UsageError
from embbench.report.assemble import build
from tests.made_up import case, measured

CHOSEN = ("row", "col", "reference")


def test_texts_follow_the_given_order_and_numbers_ascend():
    cases = [case(update="sparse", vocab=2_000_000), case(update="sparse"), case(), case("frozen")]
    rounds = [round_ for one in cases for round_ in measured(one, [0.1])]
    assert [column.label for column in build(rounds, View()).tables[0].columns] == [
        "trainable sparse", "trainable default", "frozen",
    ]  # fmt: skip
    report = build(rounds, View(), order=[case("frozen"), case(), case(update="sparse")])
    assert [column.label for column in report.tables[0].columns] == ["frozen", "trainable default", "trainable sparse"]
    assert [row.labels for row in report.tables[0].rows] == [("200k",), ("2M",)]


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
    with pytest.raises(NothingMeasured, match=r"^no case passes --filter vocab>1G; the results have vocab 200k, 2M$"):
        build(scaling, View(), "vocab>1G")
    with pytest.raises(NothingMeasured, match="no rounds"):
        build([], View())
