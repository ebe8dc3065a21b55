"""Notes under a table: what its signs and words stand for."""

from embbench.cases.suite import View
from embbench.report.assemble import build
from tests.made_up import case, measured


def test_what_scatters_as_far_as_it_is_large_is_about_that_and_a_note_says_between_what_it_lies():
    rounds = [*measured(case(), [0.10, 0.11, 0.104]), *measured(case("frozen"), [0.031, 0.054, 0.16])]
    rounds += measured(case(update="sparse"), [0.02, 0.3, 0.05])
    report = build(rounds, View())
    cells = report.tables[0].rows[0].cells
    shown = [(cell.text, cell.spread) for cell in cells]
    assert shown[1] == ("about 50 ms", "")
    assert shown[2] == ("about 54 ms", "")
    assert [note for note in report.tables[0].notes if note.startswith("about")] == [
        "about: 3 rounds between 31 and 160 ms: frozen",
        "about: 3 rounds between 20 and 300 ms: trainable sparse",
    ]
    assert not any("too few rounds" in note for note in report.tables[0].notes)
    assert cells[2].summary.high > 0.108


def test_a_cost_that_may_be_zero_is_no_vague_one():
    rounds = [*measured(case("frozen"), [0.020, 0.021]), *measured(case(), [0.0215, 0.0209])]
    report = build(rounds, View(metric="update_cost"))
    assert not any(note.startswith("about") for note in report.tables[0].notes)


def test_a_note_names_what_was_measured_in_one_round():
    rounds = [*measured(case(), [0.10, 0.11]), *measured(case("frozen"), [0.020, 0.021])]
    rounds += measured(case(update="sparse"), [0.03, 0.031])
    lent = "measured in a single round; the interval comes from the rounds of the other cases: trainable fused"
    assert lent not in build(rounds, View()).tables[0].notes
    (table,) = build([*rounds, *measured(case(update="fused"), [0.05])], View()).tables
    assert lent in table.notes
    fused = table.rows[0].cells[2]
    assert fused.spread.startswith("±")
    assert fused.proven
