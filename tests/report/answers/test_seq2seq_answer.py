"""The answer about an encoder and a decoder, from made-up rounds."""

import msgspec

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.cases.claim import Claim
from embbench.report.answers.seq2seq import answer, brief
from embbench.workloads._seq2seq_claims import GOES_ON, LOSSES, WEIGHTS
from tests.made_up import case, measured


def translating(contender, seconds, wrong=()):
    given = case("none", workload="seq2seq", contender=contender, batch=32, seq=32)
    claims = tuple(
        Claim(
            name=each.name,
            got=(99.0,) if each in wrong else tuple(each.want),
            want=tuple(each.want),
            tolerance=each.tolerance,
        )
        for each in (LOSSES, WEIGHTS, GOES_ON)
    )
    return [msgspec.structs.replace(line, claims=claims) for line in measured(given, [seconds])]


def texts(lines, make=answer):
    results = collapse(lines)
    return [statement.text for statement in make(results, Measures(results))]


def test_it_says_what_is_right_and_what_it_costs():
    state, forced, fast, slow = texts([*translating("one", 0.02048), *translating("two", 0.01024, wrong=[GOES_ON])])
    assert state.endswith("goes on where the encoder ended: one.")
    assert forced.endswith("through the state into the encoder: one and two.")
    assert fast == "two: a step of 32 pairs of 32 tokens takes 10 ms (100,000 target tokens/s)."
    assert slow == "one: a step of 32 pairs of 32 tokens takes 20 ms (50,000 target tokens/s)."


def test_the_first_screen_has_the_fastest_and_the_slowest():
    lines = [*translating("one", 0.02048), *translating("two", 0.01024)]
    assert texts(lines, brief)[0] == "A step takes 10 ms (two) to 20 ms (one)."
    assert texts(lines[:1], brief)[0] == "A step takes 20 ms (one)."
    assert len(texts(lines, brief)) == 3


def test_without_encoders_there_is_no_answer():
    assert texts(measured(case(), [0.1])) == []
