"""Several contenders are put in order class by class, never across classes."""

import re

import msgspec

from embbench.analysis.collapse.collapse import collapse
from embbench.cases.suite import View
from embbench.report.assemble import build
from embbench.report.project import adapted, parse_view
from embbench.report.results_document import results_document
from embbench.report.writers import write
from embbench.store.round import Audit
from tests.made_up import case, failed, measured

BIG = 2_000_000


def answer(rounds):
    return " ".join(build(rounds, View()).answer)


def rounds():
    return [
        *measured(case(contender="slow"), [0.5]),
        *measured(case(contender="fast"), [0.1]),
        *measured(case(contender="slow", vocab=BIG), [5.0]),
        *measured(case(contender="fast", vocab=BIG), [0.8]),
        *measured(case("frozen", contender="fast"), [0.02]),
        *measured(case("frozen", contender="fast", vocab=BIG), [0.02]),
        *measured(case("frozen", contender="slow", vocab=BIG), [0.01]),
        *measured(case(update="sparse", contender="slow", vocab=BIG), [0.03]),
        *measured(case("hybrid", contender="slow", vocab=BIG), [0.9]),
        failed(case(update="sparse", contender="fast", vocab=BIG), "crash", "it broke"),
    ]


def test_the_order_is_within_a_class():
    text = answer(rounds())
    assert "Median step times at 2M rows, fastest first, by class: frozen: slow 10 ms, fast 20 ms; " in text
    assert (
        "dense: fast default 800 ms, slow hybrid default 900 ms, slow default 5.0 s; lazy: slow sparse 30 ms." in text
    )


def test_growth_is_the_least_and_the_most_of_a_class():
    grown = "a step takes 1.0 times as long (frozen), 8.0 to 10 times as long (dense)."
    assert f"From 200k to 2M rows, {grown}" in answer(rounds())


def test_a_ratio_whose_interval_includes_1_is_no_growth():
    rounds = [
        *measured(case("frozen"), [0.020, 0.021, 0.019]),
        *measured(case("frozen", vocab=BIG), [0.021, 0.019, 0.020]),
        *measured(case(), [0.50, 0.51, 0.49]),
        *measured(case(vocab=BIG), [5.0, 5.1, 4.9]),
        *measured(case(contender="other", vocab=BIG), [6.0, 6.1, 5.9]),
    ]
    grown = "a step takes 10 times as long (dense); no difference is shown (frozen)."
    assert f"From 200k to 2M rows, {grown}" in answer(rounds)
    assert "From 200k to 2M rows, no difference is shown (frozen)." in answer([*rounds[:6], *rounds[12:]])


def test_one_vocabulary_has_no_growth_and_other_axes_are_told():
    some = [line for line in rounds() if line.case.vocab == BIG]
    text = answer([*some, *measured(case(contender="fast", vocab=BIG, optimizer="sgd"), [0.3])])
    assert "Median step times at 2M rows and optimizer adam" in text
    assert (
        "Median step times at 2M rows and optimizer sgd, fastest first, by class: dense: fast default 300 ms." in text
    )
    assert "From" not in text


def test_many_groups_have_no_sentences():
    many = [line for batch in (1, 2, 3, 4) for line in measured(case(contender="fast", batch=batch), [0.1])]
    assert answer([*many, *measured(case(contender="slow"), [0.1])]) == ""


def test_a_table_of_16_bits_is_a_class_of_its_own_that_says_what_it_is():
    half = Audit("dense bf16", True, 1e-7, 40)
    some = [
        *measured(case(contender="slow", vocab=BIG), [5.0]),
        *measured(case(contender="fast", vocab=BIG), [0.8]),
        *measured(case(update="bfloat16", contender="fast", vocab=BIG), [0.4], audit=half),
    ]
    report = build(some, View())
    told = "dense: fast default 800 ms, slow default 5.0 s; dense bf16: fast bfloat16 400 ms."
    assert told in " ".join(report.answer)
    assert {cell.semantic for row in report.tables[0].rows for cell in row.cells} >= {"dense ✓", "dense bf16 ✓"}
    assert any("dense bf16: " in line and "kept in bfloat16" in line for _, line in report.caption)


