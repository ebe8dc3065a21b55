"""The answer about dropout, from made-up rounds."""

import msgspec
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.cases.claim import Claim
from embbench.report.answers.dropout import answer, brief
from embbench.workloads._dropout_expected import (
    ANEW,
    MASK,
    ONE_LAYER,
    ONE_LAYER_WARNS,
    PLACES,
    PREDICTED,
    kept,
    over_gates,
    over_time,
    zeros,
)
from tests.made_up import case, measured

FOUR = "a mask per gate"


def claims(kind, known=(), wrong=()):
    """The claims about a kind of dropout; those in `known` deviate as known, those in `wrong` in another way."""
    more = () if kind == "recurrent_control" else (over_time, over_gates)
    told = [make(kind) for make in (zeros, kept, *more)] + [PREDICTED]
    told += [ANEW] if more else []
    told += [ONE_LAYER, ONE_LAYER_WARNS] if kind == "between_layers" else []
    made = []
    for each in told if kind in PLACES else []:
        off = each in (*known, *wrong)
        got = (99.0,) if off else tuple(each.want)
        text = FOUR if each in known else ""
        made.append(Claim(name=each.name, got=got, want=tuple(each.want), tolerance=each.tolerance, known=text))
    return tuple(made)


def dropping(contender, kind, seconds, lstm="loop", mask="01", known=(), wrong=(), **axes):
    given = case("none", workload="dropout", contender=contender, dropout=kind, vocab=200_000, **axes)
    ran = {"lstm": lstm, "lstm in predictions": lstm, MASK: mask}
    told = claims(kind, known, wrong)
    times = [seconds, seconds * 1.001]
    return [msgspec.structs.replace(line, claims=told, ran=ran) for line in measured(given, times)]


def texts(lines, make=answer):
    results = collapse(lines)
    return [statement.text for statement in make(results, Measures(results))]


@pytest.fixture
def lines():
    tied = over_gates("recurrent")
    return [
        *dropping("one", "off", 0.010, "fused"),
        *dropping("one", "input", 0.0104, "fused"),
        *dropping("one", "input_layer", 0.011, "fused"),
        *dropping("one", "recurrent", 0.041, "Python loop"),
        *dropping("one", "recurrent_control", 0.039, "Python loop"),
        *dropping("one", "off", 0.020, "fused", layers=2),
        *dropping("one", "between_layers", 0.022, "fused", layers=2),
        *dropping("two", "off", 0.020, mask="10"),
        *dropping("two", "recurrent", 0.030, mask="10", known=[tied]),
    ]


def test_it_says_what_the_masks_are(lines):
    found = texts(lines)
    assert found[0] == (
        "The rate is the share that is dropped, and kept numbers are multiplied by 1/(1 - rate), 1.3333 at rate 0.25: "
        "one and two. Wrappers of TF 1 take the share that is kept: 0.25 there is a rate of 0.75 here."
    )
    assert found[1] == "One mask for all time steps (variational): input and recurrent."
    assert found[2] == "A new mask at each time step: input_layer and between_layers."
    assert found[3] == "Each batch has new masks, and a prediction drops nothing and scales nothing: one and two."
    assert found[4] == "Recurrent dropout has one mask for all gates where it is the user's own loop: one."
    assert found[5] == f"two: {FOUR}."
    assert found[6].endswith("With one layer it drops nothing, and warns: one.")
    assert (
        found[7] == "With seed 7, one and two have different masks: for equal masks in two frameworks, feed them (fed)."
    )


def test_it_gives_the_price_of_the_program_apart_from_the_dropping(lines):
    found = texts(lines)
    assert found[8].startswith("one: a step without dropout takes 10.0 ms; recurrent dropout takes 4.1")
    assert " times as long (3.9" in found[8]
    assert (
        "at rate 1e-9, which drops nothing), because the LSTM is computed in another way: Python loop instead of "
        "fused, in predictions too. Times as long: input 1.04"
    ) in found[8]
    assert found[9].startswith("one with 2 layers: a step without dropout takes 20.0 ms. Times as long: between_layers")
    assert found[10].endswith(
        "recurrent dropout takes 1.50 times as long; the LSTM is computed in the same way (loop)."
    )
    assert found[11].endswith("Here (cpu) recurrent dropout takes 1.5 (two) to 4.1 (one) times as long.")
    assert len(found) == 12


def test_the_first_screen_has_the_price_the_masks_and_the_other_kinds(lines):
    price, masks, others = texts(lines, brief)
    assert price == (
        "Recurrent dropout takes 4.1 (one) times as long as no dropout; at rate 1e-9, which drops nothing, 3.9 (one): "
        "the program costs, not the dropping."
    )
    assert masks == (
        "One mask for all time steps: input and recurrent (recurrent: one for each gate in two). A mask per time step: "
        "input_layer and between_layers."
    )
    assert others == "Times as long: input 1.0."


def test_seeds_with_equal_masks_are_not_called_different(lines):
    found = texts([*lines, *dropping("three", "off", 0.01, mask="10")])
    assert found[7].startswith("With seed 7, one, two and three have partly equal masks")


def test_a_contender_whose_claim_fails_is_not_among_those_that_hold(lines):
    wrong = dropping("three", "input", 0.01, wrong=[kept("input")])
    found = texts([*lines, *dropping("three", "off", 0.01), *wrong])
    assert "at rate 0.25: one and two." in found[0]


def test_without_steps_with_dropout_there_is_no_answer():
    assert texts(measured(case(), [0.1])) == []


def test_dropping_that_costs_is_not_called_free():
    slow = dropping("three", "recurrent_control", 0.011)
    (price, *_) = texts([*dropping("three", "off", 0.010), *dropping("three", "recurrent", 0.030), *slow], brief)
    assert price == (
        "Recurrent dropout takes 3.0 (three) times as long as no dropout; at rate 1e-9, which drops nothing, "
        "1.1 (three)."
    )
