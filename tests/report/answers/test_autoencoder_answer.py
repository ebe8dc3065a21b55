"""The answer about advice on optimizers, from made-up rounds."""

import msgspec
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.cases.claim import Deviation, check
from embbench.cases.learning_curve import LearningCurve
from embbench.report.answers.autoencoder import answer, brief
from embbench.workloads._autoencoder_claims import AS_IT_COMES, DEFAULTS, MOVES, NEW, OLD, PENALTY
from tests.made_up import case, measured

FACTS = {"floor": 1.25, "zeros": 2.8, "positive": 1.4, "beyond_floor": 0.0}


def curves(last, scatter=0.001, training=None, lowest=None, facts=FACTS):
    """Eight curves from 2 to `last`, which differ by `scatter` from seed to seed, in turn up and down."""
    made = []
    for seed in range(8):
        off = scatter * seed * (-1) ** seed
        scores = {
            "excess": (2.0 + off, (last if lowest is None else lowest) + off, last + off),
            "training": (2.0, last, last if training is None else training),
        }
        made.append(LearningCurve(seed=seed, steps=(0, 150, 300), scores=scores, facts=facts))
    return tuple(made)


def advised(advice, made, contender="pytorch", claims=()):
    given = case("none", "none", workload="autoencoder", advice=advice, contender=contender)
    (line,) = measured(given, [0.002])
    return msgspec.structs.replace(line, curves=made, claims=tuple(claims))


def texts(lines, make=answer):
    results = collapse(lines)
    return [statement.text for statement in make(results, Measures(results))]


def with_text(lines, part):
    return [text for text in texts(lines) if part in text]


BASE = advised("adadelta", curves(2.0))


def test_advice_is_compared_seed_by_seed():
    (told,) = with_text([BASE, advised("adam", curves(0.1)), advised("adam_low", curves(2.5))], "against adadelta")
    assert "adam lower by 1.90;" in told
    assert "adam_low higher by 0.500 (8 seeds)" in told


def test_scatter_within_seeds_cannot_tell():
    (told,) = with_text([BASE, advised("adam", curves(2.0, scatter=0.1))], "against adadelta")
    assert "adam cannot tell" in told
    assert "lower" not in told


def test_scatter_that_seeds_have_in_common_is_no_difference():
    lines = [advised("adadelta", curves(2.0, scatter=0.1)), advised("adam", curves(1.9, scatter=0.1))]
    assert "adam lower by 0.100" in with_text(lines, "against adadelta")[0]


def test_what_comes_with_adam_is_compared_with_adam_too():
    lines = [BASE, advised("adam", curves(0.1)), advised("relu_code", curves(0.5)), advised("scaled", curves(0.1))]
    (told,) = with_text(lines, "against adam alone")
    assert "relu_code higher by 0.400" in told
    assert "scaled cannot tell" in told


def test_a_training_above_zeros_has_learnt_nothing():
    assert "nothing is learnt yet" in with_text([BASE], "at a rate of 0.001: after")[0]
    assert "nothing" not in with_text([advised("adadelta", curves(1.0))], "at a rate of 0.001: after")[0]


def test_the_floor_refutes_a_relu_on_the_last_layer():
    (told,) = with_text([BASE, advised("relu_last", curves(0.8))], "refuted")
    assert "the excess is at least 0.15 for any weights" in told
    assert "it is 0.80" in told


def test_independent_samples_are_not_compared_with_others():
    alone = {**FACTS, "zeros": 100 / 3, "floor": 95 / 3}
    lines = [BASE, advised("independent", curves(0.5, training=-1.0, facts=alone))]
    assert not with_text(lines, "against adadelta")
    (told,) = with_text(lines, "nothing to learn")
    assert "zeros have an error of 33.33, the best code 31.67, 5 % less" in told
    assert "a gap of 1.50" in told
    assert "error of 1.250 to 1.250" in with_text(lines, "best code of these samples")[0]


def test_a_rise_of_held_out_samples_is_told():
    (told,) = with_text([BASE, advised("adam", curves(0.3, lowest=0.1))], "stop earlier")
    assert "pytorch adam: held-out samples end 0.200 above their smallest error" in told
    assert with_text([BASE], "none needed to stop earlier")


def made(expected, got=None, text=""):
    numbers = expected.want if got is None else got
    return check(expected, lambda: numbers, {expected.name: Deviation(tuple(numbers), text)} if text else {})


def test_defaults_are_told_with_those_who_deviate():
    right = [made(each) for each in (MOVES[NEW], MOVES[OLD], DEFAULTS, AS_IT_COMES, PENALTY)]
    other = [made(MOVES[NEW]), made(MOVES[OLD]), made(DEFAULTS, (1, 0.9, 1e-6), "has a rate of 1")]
    lines = [
        advised("adadelta", curves(2.0), claims=other),
        advised("adadelta", curves(2.0), "another", claims=right),
    ]
    assert with_text(lines, "1000 times more slowly")[0].endswith("pytorch and another.")
    assert with_text(lines, "Adadelta's default is a rate of 0.001")[0].endswith("another.")
    assert with_text(lines, "has a rate of 1") == ["pytorch: has a rate of 1."]
    assert with_text(lines, "λ·w²")[0].endswith("another.")


def test_frameworks_are_compared_seed_by_seed():
    lines = [advised("adam", curves(0.1)), advised("adam", curves(0.104), "another")]
    assert with_text(lines, "of each other") == [
        "adam: pytorch and another end within 0.004 of each other, seed by seed."
    ]


def test_brief_is_about_the_contender_with_the_most_advice():
    lines = [
        advised("adadelta", curves(2.0), "another"),
        BASE,
        advised("adadelta_2019", curves(0.1)),
        advised("relu_last", curves(0.8)),
    ]
    assert texts(lines, brief) == [
        "pytorch: with adadelta, the excess over the floor is 2 after 300 steps (8 seeds); against it, adadelta_2019 "
        "-1.90, relu_last -1.20.",
        "Adadelta's default rate was 1 in January 2019; where it is 0.001 today, give a rate.",
        "Refuted: ReLU on the last layer (an excess of at least 0.15 for any weights).",
    ]


@pytest.mark.parametrize("make", [answer, brief])
def test_results_without_curves_and_claims_have_nothing_to_say(make):
    assert texts([advised("adadelta", ())], make) == []