def test_ratios_are_against_the_systems_runtime():
    """Rows get the axis by themselves, and of a sweep that is held against its own first size nothing changes."""
    found = [*measured(case(), [0.5] * 3), *measured(case(runtime="retained"), [0.1] * 3)]
    shown = adapted(parse_view(View()), collapse(found), ())
    assert shown.row == ("runtime", "vocab")
    assert shown.reference == {"table": "trainable", "update": "default", "runtime": "system"}
    grown = [*found, *measured(case(vocab=BIG), [5.0] * 3), *measured(case(vocab=BIG, runtime="retained"), [0.8] * 3)]
    shown = adapted(parse_view(View(row="update", col="vocab", reference="vocab=200k")), collapse(grown), ())
    assert shown.row == ("runtime", "update")
    assert shown.reference == {"vocab": 200_000}


def test_cases_on_a_gpu_show_the_peak_of_its_memory():
    there, here = measured(case(device="cuda"), [0.5]), measured(case(), [0.5])
    view = View(metric="step_time,host_peak")
    assert adapted(parse_view(view), collapse(there), ()).metrics == ("step_time", "device_step_peak")
    assert adapted(parse_view(view), collapse(there), ("metric",)).metrics == ("step_time", "host_peak")
    assert adapted(parse_view(view), collapse([*there, *here]), ()).metrics == ("step_time", "host_peak")


def test_runtimes_of_one_contender_are_put_in_order():
    found = [
        *measured(case(contender="one"), [0.5]),
        *measured(case(contender="one", runtime="retained"), [0.1]),
        *measured(case("frozen", contender="one"), [0.02]),
    ]
    assert "by class: frozen: one 20 ms; dense: one default retained 100 ms, one default 500 ms." in answer(found)


def many(sizes=(200_000, BIG)):
    """Five frozen and five dense paths, and a lazy path; a step of the dense paths takes ten times as long at BIG."""
    found = []
    for place in range(5):
        for vocab in sizes:
            grown = 10 if vocab == BIG else 1
            found += measured(case("frozen", contender=f"c{place}", vocab=vocab), [0.01 + 0.001 * place])
            found += measured(case(contender=f"c{place}", vocab=vocab), [(0.1 + 0.01 * place) * grown])
    return [*found, *measured(case(update="sparse", contender="c0", vocab=BIG), [0.03])]


def test_the_brief_order_has_as_many_of_each_class_and_the_reference():
    view = View(row="contender,table,update", col="vocab", reference="contender=c4,table=trainable,update=default")
    report = build(many(), view)
    (statement,) = report.brief
    assert statement.text == (
        "Median step times at 2M rows, fastest first, by class: frozen: c0 10 ms, c1 11 ms, c2 12 ms, c3 13 ms, 1 more"
        "; dense: c0 default 1.0 s, c1 default 1.1 s, c2 default 1.2 s, c3 default 1.3 s, 1 more; lazy: c0 sparse "
        "30 ms. Of these, from 200k to 2M rows, a step takes 1.0 times as long (frozen), 10 times as long (dense)."
    )
    (table,) = report.tables
    rows = {row.labels for row in table.rows for cell in row.cells if {*cell.cases} & {*statement.cases}}
    assert len(rows) == 10
    assert ("c4", "trainable", "default") in rows
    assert ("c4", "frozen", "") not in rows
    assert (
        statement.cases[0]
        in table.rows[[row.labels for row in table.rows].index(("c4", "trainable", "default"))].cells[0].cases
    )


def test_every_group_has_a_brief_order():
    """Where the groups do not fit the rows of a first screen, the first group stays."""
    others = [one for line in many() for one in measured(msgspec.structs.replace(line.case, optimizer="sgd"), [0.5])]
    report = build([*many(), *others], View(row="optimizer,contender,table,update", col="vocab"))
    assert [re.search(r"rows and optimizer (\w+),", each.text)[1] for each in report.brief] == ["adam", "sgd"]
    text = write(results_document(report), "text", details=False)
    assert "optimizer sgd, fastest first" not in text
    assert "1 more sentence: --details" in text.splitlines()
    assert "also with optimizer sgd: --details" in text
