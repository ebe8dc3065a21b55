"""The lines of `selftest`, from made-up rates."""

import pytest

from embbench.analysis.compare.trust import Trust
from embbench.report.selftest_document import About, selftest_document
from embbench.stats.summary import Summary
from tests.made_up import case

ABOUT = About(case(), 0.05, 0.01, 0.01, 60.0, 2.5)
RATE, SMALLEST = Summary(0.1, 0.0, 0.31, 10), Summary(0.036, 0.03, 0.05, 20)


def lines(trust: Trust) -> dict[str, str]:
    return dict(selftest_document(trust, ABOUT).blocks[0].lines)


def test_rates_are_counts_with_intervals():
    told = lines(Trust(RATE, None, RATE, 18, Summary(0.015, 0.01, 0.02, 20), SMALLEST))
    assert told["a gate here"] == (
        "detects a slowdown of 3.6% (3% to 5%) or more in 9 of 10 runs, with 60 s per case (18 launches)"
    )
    assert told["equal programs"] == "called a change: 1 of 10 (0% to 31%); promised: at most 1%"
    assert told["slower by 5%"] == "called a regression: no comparison"
    assert told["a launch"] == "takes 2.5 s; ratios of launches scatter by 1.5% (1% to 2%)"


@pytest.mark.parametrize(
    ("launches", "text"),
    [(0, "detects nothing: 60 s end before the first decision"), (9, "has too few launches for an answer")],
)
def test_too_few_launches_are_no_answer(launches, text):
    assert lines(Trust(RATE, RATE, RATE, launches, None, None))["a gate here"].startswith(text)


def test_a_page_has_the_question_and_the_answer_first():
    made = selftest_document(Trust(RATE, RATE, RATE, 18, None, SMALLEST), ABOUT)
    question, answer, facts = made.page()
    assert question.text.endswith("?")
    assert answer.texts == (f"A gate here {lines(Trust(RATE, RATE, RATE, 18, None, SMALLEST))['a gate here']}.",)
    assert facts.lines == made.blocks[0].lines[1:]
