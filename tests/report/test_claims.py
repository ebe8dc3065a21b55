"""What is true of the three explanations that people give."""

import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.explanation import choose, explain
from embbench.analysis.cost.growth import grow
from embbench.analysis.cost.sweep import sweep_of
from embbench.cases.declared import Declared
from embbench.report.claims import claim_answers
from tests.made_up import case, ceilings, measured, sweep, values

SIZES = (200_000, 500_000, 1_000_000, 2_000_000)


def path(seconds, **axes):
    """A path at SIZES, seconds each, nothing scattering but as given."""
    cases = [case(vocab=vocab, **axes) for vocab in SIZES]
    return [one for given, value in zip(cases, seconds, strict=True) for one in measured(given, [value])]


def answers(rounds, index=None, columns=None):
    return [each.answer for each in verdicts_on(rounds, index, columns)]


def verdicts_on(rounds, index=None, columns=None):
    results = collapse(rounds)
    measures = Measures(results)
    chosen = choose(results, measures) if index is None else results[index]
    told = explain(chosen, results, measures, ceilings(), lambda result: Declared(semantic="dense", passes=19))
    return claim_answers(told, grown(columns) if columns else None)


def grown(columns):
    results = collapse(columns)
    measures = Measures(results)
    return grow(sweep_of(results[0], results, measures, "dim"), measures)


def test_the_case_that_it_is_all_about():
    assert answers(sweep()) == ["in part", "no", "no"]
    assert "page faults" not in verdicts_on(sweep())[0].why


def test_what_the_kernel_takes_most_of_is_told():
    rounds = sweep()
    for each in rounds:
        each.metrics["kernel_time"] = values("kernel_time", 0.96 * (0.014 + 1.05e-6 * each.case.vocab))
    assert "page faults of newly allocated memory cost as much as 20 GB more" in verdicts_on(rounds)[0].why


def test_a_path_that_moves_only_touched_rows_and_does_not_grow():
    assert answers(path([0.0170, 0.0171, 0.0169, 0.0170], update="sparse"), 0)[2] == "yes"
    assert answers(path([0.0170, 0.024, 0.035, 0.057], update="sparse"), 0)[2] == "no"


def test_scatter_decides_nothing():
    wild = path([0.30, 0.1, 1.1, 0.9])
    assert answers(wild)[0] == "undecided"
    assert answers([*path([0.01, 0.03, 0.02, 0.01], table="frozen"), *path([0.2, 0.5, 1.0, 2.0])])[1] == "undecided"


def test_two_sizes_measured_once_are_no_answer():
    rounds = [*measured(case(), [0.1]), *measured(case(vocab=2_000_000), [1.0])]
    assert answers(rounds) == ["not measured"] * 3


def test_without_a_frozen_sweep_the_parts_of_a_step_tell_of_the_lstm():
    rounds = path([0.2, 0.5, 1.0, 2.0])
    for each, seconds in zip(rounds, (0.0221, 0.0220, 0.0219, 0.0220), strict=True):
        each.metrics["phase_network"] = values("phase_network", seconds)
    assert answers(rounds)[1] == "no"
    assert "lookup, LSTM and loss, forward and backward, take 22 ms at" in verdicts_on(rounds)[1].why


def test_parts_tell_of_no_size_at_which_there_were_none():
    rounds = path([0.2, 0.5, 1.0, 2.0])
    for each, seconds in zip(rounds[:3], (0.0221, 0.0220, 0.0222), strict=True):
        each.metrics["phase_network"] = values("phase_network", seconds)
    told = verdicts_on(rounds)[1].why
    assert "at 1M" in told or "at 500k" in told, told
    assert "at 2M" not in told


def test_columns_are_what_makes_the_lstm_larger():
    columns = [one for dim in (32, 128, 256, 512) for one in measured(case("frozen", dim=dim), [0.01 + 1e-4 * dim])]
    assert answers(sweep(), columns=columns)[1] == "in part"
    even = [one for dim in (32, 128, 256, 512) for one in measured(case("frozen", dim=dim), [0.01 + 1e-7 * dim])]
    assert answers(sweep(), columns=even)[1] == "no"


@pytest.mark.parametrize("update", ["sparse", "compact"])
def test_another_frameworks_path_is_no_answer_to_what_touched_rows_cost(update):
    foreign = measured(case(update=update, vocab=2_000_000, contender="jax_optax"), [0.001])
    assert answers([*path([0.2, 0.5, 1.0, 2.0]), *foreign])[2] == "not measured"


def test_a_frozen_table_costs_nothing_but_looking_up():
    assert answers(path([0.0139, 0.0141, 0.0138, 0.0139], table="frozen"), 3)[2] == "yes"
