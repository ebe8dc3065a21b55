"""A long table on the first screen: its rows are those of the answer, and the others are counted."""

import pytest

from embbench.cases.suite import View
from embbench.report.assemble import build
from embbench.report.folding import first_statements, folded, is_long
from embbench.report.results_document import results_document
from embbench.report.table import Statement
from embbench.report.writers import write
from tests.made_up import case, failed, measured

METRICS = "unique_rows,step_time,host_peak"


def report(count, **view):
    """A report with a row for each of `count` batch sizes."""
    rounds = [one for batch in range(1, count + 1) for one in measured(case(batch=batch), [0.1 * batch])]
    return build(rounds, View(row="batch", **view))


def rows(table):
    return [row.labels for row in table.rows]


def ids(table, *places):
    return tuple(case for place in places for case in table.rows[place].cells[0].cases)


@pytest.mark.parametrize(("count", "shown"), [(12, 12), (13, 10)])
def test_a_table_of_12_rows_is_whole(count, shown):
    (table,) = report(count).tables
    assert is_long(table) == (count > 12)
    assert len(folded(table, (), False).rows) == shown
    text = write(results_document(report(count)), "text", details=False)
    assert ("  3 more rows: --details" in text.splitlines()) == (count > 12)


def test_rows_of_figures_come_first_in_their_order_then_rows_of_other_cases():
    (table,) = report(20).tables
    told = [Statement("a", ids(table, 17, 4), ids(table, 2, 4)), Statement("b", ids(table, 9), ids(table, 0))]
    assert rows(folded(table, told, False)) == [("18",), ("5",), ("10",), ("3",), ("1",)]
    many = Statement("c", ids(table, 19), ids(table, *range(20)))
    assert rows(folded(table, [many], False)) == [("20",), *((str(batch),) for batch in range(1, 10))]
    assert rows(folded(table, [Statement("d", ("gone",))], False)) == [(str(batch),) for batch in range(1, 11)]


def test_statements_are_left_out_whose_figures_have_no_room():
    (table,) = report(20).tables
    told = [Statement("a", ids(table, *range(8))), Statement("b", ids(table, 0, 8, 9)), Statement("c", ids(table, 10))]
    assert first_statements(told, table) == told[:2]
    wide = Statement("d", ids(table, *range(15)))
    assert first_statements([wide, told[0]], table) == [wide]


def test_an_axis_that_the_shown_rows_share_stands_above_and_the_note_has_its_other_values():
    rounds = [
        one
        for optimizer, sizes in (("adam", range(1, 11)), ("sgd", range(1, 3)), ("adagrad", [1]))
        for batch in sizes
        for one in measured(case(optimizer=optimizer, batch=batch), [0.1])
    ]
    (table,) = build(rounds, View(row="optimizer,batch")).tables
    shown = folded(table, [Statement("a", ids(table, 3, 1))], False)
    assert (shown.row_axes, rows(shown)) == (("batch",), [("4",), ("2",)])
    assert shown.definition.startswith("optimizer adam, ")
    assert shown.notes[-1] == "11 more rows, also with optimizer sgd, adagrad: --details"
    (alone,) = folded(table, [Statement("a", ids(table, 3))], False).rows
    assert alone.labels == ("adam", "4")


def test_a_table_across_metrics_has_two_unless_the_metrics_are_asked_for():
    (table,) = report(2, col="metric", metric=METRICS).tables
    shown = folded(table, (), False)
    assert [column.values for column in shown.columns] == [("unique_rows",), ("step_time",)]
    assert {len(row.cells) for row in shown.rows} == {2}
    assert shown.notes[-1] == "1 more metric: --details"
    assert folded(table, (), True) == table


def test_a_row_without_a_number_leaves_the_classes_in_a_column():
    rounds = [*measured(case("frozen"), [0.1]), *measured(case(), [0.2]), failed(case(update="fused"), "crash", "x")]
    (table, *_) = build(rounds, View(row="table,update", col="vocab")).tables
    assert {row.labels[:2]: row.semantic for row in table.rows} == {
        ("frozen", ""): "frozen ✓",
        ("trainable", "default"): "dense ✓",
        ("trainable", "fused"): "",
    }
