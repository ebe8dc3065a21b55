"""The answer about remedies against overfitting, from made-up rounds."""

import msgspec
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.cases.case import make_case
from embbench.cases.claim import Claim
from embbench.cases.learning_curve import LearningCurve
from embbench.report.answers.regression import answer, brief
from embbench.store.round import Audit
from embbench.workloads._regression_plan import LAST_ROWS
from tests.made_up import measured

SEEDS = range(8)
EXCESS = (1.6, 0.5, 0.6, 0.9)  # the smallest at step 20
VALIDATED = (1.6, 0.7, 0.6, 0.9)  # the smallest at step 40


def curves(more, scatter=0.0, wrong=0):
    """Eight curves whose end is `more` above EXCESS, with a scatter from seed to seed that is not that of others. In
    `wrong` seeds the validation loss shows the opposite.
    """
    made = []
    for seed in SEEDS:
        excess = [each + 0.05 * seed for each in EXCESS]
        excess[-1] += more + scatter * (-1) ** seed
        validated = (*VALIDATED[:-1], VALIDATED[-1] + (-more if seed < wrong else more))
        scores = {"excess": tuple(excess), "training": (1.5, 0.0, -0.5, -0.8), "validation": validated}
        facts = {"floor": 1.0, "of_mean": 2.25, "beyond_floor": 0.0, "standard_error_validation": 0.3}
        made.append(LearningCurve(seed=seed, steps=(0, 20, 40, 60), scores=scores, facts=facts))
    return tuple(made)


def lines(remedy, made, contender="one", claims=(), batch=32):
    axes = {"workload": "regression", "remedy": remedy, "train_steps": 60, "threads": 2}
    rounds = measured(
        make_case({**axes, "contender": contender, "batch": batch}), [0.001], audit=Audit("claims", True, 0.0, 2)
    )
    return [msgspec.structs.replace(line, curves=made, claims=tuple(claims)) for line in rounds]


@pytest.fixture
def rounds():
    return [
        *lines("dropout", curves(-0.3)),
        *lines("off", curves(0.0)),
        *lines("faster", curves(0.2, wrong=2)),
        *lines("l2", curves(0.01, scatter=0.1)),
        *lines("more_samples", curves(-0.7)),
        *lines("off", curves(-0.1), batch=8),
    ]


def texts(given, make=answer):
    results = collapse(given)
    return [statement.text for statement in make(results, Measures(results))]


def test_it_says_where_the_excess_is_smallest_and_where_it_ends(rounds):
    first = texts(rounds)[0]
    assert first.startswith("one without a remedy: the excess of held-out samples is smallest at step 20, 0.68 (")
    assert "After 60 steps (8 seeds) it is 1.1 (" in first
    assert first.endswith("training samples -0.8 (-0.8 to -0.8): below 0, it learns their noise.")


def test_remedies_are_paired_within_seeds_and_sorted(rounds):
    assert texts(rounds)[1] == (
        "one, excess after 60 steps (8 seeds) against no remedy: helps: 16 times as many samples -0.7 (-0.7 to -0.7), "
        "dropout of half of the units -0.3 (-0.3 to -0.3), batches of 8 -0.1 (-0.1 to -0.1); hurts: ten times the rate "
        "+0.2 (+0.2 to +0.2); cannot tell: L2 of 0.01 +0.01 (-0.09 to +0.11)."
    )


def test_remedies_are_compared_at_their_own_best_steps_too(rounds):
    """Only more samples end below the smallest excess before."""
    assert texts(rounds)[2] == (
        "one, each at its own best of these steps: helps: 16 times as many samples -0.3 (-0.3 to -0.3); cannot tell: "
        "dropout of half of the units +0 (+0 to +0), ten times the rate +0 (+0 to +0), L2 of 0.01 +0 (+0 to +0), "
        "batches of 8 +0 (+0 to +0)."
    )
    assert texts(rounds)[3] == (
        "Help at the end only, as an earlier stop does: dropout of half of the units and batches of 8."
    )


def test_stopping_is_judged_by_validation_and_by_the_best_place(rounds):
    assert texts(rounds)[4] == (
        "one: early stopping by 18 validation samples changes the excess by -0.3 (-0.3 to "
        "-0.3); at the best place it would be -0.4 (-0.4 to -0.4)."
    )


def test_validation_is_judged_by_its_error_and_by_the_sign_that_it_shows(rounds):
    assert texts(rounds)[5] == (
        "The loss of 18 validation samples, a tenth, has a standard error of 0.300; of one training without and one "
        "with a remedy that helps or hurts, it shows the right one as better in 30 of 32 comparisons."
    )
    alone = texts(lines("off", curves(0.0)))
    assert alone[-2] == "The loss of 18 validation samples, a tenth, has a standard error of 0.300."


def test_the_floor_is_told_last(rounds):
    assert texts(rounds)[-1].startswith("The excess is the squared error over the noise of the same held-out samples, ")
    assert "1.00 to 1.00, which nothing predicts; their variance is 2.25 to 2.25." in texts(rounds)[-1]


def test_contenders_are_compared_without_a_remedy(rounds):
    found = texts([*rounds, *lines("off", curves(0.0005), contender="two")])
    assert "Without a remedy, one and two end within 0.0005 of each other, seed by seed." in found


def test_which_samples_validate_is_told_of_contenders_that_have_a_split(rounds):
    held = Claim(name=LAST_ROWS.name, got=(16.0,), want=(16.0,), tolerance=1e-5)
    found = texts([*rounds, *lines("off", curves(0.0), contender="two", claims=[held])])
    (told,) = [text for text in found if "validation_split" in text]
    assert "before any shuffling: two." in told
    first = msgspec.structs.replace(held, got=(1.0,))
    assert "validation_split" not in " ".join(texts(lines("off", curves(0.0), claims=[first])))


def test_a_training_that_diverges_has_no_number(rounds):
    *whole, last = curves(0.0)
    broken = msgspec.structs.replace(last, scores={**last.scores, "excess": (1.0, 1.0, 1.0, None)})
    found = texts([*rounds, *lines("sgd", (*whole, broken))])
    assert found[1].endswith("; no number: SGD instead of Adam.")


def test_the_first_screen_has_the_remedies_and_stopping(rounds):
    remedies, stopping = texts(rounds, brief)
    assert remedies == (
        "Excess after 60 steps against no remedy: helps: 16 times as many samples -0.7, dropout of half of the units "
        "-0.3, batches of 8 -0.1; hurts: ten times the rate +0.2; cannot tell: L2 of 0.01 +0.01."
    )
    assert stopping.endswith("validation samples changes the excess by -0.3 (-0.3 to -0.3).")


def test_without_curves_there_is_no_answer():
    assert texts(lines("off", ())) == []
    assert texts([], brief) == []
