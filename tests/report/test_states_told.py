"""What a report says of cases that met several states of the machine."""

from embbench.cases.suite import View
from embbench.report.assemble import build
from tests.made_up import case, in_state, measured


def test_a_case_is_told_with_the_figures_of_both_states_and_shown_with_those_of_the_usual_one():
    near, far = measured(case("frozen"), [0.0110, 0.0111, 0.0109]), measured(case("frozen"), [0.0138] * 5)
    report = build(
        [*(in_state(line, 268, 272) for line in near), *(in_state(line, 465, 475) for line in far[3:])],
        View(metric="step_time"),
    )
    assert [cell.text for row in report.tables[0].rows for cell in row.cells] == ["11.0 ms"]
    told = (
        ": 11 ms in 3 rounds with CPUs near each other (core-to-core latency 270 ns); "
        "14 ms in 2 rounds with CPUs far apart (core-to-core latency 470 ns)"
    )
    assert any(note.endswith(told) for note in report.notes)


def test_a_case_in_the_unusual_state_alone_needs_more_rounds():
    """It is told before a case that has a time."""
    both, alone = measured(case("frozen"), [0.0110] * 6), measured(case(), [0.0138])
    near = [*both[:5], *measured(case(update="fused"), [0.0120])]
    lines = [
        in_state(each, *[latency] * 5) for kind, latency in ((near, 270), ([both[5], *alone], 470)) for each in kind
    ]
    note, other = build(lines, View(metric="step_time")).notes
    assert "in 5 rounds with CPUs near each other" in other
    assert note.endswith(
        ": 14 ms in 1 round with CPUs far apart (core-to-core latency 470 ns), which is not the machine's usual state: "
        "measure more rounds"
    )


def test_nothing_is_told_of_one_state():
    report = build([in_state(line, 268, 272) for line in measured(case(), [0.1] * 5)], View(metric="step_time"))
    assert report.notes == ()
