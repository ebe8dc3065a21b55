"""The answer about the batch size, from made-up rounds."""

import msgspec
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.cases.case import make_case
from embbench.cases.claim import Claim
from embbench.report.answers.univariate import answer, brief
from embbench.store.round import Audit
from embbench.workloads.univariate import EVALUATED, MASKED_APART, MEANS, PARTIAL
from tests.made_up import measured


def lines(contender, batch, seconds, task="train", claims=(), memory=1e9):
    case = make_case({"workload": "univariate", "contender": contender, "batch": batch, "task": task, "threads": 2})
    audit = Audit("claims", True, 0.0, 2)
    rounds = measured(case, [seconds, seconds * 1.001], memory, audit=audit)
    return [msgspec.structs.replace(line, claims=tuple(claims)) for line in rounds]


def true(expected):
    return Claim(name=expected.name, got=tuple(expected.want), want=tuple(expected.want), tolerance=1e-5)


def known(expected, text):
    return Claim(name=expected.name, got=(99.0,), want=tuple(expected.want), known=text)


@pytest.fixture
def rounds():
    first = [true(EVALUATED), true(MEANS), known(MASKED_APART, "it depends on the batch size"), true(PARTIAL)]
    return [
        *lines("one", 1, 0.001),
        *lines("one", 100, 0.010, memory=2e9),
        *lines("two", 1, 0.002),
        *lines("two", 100, 0.005),
        *lines("one", 32, 0.0131, "evaluate", first),
        *lines("two", 32, 0.0262, "evaluate", [true(EVALUATED)]),
    ]


def texts(given, make=answer):
    results = collapse(given)
    return [statement.text for statement in make(results, Measures(results))]


def test_it_gives_the_times_and_rates_of_the_smallest_and_the_largest_batch(rounds):
    first = texts(rounds)[0]
    assert first.startswith("one univariate: a training step takes 1.00 ms with a batch of 1 and 10.0 ms with 100, 10")
    assert "times as long for 100 times the samples (1,000 and 10,000 samples/s)" in first
    assert first.endswith("peak memory 1.00 GB and 2.00 GB.")


def test_it_says_where_an_evaluation_depends_on_the_batch_size(rounds):
    found = texts(rounds)
    assert "within rounding: one and two." in found[2]
    assert found[3].endswith("9.5: one.")
    assert found[4] == "one: it depends on the batch size."
    assert found[5].endswith("a smaller last batch raises an error: one.")


def test_it_gives_the_cost_of_an_evaluation(rounds):
    assert texts(rounds)[-2:] == [
        "one: an evaluation of 131 samples in batches of 32 takes 13.1 ms (10,000 samples/s).",
        "two: an evaluation of 131 samples in batches of 32 takes 26.2 ms (5,000 samples/s).",
    ]


def test_the_first_screen_has_the_range_over_the_contenders(rounds):
    found = texts(rounds, brief)
    assert found[0] == "A batch of 100 trains 10 to 40 times as many samples per second as a batch of 1."
    assert found[1].endswith("3 more facts on evaluation: --details.")


def test_a_single_batch_size_has_no_range():
    assert texts(lines("one", 32, 0.01), brief) == []
    assert texts([], answer) == []
