"""Answers of suites: sentences, where they come from, and suites without results."""

import msgspec

from embbench.cases.suite import View
from embbench.report.answer_document import CANNOT_TELL, Answered, answer_document
from embbench.report.assemble import build
from embbench.report.document import Facts, Heading, Notes, Sentences
from tests import made_up


def answered(rounds, suite="one"):
    report = build(rounds, View(), title="How long?")
    return Answered(suite=suite, report=report, file="results/one.jsonl", rounds=tuple(rounds))


def blocks(document, kind):
    return [block for block in document.blocks if isinstance(block, kind)]


def test_a_suite_has_its_question_its_sentences_and_their_origin():
    given = answered(made_up.scaling())
    document = answer_document([given], [], whole=True)
    assert blocks(document, Heading) == [Heading("one: How long?")]
    assert blocks(document, Sentences) == [Sentences(given.report.answer)]
    (facts,) = blocks(document, Facts)
    told = dict(facts.lines)
    assert told["from"] == "embbench report results/one.jsonl"
    assert told["measured"].startswith("Example CPU @ 2.10GHz, 2026-01-05")


def test_of_all_suites_the_first_sentences_are_shown_and_the_others_counted():
    given = answered(made_up.scaling())
    report = msgspec.structs.replace(given.report, answer=("a.", "b.", "c.", "d.", "e."), brief=())
    document = answer_document([msgspec.structs.replace(given, report=report)], [], whole=False)
    (sentences,), (facts,) = blocks(document, Sentences), blocks(document, Facts)
    assert sentences.texts == ("a.", "b.", "c.")
    assert dict(facts.lines)["from"] == "embbench report results/one.jsonl; 2 more sentences: embbench answer one"


def test_results_without_a_sentence_cannot_tell():
    rounds = [made_up.failed(made_up.case(), "timeout", "too slow")]
    document = answer_document([answered(rounds)], [], whole=True)
    texts = [text for each in blocks(document, Sentences) for text in each.texts]
    assert texts == [CANNOT_TELL]


def test_suites_without_results_are_named():
    document = answer_document([answered(made_up.scaling())], ["two", "three"], whole=False)
    assert blocks(document, Notes)[-1].texts[0].startswith("no results of two, three:")
    assert document.data["missing"] == ["two", "three"]
    assert document.data["answers"][0]["question"] == "How long?"
