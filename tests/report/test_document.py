"""What holds of every Document, whatever is in it, and one golden file for each first screen."""

import csv
import io
import json
from string import ascii_lowercase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.explanation import choose, explain
from embbench.analysis.cost.predict import predict
from embbench.cases.declared import Declared
from embbench.cases.suite import View
from embbench.errors import UsageError
from embbench.report.assemble import build
from embbench.report.claims import claim_answers
from embbench.report.document import Document, Facts, Grid, Heading, Notes, Sentences, Sheet, only_filled
from embbench.report.explain_document import explain_document
from embbench.report.explained import Explained
from embbench.report.prediction_document import MachineMemory, prediction_document
from embbench.report.results_document import results_document
from embbench.report.writers import write
from tests.made_up import case, ceilings, failed, measured, scaling, sweep

WORDS = st.text(ascii_lowercase, min_size=1, max_size=12)
PHRASES = st.lists(WORDS, min_size=1, max_size=30).map(" ".join)


@st.composite
def grids(draw):
    headings = tuple(draw(st.lists(WORDS, min_size=1, max_size=4, unique=True)))
    row = st.tuples(*(WORDS for _ in headings))
    left = tuple(draw(st.sets(st.sampled_from(headings))))
    rows = tuple(draw(st.lists(row, min_size=1, max_size=5)))
    tones = tuple(draw(st.sampled_from(("", "good", "bad", "weak"))) for _ in rows)
    return Grid(headings=headings, rows=rows, left=left, title=draw(WORDS), about=draw(PHRASES), tones=tones)


TEXTS = st.lists(PHRASES, min_size=1, max_size=4).map(tuple)
BLOCKS = st.one_of(
    PHRASES.map(Heading),
    TEXTS.map(Sentences),
    st.builds(Notes, TEXTS, st.booleans()),
    st.builds(Facts, st.lists(st.tuples(WORDS, PHRASES), min_size=1, max_size=4).map(tuple), st.just(True)),
    grids(),
)
DOCUMENTS = st.builds(
    Document, blocks=st.lists(BLOCKS, min_size=1, max_size=4).map(tuple), data=st.dictionaries(WORDS, PHRASES)
)


def texts_of(block):
    if isinstance(block, Heading):
        return [block.text]
    if isinstance(block, Facts):
        return [text for line in block.lines for text in line]
    if isinstance(block, Grid):
        return [block.title, block.about, *block.headings, *(cell for row in block.rows for cell in row)]
    return list(block.texts)


def words_of(text):
    return set("".join(letter if letter in ascii_lowercase else " " for letter in text).split())


@settings(deadline=None)
@given(DOCUMENTS, st.sampled_from(("text", "md")))
def test_every_word_of_every_block_is_shown(document, form):
    said = {word for block in document.blocks for text in texts_of(block) for word in text.split()}
    assert said <= words_of(write(document, form, 1000))


@settings(deadline=None)
@given(DOCUMENTS, st.integers(60, 200))
def test_no_line_is_wider_than_asked_for(document, width):
    assert max(map(len, write(document, "text", width).splitlines())) <= width


@settings(deadline=None)
@given(DOCUMENTS)
def test_blocks_are_parted_by_one_empty_line_and_no_line_ends_in_a_space(document):
    text = write(document, "text")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\n\n\n" not in text
    assert all(line == line.rstrip() for line in text.splitlines())
    assert text.count("\n\n") == len(document.blocks) - 1


@settings(deadline=None)
@given(DOCUMENTS)
def test_json_holds_the_data(document):
    assert json.loads(write(document, "json")) == document.data


@given(DOCUMENTS, DOCUMENTS)
def test_the_first_screen_is_shown_unless_details_are_asked_for(whole, first):
    made = Document(blocks=whole.blocks, screen=first.blocks, data=None)
    assert write(made, "text", details=True) == write(whole, "text")
    assert write(made, "text", details=False) == write(first, "text")
    assert write(made, "md", details=False) == write(whole, "md")
    assert write(whole, "text", details=False) == write(whole, "text")


@given(st.lists(st.tuples(WORDS, st.none() | st.floats(allow_nan=False, allow_infinity=False)), min_size=1))
def test_csv_holds_the_sheet(rows):
    made = Document(blocks=(), data=None, sheet=Sheet(("name", "value"), tuple(rows)))
    read = list(csv.DictReader(io.StringIO(write(made, "csv"))))
    assert [(row["name"], float(row["value"]) if row["value"] else None) for row in read] == rows


def test_a_document_without_a_sheet_has_no_csv():
    with pytest.raises(UsageError, match="unknown format 'csv': valid: html, json, md, text"):
        write(Document(blocks=(Heading("x"),), data=None), "csv")


def test_a_large_grid_is_laid_out_as_a_small_one():
    rows = tuple((f"case {number}", f"{number} ms") for number in range(1000, 1501))
    small, large = (
        write(Document(blocks=(Grid(headings=("case", "step"), left=("case",), rows=given),), data=None), "text")
        for given in (rows[:500], rows)
    )
    assert large.splitlines()[:501] == small.splitlines()
    assert large.splitlines()[-1].split() == ["case", "1500", "1500", "ms"]


def test_blocks_without_anything_to_show_are_left_out():
    kept = Heading("x"), Notes(("a",))
    assert only_filled(*kept, Notes(()), Facts(()), Sentences(()), Grid(headings=("a",), rows=())) == kept


def test_the_first_screen_of_results(golden):
    made = build(
        scaling(), View(row="table,update", col="vocab", metric="step_time,host_peak"), title="What does it cost?"
    )
    golden("screen-results.txt", write(results_document(made, ["today.jsonl"], False), "text", details=False))


@pytest.mark.parametrize(("cases", "further"), [(3, ""), (4, "(3 more notes:"), (5, "(4 more notes:")])
def test_the_first_screen_counts_the_notes_that_it_leaves_out(cases, further):
    rounds = [*measured(case(), [0.1]), *(failed(case(dim=dim), "crash", "signal 11") for dim in range(1, cases + 1))]
    text = write(results_document(build(rounds, View())), "text", details=False)
    assert ("more note" in text) == bool(further)
    assert further in text
    assert text.count("• ") == (1 if further else cases)


def explained():
    results = collapse(sweep())
    measures = Measures(results)
    declared = Declared(semantic="dense", passes=19)
    explanation = explain(choose(results, measures), results, measures, ceilings(), lambda result: declared)
    return Explained(
        explanation=explanation,
        claim_answers=tuple(claim_answers(explanation, None)),
        change=lambda result: f"use {result.case.table} {result.case.update}",
        source=lambda result: "rounds",
        missing=(("how it grows with dim", "embbench run --dim 32,128"),),
        caption=(("machine", "Example CPU"),),
    )


@pytest.mark.parametrize(("name", "details"), [("screen-explain", False), ("details-explain", True)])
def test_explain(golden, name, details):
    golden(f"{name}.txt", write(explain_document(explained()), "text", details=details))


def test_predictions(golden):
    results = collapse(sweep())
    measures = Measures(results)
    asked = [case(update=update, vocab=20_000_000) for update in ("default", "sparse")]
    made = [predict(each, results, measures) for each in asked]
    golden("predictions.txt", write(prediction_document(made, MachineMemory(25_200_000_000, None)), "text"))
