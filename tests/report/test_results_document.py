"""The first screen of results: a long table or a long answer makes the answer brief."""

from embbench.cases.suite import View
from embbench.report.assemble import build
from embbench.report.document import Facts, Notes, Sentences
from embbench.report.results_document import results_document
from embbench.report.writers import write
from tests.made_up import case, failed, measured


def screen(report, every_table=False):
    return results_document(report, [], every_table).screen


def sentences(report):
    (block,) = (each for each in screen(report) if isinstance(each, Sentences))
    return block.texts


def contenders(count, name="{}"):
    """A frozen and a dense path of each contender."""
    names = [name.format(place) for place in range(count)]
    paths = [case(table, contender=one) for table in ("frozen", "trainable") for one in names]
    return build(
        [one for each in paths for one in measured(each, [0.1])], View(row="contender,table,update", col="vocab")
    )


def details(report):
    return screen(report)[-1].lines[-1][1]


def test_a_short_table_has_the_whole_answer():
    report = contenders(6)
    assert sentences(report) == report.answer
    assert details(report).startswith("--details: all tables and definitions")


def test_a_long_table_has_the_brief_answer():
    report = contenders(7)
    assert sentences(report) == tuple(each.text for each in report.brief) != report.answer
    assert details(report).startswith("--details: all rows, sentences and definitions")
    assert report.answer[0] in write(results_document(report), "text", 10_000)


def test_a_long_answer_is_brief_above_a_short_table():
    report = contenders(6, "{}" + 90 * "x")
    assert sentences(report) == tuple(each.text for each in report.brief) != report.answer


def test_below_a_long_table_notes_are_one_with_a_count():
    rounds = [one for batch in range(1, 14) for one in measured(case(batch=batch), [0.1])]
    rounds += [failed(case(batch=batch), "crash", "signal 11") for batch in (20, 21, 22)]
    report = build(rounds, View(row="batch"))
    (notes,) = (each for each in screen(report) if isinstance(each, Notes))
    assert notes.texts == (f"{report.notes[0]} ({len(report.notes) - 1} more notes: --details)",)
    assert len(report.notes) > 2


def test_the_default_update_and_the_fastest_paths_are_in_the_rows_that_are_left():
    rounds = [one for place in range(14) for one in measured(case(update=f"u{place}"), [0.5 - 0.01 * place])]
    rounds += measured(case("frozen"), [0.01])
    rounds += measured(case(), [1.0])
    report = build(rounds, View(row="table,update", col="vocab"))
    (table,) = (each for each in screen(report) if not isinstance(each, Sentences | Notes | Facts))
    assert [row.labels[:2] for row in table.rows[:3]] == [
        ("trainable", "default"),
        ("frozen", ""),
        ("trainable", "u13"),
    ]
    assert len(table.rows) == 10
