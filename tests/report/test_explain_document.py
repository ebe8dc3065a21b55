"""The screen of `explain`: no quantity of a step is below nothing or beyond the whole."""

import re

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.explanation import choose, explain
from embbench.cases.declared import Declared
from embbench.report.explain_document import explain_document
from embbench.report.explain_json import as_json
from embbench.report.explained import Explained
from embbench.report.writers import write
from tests.made_up import case, ceilings, measured, sweep, values

SIZES = (200_000, 500_000, 1_000_000, 2_000_000)


def screen(rounds, update=None):
    results = collapse(rounds)
    measures = Measures(results)
    chosen = next((each for each in results if each.case == update), None) or choose(results, measures)
    told = explain(chosen, results, measures, ceilings(), lambda result: Declared(semantic="dense", passes=19))
    return Explained(told, (), lambda result: "", lambda result: "rounds", (), ())


def text(made):
    return " ".join(write(explain_document(made), "text", 10_000).split())


def path(seconds, **axes):
    cases = [case(vocab=vocab, **axes) for vocab in SIZES]
    return [one for given, value in zip(cases, seconds, strict=True) for one in measured(given, [value])]


def test_a_line_through_times_that_bend_begins_at_nothing_or_above_and_says_how_far_it_is_off():
    made = screen(path([1e-9 * vocab**1.4 for vocab in SIZES]))
    told = text(made)
    assert re.search(r"T\(V\) = 0 s \+ .*? per million rows \(4 sizes, 200k to 2M rows, off by up to \d\d%\)", told)
    growth = as_json(made)["share_growing_with_vocab"]
    assert 0 <= growth["low"] <= growth["center"] <= growth["high"] <= 1


def test_rows_that_seem_to_save_time_are_told_as_times():
    told = text(screen(path([0.0140, 0.0139, 0.0140, 0.0138])))
    assert "No growth with the vocabulary is shown: 14 ms at 200k, 14 ms at 2M (4 sizes, 200k to 2M rows)" in told
    assert "-" not in told.split("grows")[1].split("at least")[0]


def several(seconds, **axes):
    """A path with three rounds a size, 1 % apart."""
    cases = [case(vocab=vocab, **axes) for vocab in SIZES]
    rounds = ([value, 1.01 * value, 0.99 * value] for value in seconds)
    return [one for given, values in zip(cases, rounds, strict=True) for one in measured(given, values)]


def test_growth_that_is_no_line_is_growth():
    """As of a table that leaves the caches: much at first, little later."""
    told = text(screen(several([0.004, 0.0063, 0.0075, 0.0076])))
    assert re.search(r"A step takes 1\.90* times as long with vocab 2M as with vocab 200k \(4 sizes\)", told)
    assert "No straight line describes the sizes in between." in told
    assert "T(V)" not in told
    assert "No growth" not in told
    growth = as_json(screen(several([0.004, 0.0063, 0.0075, 0.0076])))["growth"]
    assert growth["grows"] is False
    assert abs(growth["ratio"]["center"] - 1.9) < 1e-9


def test_no_growth_is_said_where_neither_line_nor_sizes_show_it():
    told = text(screen(several([0.0140, 0.0139, 0.0141, 0.0140])))
    assert "No growth with the vocabulary is shown" in told


def with_parts(step, **parts):
    rounds = sweep()
    told = {"step": step, "lookup": 0.01, "network": 0.009, "gradients": 0.5, "update_table": 1.5, **parts}
    rounds[4].metrics.update({f"phase_{name}": values(f"phase_{name}", *[v] * 3) for name, v in told.items()})
    return rounds


def test_a_part_that_comes_out_below_nothing_is_not_told_as_a_time():
    made = screen(with_parts(2.0))
    assert "network, loss no time shown · " in text(made)
    assert all(value >= 0 for name, value in as_json(made)["phases"].items() if name != "missing")


def test_parts_that_take_longer_than_their_step_are_no_share_above_the_whole():
    told = text(screen(with_parts(1.45)))
    assert "optimizer on the table 1.5 s (no less than a step)" in told
    assert re.search(r"The parts add up to \d+% more than a step of 1.4 s", told)
    assert not re.search(r"1[0-9][0-9]%", told.split("where")[1].split("at least")[0])
    near = text(screen(with_parts(1.97)))
    assert "The parts add up to a step within" in near


def test_what_grows_with_another_size_costs_nothing_or_more():
    rounds = [
        *(one for dim in (32, 64, 128, 256) for one in measured(case(dim=dim), [0.02 + 1e-6 * (dim % 96)])),
    ]
    along = as_json(screen(rounds))["step_time_along"]["dim"]
    assert along["slope"]["low"] == 0 <= along["slope"]["center"] <= along["slope"]["high"]
    assert along["constant"]["low"] >= 0


def test_an_alternative_that_is_not_shown_to_be_faster_or_slower_is_called_neither():
    noisy = [0.10, 0.12, 0.11]
    rounds = measured(case(), noisy)
    rounds += measured(case(update="fused"), [0.101, 0.119, 0.115], started="2026-01-07T10:00:00Z")
    rounds += measured(case(update="sparse"), [0.011, 0.0125, 0.0115])
    rounds += measured(case(update="compact"), [0.30, 0.36, 0.33])
    results = collapse(rounds)
    measures = Measures(results)
    told = explain(results[0], results, measures, None, lambda result: None)
    shown = text(Explained(told, (), lambda result: f"do {result.case.update}", lambda result: "rounds", (), ()))
    assert "do sparse" in shown
    assert "do fused" not in shown
    assert "do compact" not in shown
    assert shown.count("slower") == 1
