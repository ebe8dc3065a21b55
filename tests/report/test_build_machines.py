"""What a report of several machines says and does not compare."""

import pytest

from embbench.cases.suite import View
from embbench.report.assemble import build
from tests.made_up import MACHINE, case, measured

CHOSEN = ("row", "col")
ONE, TWIN = ({**MACHINE, "id": name * 8, "boot": name * 8} for name in "ab")
OTHER = {**MACHINE, "fingerprint": "ffff"}


def texts(report):
    return [[cell.text for cell in row.cells] for row in report.tables[0].rows]


def ratios(report):
    return {cell.ratio for row in report.tables[0].rows for cell in row.cells}


def on(small, large):
    """A case at 200k rows on one machine, and at 2M rows on another."""
    first = measured(case(), [0.1, 0.1], machine=small, run="a")
    return [*first, *measured(case(vocab=2_000_000), [0.3, 0.3], machine=large, run="b")]


@pytest.mark.parametrize("chosen", [(), CHOSEN])
def test_a_case_on_two_machines_is_two_rows_which_say_the_machine(chosen):
    rounds = [*measured(case(), [0.1, 0.1]), *measured(case(), [0.2, 0.2], machine=OTHER)]
    report = build(rounds, View(), chosen=chosen)
    assert report.tables[0].row_axes == ("machine", "vocab")
    assert [row.values[0] for row in report.tables[0].rows] == ["0a1b2c3d", "ffff"]
    assert texts(report) == [["100.0 ms"], ["200.0 ms"]]
    assert "2 machines" in report.alarms[0]
    assert report.alarms[0].endswith("with --filter machine=0a1b2c3d")
    assert report.answer == ()
    assert build(rounds, View(), "machine=ffff").alarms == ()


@pytest.mark.parametrize("view", [View(), View(row="vocab", col="update"), View(row="update", col="metric")])
def test_disjoint_parts_of_two_machines_say_the_machine_whatever_the_view(view):
    """Parts of a plan, as --shard cuts it: no cell has two cases, and still no row may hide its machine."""
    assert build(on(MACHINE, OTHER), view, chosen=CHOSEN).tables[0].row_axes[0] == "machine"


def test_a_machine_in_the_columns_stays_there():
    table = build(on(MACHINE, OTHER), View(row="vocab", col="machine,update"), chosen=CHOSEN).tables[0]
    assert (table.row_axes, table.col_axes) == (("vocab",), ("machine", "update"))


def test_no_ratio_across_machines():
    other = measured(case(update="sparse"), [0.2, 0.2], machine=OTHER)
    report = build([*measured(case(), [0.1, 0.1]), *other], View())
    assert (ratios(report), len(report.alarms)) == ({""}, 1)


def test_twins_are_two_machines_until_the_user_compares_them():
    growth = View(reference="vocab=200000")
    apart = build(on(ONE, TWIN), growth)
    assert [row.values[0] for row in apart.tables[0].rows] == ["0a1b2c3d-aaaaaaaa", "0a1b2c3d-bbbbbbbb"]
    assert (apart.answer, ratios(apart)) == ((), {""})
    assert apart.alarms[0].endswith("or let machines of one kind count as one with --across twin")
    joined = build(on(ONE, TWIN), growth, twins=True)
    assert joined.tables[0].row_axes == ("vocab",)
    assert [text.partition(" machines of the kind 0a1b2c3d")[0] for text in joined.alarms] == ["2"]
    assert joined.answer[0].startswith("A step with trainable default takes 3.00 times as long at 2M rows")
    assert ratios(joined) == {"", "×3.00"}


def test_machines_of_two_kinds_are_never_compared():
    report = build(on(ONE, OTHER), View(reference="vocab=200000"), twins=True)
    assert (report.answer, ratios(report)) == ((), {""})
    assert report.tables[0].row_axes[0] == "machine"
