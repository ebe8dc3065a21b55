"""The answer about norms, from made-up rounds."""

import msgspec
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.cases.case import make_case
from embbench.cases.claim import Claim
from embbench.cases.learning_curve import LearningCurve
from embbench.report.answers.normalization import answer, brief
from embbench.store.round import Audit
from embbench.workloads._normalization_expected import (
    FAR,
    FINITE,
    FINITE_LATER,
    JOINED,
    RARE_ONES,
    RATES,
    absent,
    excess_at,
    far,
    four,
    initial_share,
    layer_joined,
    moved,
    once,
    one_hot,
    own_at,
    rare,
)
from embbench.workloads._normalization_network import Convention
from tests.made_up import measured

OLD = Convention(1e-3, 0.99, False, 1e-3)
NEW = Convention(1e-5, 0.9, True, 1e-5)
SEEDS = 8


def curve(seed, ends, rare_ends, own):
    """ends, rare_ends: at each of RATES. Seeds differ by 0.1, and settings within a seed by a thousandth."""
    off = 0.1 * seed
    scores = {excess_at(rate): (0.9, end + off) for rate, end in zip(RATES, ends, strict=True)}
    scores |= {excess_at(rate, RARE_ONES): (0.9, end + off) for rate, end in zip(RATES, rare_ends, strict=True)}
    facts = {} if own is None else {own_at(rate): own + off for rate in RATES}
    return LearningCurve(seed=seed, steps=(0, 300), scores=scores, facts=facts)


def claims(norm, convention, known=()):
    epsilon = convention.epsilon
    told = []
    if norm == "batch_after":
        told = [make(epsilon) for make in (four, one_hot, rare, once)] + [absent(convention), JOINED]
        told += [moved(convention.kept, convention.unbiased), initial_share(convention.kept)]
        told += [*map(far, FAR), FINITE, FINITE_LATER]
    if norm == "layer_after":
        told = [layer_joined(convention.layer_epsilon)]
    made = []
    for each in told:
        text = "it squares" if each in known else ""
        got = (99.0,) if text else tuple(each.want)
        made.append(Claim(name=each.name, got=got, want=tuple(each.want), tolerance=each.tolerance, known=text))
    return tuple(made)


def lines(contender, norm, seconds, convention, ends=(), rare_ends=(0.5, 0.5, 0.5), own=None, known=()):
    case = make_case({"workload": "normalization", "contender": contender, "norm": norm, "threads": 2})
    rounds = measured(case, [seconds, seconds * 1.001], audit=Audit("claims", True, 0.0, 2))
    made = claims(norm, convention, known)
    jitter = 0.0 if norm == "off" else 0.001
    curves = [
        curve(seed, [end + jitter * seed for end in ends], [end + jitter * seed for end in rare_ends], own)
        for seed in range(SEEDS if ends else 0)
    ]
    first, *others = (msgspec.structs.replace(line, claims=made) for line in rounds)
    return [msgspec.structs.replace(first, curves=tuple(curves)), *others]


@pytest.fixture
def rounds():
    return [
        *lines("one", "off", 0.010, NEW, (0.30, 0.20, 0.40)),
        *lines("one", "batch_after", 0.012, NEW, (0.18, 0.25, 0.40), (5.0, 9.0, 9.0), own=0.13),
        *lines("one", "layer_after", 0.011, NEW, (0.1968, 0.25, 0.40)),
        *lines("two", "batch_after", 0.012, OLD, known=[far(FAR[0])]),
    ]


def texts(given, make=answer):
    results = collapse(given)
    return [statement.text for statement in make(results, Measures(results))]


def test_a_norm_at_its_best_rate_is_compared_with_no_norm_at_its_best_rate(rounds):
    first = texts(rounds)[0]
    assert first.startswith("one")
    assert "without a norm, the held-out loss is 0.550 nats above the best possible (8 seeds" in first
    assert "at its best rate of 0.1, 0.3 or 1, which is 0.3)" in first
    assert "batch_after at 0.1 -0.016 (-0.0" in first
    assert "layer_after at 0.1 cannot tell (+0.000, -0.0" in first


def test_the_gain_at_a_small_rate_is_shown_apart(rounds):
    second = texts(rounds)[1]
    assert second.startswith("At rate 0.1 for all, a norm changes it by: batch_after -0.116 (")
    assert second.endswith("is the gain of a larger rate, which costs nothing.")


def test_rare_categories_and_moving_statistics_have_sentences(rounds):
    _, _, third, fourth, *_ = texts(rounds)
    assert (
        "For categories of p < 0.01 alone, at the best rates, a norm changes it by: batch_after at 0.1 +4.503 ("
        in third
    )
    assert "add to the excess: batch_after +0.05" in fourth


def test_it_gives_costs(rounds):
    assert texts(rounds)[4].startswith("one: a step without a norm takes 10.0 ms. ")
    assert "Times as long: batch_after 1.2" in texts(rounds)[4]


def test_it_says_where_frameworks_differ(rounds):
    found = "\n".join(texts(rounds))
    assert "within rounding (one and two): its place matters for the one-hot columns alone" in found
    assert "For p = 1e-4, 1 becomes 95.3" in found
    assert "(one) or 30.15 (two)" in found
    assert "0.25 and 1.066667 (one) or 0.025 and 1.0025 (two)" in found
    assert "of its initial 1: 2.7e-05 (one) or 0.37 (two)" in found
    assert "variance 1: one." in found
    assert "two: it squares." in found
    assert "It is a convention, and still that of two." in found
    assert "which looks like overfitting: two." in found


def test_the_first_screen_has_the_gain_and_the_one_hot(rounds):
    gain, one_hots = texts(rounds, brief)
    assert gain.startswith("one: after 300 steps, each at its best rate, the loss changes by ")
    assert "; for rare categories by batch_after at 0.1 +4.503 (" in gain
    assert "layer_after +" not in gain.partition(";")[2]
    assert one_hots == "Batch norm makes 30.1 to 95.3 of a one-hot 1 with p = 1e-4, by its epsilon."


def test_without_norms_there_is_no_answer():
    assert texts([], brief) == []
    assert texts(lines("one", "off", 0.01, NEW)) == []
