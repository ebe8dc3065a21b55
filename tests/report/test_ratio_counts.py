"""Where no sentence sums a report up, its ratios are counted, column by column."""

import pytest

from embbench.cases.suite import View
from embbench.report.assemble import build
from tests.made_up import case, measured

VIEW = View(row="batch", col="table,update", reference="table=trainable,update=default")


def rounds(*factors):
    """A batch size for each factor: the time of the sparse update as a multiple of the default update's time."""
    found = []
    for batch, factor in enumerate(factors, 1):
        spread = (0.99, 1.0, 1.01)
        found += measured(case(batch=batch), [0.1 * batch * each for each in spread])
        found += measured(case(update="sparse", batch=batch), [0.1 * batch * factor * each for each in spread[::-1]])
    return found


@pytest.mark.parametrize(
    ("factors", "told"),
    [
        ((0.5, 0.2, 0.25), "takes less time than trainable default in 3 (×0.200 to ×0.500)."),
        (
            (0.5, 2.0, 1.0),
            "takes less time than trainable default in 1 (×0.500), more time than trainable default in 1 (×2.00); "
            "no difference is shown in 1.",
        ),
        ((1.0, 1.0, 1.0), "is not shown to differ from trainable default."),
    ],
)
def test_cases_are_counted_by_what_their_ratio_shows(factors, told):
    report = build(rounds(*factors), VIEW)
    assert report.answer == (f"Of 3 cases, trainable sparse (lazy ✓) {told}",)


def test_the_figures_stand_in_the_rows_of_the_cases_it_names():
    report = build(rounds(*(0.1 + 0.05 * number for number in range(15))), VIEW)
    (table,), (statement,) = report.tables, report.brief
    named = [row.cells[1].ratio for row in table.rows if {*row.cells[1].cases} & {*statement.cases}]
    assert len(named) == 2
    assert f"({' to '.join(named)})" in statement.text
    assert len(statement.others) == 15


def test_nothing_is_counted_of_another_metric_or_without_a_reference():
    some = rounds(0.5, 0.5, 0.5)
    assert build(some, View(row="batch", col="table,update", reference="")).answer == ()
    assert build(some, View(row="batch", col="table,update", metric="host_peak")).answer == ()
    by_row = View(row="batch,table,update", col="vocab", reference="table=trainable,update=default")
    assert build(some, by_row).answer == ()
