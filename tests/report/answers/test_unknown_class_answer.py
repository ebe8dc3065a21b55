"""The answer about texts of no known class, from made-up rounds."""

import msgspec
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.cases.claim import Claim
from embbench.cases.learning_curve import LearningCurve
from embbench.report.answers.unknown_class import answer, brief
from embbench.workloads._unknown_expected import (
    BEYOND_RAISES,
    LOOKED_UP,
    LOOKED_UP_MASKED,
    NOTHING_LEFT,
    PADDING_ROW,
    PADDING_STEPS,
    RESERVED,
    SWALLOWED,
    WITHOUT_MASK,
)
from embbench.workloads._unknown_scores import SCORES
from embbench.workloads._unknown_texts import KINDS
from tests.made_up import case, measured

SEEDS = 8
SHARES = {"near": 0.9, "far": 0.1, "trained": 0.1, "unknown_words": 0.0}
FACTS = {"floor_errors": 0.04, "beyond_floor": 1.2} | {
    f"floor_{name}_{kind}_best": 0.15 for name in ("accepted", "misordered") for kind in KINDS
}


def curve(seed, reject, shares, errors):
    """shares: (kind, score) -> share accepted, instead of SHARES."""
    noise = seed / 500  # of a seed, the same for all scores
    scores = {"errors": (0.9, errors + noise), "errors_among_known": (0.9, errors + noise), "refused": (1.0, 0.03)}
    for kind in KINDS:
        scores[f"passed_{kind}"] = (0.0, 0.5)
        for score in SCORES[reject]:
            share = shares.get((kind, score), SHARES[kind])
            scores[f"accepted_{kind}_{score}"] = (0.9, share(seed) if callable(share) else share + noise)
            scores[f"misordered_{kind}_{score}"] = (0.5, 0.1)
    return LearningCurve(seed=seed, steps=(0, 300), scores=scores, facts=FACTS)


def rejecting(contender, reject, shares=(), errors=0.05, claims=(), deviating=(), seconds=0.01):
    given = case("none", workload="unknown_class", contender=contender, reject=reject)
    found = tuple(curve(seed, reject, dict(shares), errors) for seed in range(SEEDS))
    told = [Claim(name=each.name, got=tuple(each.want), want=tuple(each.want)) for each in claims]
    told += [Claim(name=each.name, got=(0,), want=tuple(each.want), known=text) for each, text in deviating]
    lines = measured(given, [seconds, seconds * 1.001])
    return [
        msgspec.structs.replace(line, claims=tuple(told), curves=found if line.round == 0 else ()) for line in lines
    ]


def texts(lines, make=answer):
    results = collapse(lines)
    return [statement.text for statement in make(results, Measures(results))]


@pytest.fixture
def lines():
    plain = {("far", "energy"): 0.05, ("near", "energy"): lambda seed: 0.9 + (seed % 2 - 0.5) / 10}
    extra = {
        ("far", "other"): 0.06,
        ("trained", "other"): 0.001,
        ("unknown_words", "other"): lambda seed: seed % 4 == 0,
    }
    return [
        *rejecting("one", "softmax", plain, claims=[PADDING_ROW, PADDING_STEPS, BEYOND_RAISES]),
        *rejecting("one", "extra_class", extra, errors=0.07, seconds=0.02),
        *rejecting("two", "softmax", {("far", "energy"): 0.02}, deviating=[(BEYOND_RAISES, "reads on")],
                   claims=[LOOKED_UP, LOOKED_UP_MASKED, SWALLOWED, WITHOUT_MASK, NOTHING_LEFT, RESERVED]),
    ]  # fmt: skip


def one_of(found, beginning):
    (text,) = [each for each in found if each.startswith(beginning)]
    return text


def test_it_says_which_score_accepts_the_fewest_and_by_how_much(lines):
    text = one_of(texts(lines), "one, texts of topics that never train (far)")
    assert "energy with known classes alone accepts the fewest, 5.7 % (" in text
    assert "the best possible score accepts 15.0 %" in text
    assert "odds against the extra class by 1.0 points (1.0 to 1.0)" in text
    assert "largest softmax with known classes alone by 5.0 points (5.0 to 5.0)" in text
    assert "Cannot tell" not in text


def test_scores_that_differ_by_chance_cannot_be_told_apart(lines):
    text = one_of(texts(lines), "one, texts that mix two known classes (near)")
    alike = text.partition("Cannot tell from it: ")[2]
    assert "largest softmax with known classes alone" in alike
    assert "More:" not in text


def test_it_says_what_an_extra_class_brings_and_costs(lines):
    found = texts(lines)
    text = one_of(found, "'Add an \"other\" class'")
    assert "of new texts of its own topics" in text
    assert "of other topics (5.9 points (5.9 to 5.9) more)" in text
    cost = one_of(found, "What it costs")
    assert "by the largest of all outputs: more by 2.0 points (2.0 to 2.0)" in cost
    brings = one_of(found, "What it brings")
    assert "trained fewer by 9.9 points (9.9 to 9.9), far more by 1.0 points (1.0 to 1.0), near cannot tell" in brings


def test_the_softmax_is_compared_with_other_scores_of_its_models(lines):
    text = one_of(texts(lines), "'Threshold the softmax'")
    assert "far, energy: more by 5.0 points (5.0 to 5.0)" in text
    assert "far, largest logit: cannot tell" in text


def test_unknown_words_are_counted_by_training(lines):
    text = one_of(texts(lines), "A text of unknown words alone")
    assert "in 2 of 8 trainings by odds against the extra class" in text


def test_other_contenders_are_compared_seed_by_seed(lines):
    text = one_of(texts(lines), "Far texts that the energy accepts")
    assert text == (
        "Far texts that the energy accepts, seed by seed, differ from one: two with known classes alone by 3.0 points "
        "(3.0 to 3.0)."
    )


def test_it_gives_the_floor_the_errors_and_the_cost(lines):
    found = texts(lines)
    assert "by more than 1.2 standard errors" in one_of(found, "The likelihood ratio")
    assert one_of(found, "Wrong answers").endswith("4.0 % by the best possible answers.")
    assert "Times as long: an extra class 2.0" in one_of(found, "one: a step")


def test_it_says_what_becomes_of_unknown_words_and_ids(lines):
    found = texts(lines)
    assert one_of(found, "A lookup of words gives unknown words 0").endswith(": two.")
    assert one_of(found, "An embedding that masks id 0").endswith("with a mask token it counts as a word: two.")
    assert one_of(found, "A row of padding is zero").endswith(": one.")
    assert one_of(found, "An id beyond the table raises") == "An id beyond the table raises an error on a CPU: one."
    assert "two: reads on." in found


def test_the_first_screen_has_three_sentences(lines):
    found = texts(lines, brief)
    assert len(found) == 3
    assert found[0].startswith("one, where 95 % of known texts are accepted: of far texts, energy with known classes")


def test_without_such_texts_there_is_no_answer():
    assert texts(measured(case(), [0.1])) == []
