"""The answer about predictions, from made-up rounds."""

import msgspec
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.cases.claim import Claim
from embbench.report.answers.inference import answer, brief
from embbench.workloads.inference import (
    REGULARIZED_SCORES,
    REPEATED,
    RESET,
    STATEFUL,
    STATELESS,
    TRAINED_UNCHANGED,
    UNCHANGED,
    WITHIN_CALL,
)
from tests.made_up import case, measured

ALL = (UNCHANGED, TRAINED_UNCHANGED, REPEATED, REGULARIZED_SCORES, WITHIN_CALL, STATELESS, STATEFUL, RESET)


def claims(known=None, without=()):
    """All claims, true but those in `known`: claim -> text."""
    made = []
    for each in ALL:
        if each not in without:
            text = (known or {}).get(each.name, "")
            got = (99.0,) if text else tuple(each.want)
            made.append(Claim(name=each.name, got=got, want=tuple(each.want), tolerance=each.tolerance, known=text))
    return tuple(made)


def predicting(contender, way, seconds, told, **axes):
    given = case("frozen", workload="inference", contender=contender, way=way, **axes)
    return [msgspec.structs.replace(line, claims=told) for line in measured(given, [seconds, seconds * 1.001])]


def texts(lines, make=answer):
    results = collapse(lines)
    return [statement.text for statement in make(results, Measures(results))]


@pytest.fixture
def lines():
    bare = claims(without=(TRAINED_UNCHANGED, REPEATED, REGULARIZED_SCORES))
    return [
        *measured(case(contender="one"), [0.1, 0.1001]),
        *predicting("one", "call", 0.01, claims()),
        *predicting("one", "predict", 0.05, claims()),
        *predicting("two", "call", 0.02, claims({STATEFUL.name: "it starts again"})),
        *predicting("three", "compiled", 0.04, bare),
    ]


def test_it_says_who_changes_nothing_and_who_keeps_the_state(lines):
    found = texts(lines)
    assert found[0] == "Predictions change nothing that a model keeps, bit by bit: all 3 contenders."
    assert found[2] == "A stateful LSTM goes on from call to call until it is reset: one and three."
    assert found[3] == "two: it starts again."
    assert found[5] == "three: without such layers; what a prediction does is the function that you write."


def test_it_compares_ways_and_the_training_step(lines):
    found = texts(lines)
    assert found[6].startswith("one: call predicts 32 texts in 10.0 ms (3,200 texts/s), 0.1")
    assert "of a training step; times as long: predict 5" in found[6]
    assert found[7] == "two: call predicts 32 texts in 20.0 ms (1,600 texts/s)."


def test_a_model_that_changes_is_not_among_those_that_keep(lines):
    changed = predicting("four", "call", 0.01, claims({TRAINED_UNCHANGED.name: "its seed moves"}))
    found = texts([*lines, *changed])
    assert found[:2] == [
        "Predictions change nothing that a model keeps, bit by bit: one, two and three.",
        "four: its seed moves.",
    ]


def test_the_first_screen_counts_deviations_and_names_the_fastest(lines):
    kept, cost = texts(lines, brief)
    assert kept.endswith("Frameworks deviate in 1 known way: --details.")
    assert cost == (
        "The fastest: one: call predicts 32 texts in 10.0 ms (3,200 texts/s). predict takes 5.0 times as long in one."
    )


def test_without_audited_predictions_there_is_no_answer():
    assert texts(measured(case(), [0.1])) == []
