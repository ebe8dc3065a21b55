"""The answer about learning curves, from made-up rounds."""

import msgspec
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.cases.learning_curve import LearningCurve
from embbench.report.answers.topics import answer, brief
from tests.made_up import case, measured

FACTS = {"floor": 0.05, "floor_errors": 0.02, "beyond_floor": 0.0}
SEEDS = range(8)


def curves(*excess, rare=0.5, training=None):
    """Eight curves that differ by a thousandth from seed to seed."""
    made = []
    for seed in SEEDS:
        values = tuple(each + 0.001 * seed for each in excess)
        scores = {"excess": values, "training": training or values}
        for band, end in (("frequent", 0.2), ("middle", 0.3), ("rare", rare)):
            scores[f"excess_{band}"] = (2.0, end + 0.001 * seed)
        made.append(LearningCurve(seed=seed, steps=tuple(range(0, 100, 10))[: len(excess)], scores=scores, facts=FACTS))
    return tuple(made)


FAST = (2.0, 0.9, 0.8, 0.7, 0.6, 0.5)  # half is gone at step 10
SLOW = (2.0, 1.5, 0.9, 0.8, 0.8, 0.7)  # at step 20


def learning(seconds, made, update="default", table="trainable", **axes):
    sizes = {"workload": "topics", "vocab": 10_000, "dim": 32, "hidden": 32, "seq": 8, "train_steps": 50, **axes}
    given = case(table, update, **sizes)
    lines = measured(given, [seconds, seconds * 1.001, seconds * 0.999])
    return [msgspec.structs.replace(line, curves=made if line.round == 0 else ()) for line in lines]


def texts(lines, make=answer):
    results = collapse(lines)
    return [statement.text for statement in make(results, Measures(results))]


def test_steps_and_time_make_the_time_to_the_target():
    told = texts([*learning(0.010, curves(*FAST)), *learning(0.005, curves(*SLOW, rare=1.5), update="sparse")])
    assert told[0].startswith("pytorch")
    assert "half of the excess is gone after 10 steps; sparse needs 2.00 times the steps" in told[0]
    assert "each 0.500 times as long: 1.00 (0.999 to 1.00) times the time (8 seeds)" in told[0]


def test_bands_are_compared_where_the_update_of_rows_differs():
    told = texts([*learning(0.010, curves(*FAST)), *learning(0.005, curves(*SLOW, rare=1.5), update="sparse")])
    (bands,) = [text for text in told if "by keywords" in text]
    assert "rare +1.00" in bands
    assert not [text for text in texts([*learning(0.01, curves(*FAST)), *learning(0.01, curves(*FAST), update="fused")])
                if "by keywords" in text]  # fmt: skip


def test_a_target_that_is_not_reached_is_counted():
    never = (2.0, 1.9, 1.8, 1.7, 1.6, 1.5)
    told = texts([*learning(0.010, curves(*FAST)), *learning(0.005, curves(*never), update="sparse")])
    assert "sparse: reached in 0 of 8 seeds within 50 steps" in told[0]
    alone = texts(learning(0.010, curves(*never)))
    assert "half of the excess is not gone in all seeds (reached in 0 of 8 seeds within 50 steps)" in alone[0]


def test_an_earlier_stop_is_weighed_where_texts_repeat():
    rising = (2.0, 0.9, 0.5, 0.6, 0.7, 0.8)
    lines = learning(0.01, curves(*rising, training=(2.0, 0.5, 0.3, 0.2, 0.1, 0.1)), texts=320)
    (told,) = [text for text in texts(lines) if "stopping there" in text]
    assert "are best at step 20; stopping there gains 0.300 nats" in told
    assert not [text for text in texts(learning(0.01, curves(*rising))) if "stopping there" in text]


def test_tables_are_compared_seed_by_seed():
    half = (2.0, 1.5, 1.2, 1.0, 0.8, 0.9)
    lines = [
        *learning(0.010, curves(*FAST), pretrained="weak"),
        *learning(0.002, curves(*half), "none", "frozen", pretrained="weak"),
        *learning(0.004, curves(*FAST), "default", "hybrid", pretrained="weak", trainable_dim=8),
    ]
    told = texts(lines)
    assert "rows of 10 % common variance" in told[0]
    assert "frozen worse by 0.400 and" in told[0]
    assert "8 of 32 columns cannot tell" in told[0]


def test_costs_of_a_large_table_stand_beside():
    learnt = [
        *learning(0.010, curves(*FAST), pretrained="weak"),
        *learning(0.002, curves(*SLOW), "none", "frozen", pretrained="weak"),
    ]
    large = [*measured(case(), [0.100] * 3), *measured(case("hybrid", trainable_dim=32), [0.030] * 3)]
    told = texts([*learnt, *large])
    (cost,) = [text for text in told if "200k rows of 128 columns" in text]
    assert "a step takes 100 ms with a trainable table" in cost
    assert "32 of 128 columns 0.300 times as long" in cost


def test_contenders_with_one_class_are_held_against_each_other():
    lines = [
        *learning(0.010, curves(*FAST)),
        *learning(0.010, curves(*(each + 0.02 for each in FAST)), contender="another"),
    ]
    (told,) = [text for text in texts(lines) if "of each other" in text]
    assert told == "pytorch and another (dense) end within 0.02 nats of each other, seed by seed."


def test_the_floor_is_said():
    assert texts(learning(0.010, curves(*FAST)))[-1].startswith(
        "The best answers have a loss of 0.050 to 0.050 nats, 2.0 to 2.0 % errors"
    )


@pytest.mark.parametrize("make", [answer, brief])
def test_results_without_curves_have_nothing_to_say_about_learning(make):
    assert texts(learning(0.010, ()), make) == []


def test_the_brief_answer_is_short():
    told = texts([*learning(0.010, curves(*FAST)), *learning(0.005, curves(*SLOW, rare=1.5), update="sparse")], brief)
    assert 1 <= len(told) <= 3


OWN = {"classes": 3.0, "texts": 400.0, "held_out": 100.0, "guess_errors": 0.6, "count_errors": 0.07}


def own_curves(*loss, errors):
    made = []
    for seed in SEEDS:
        values = tuple(each + 0.001 * seed for each in loss)
        scores = {"loss": values, "training": tuple(each / 2 for each in values), "errors": (0.66, errors)}
        made.append(LearningCurve(seed=seed, steps=tuple(range(0, 100, 10))[: len(loss)], scores=scores, facts=OWN))
    return tuple(made)


def test_own_texts_are_compared_by_their_loss_and_with_counted_words():
    axes = {"tokens": "labelled#0123456789abcdef", "texts": 9600}
    lines = [
        *learning(0.010, own_curves(*FAST, errors=0.1), **axes),
        *learning(0.005, own_curves(*SLOW, errors=0.3), update="sparse", **axes),
    ]
    told = texts(lines)
    assert "half of the loss is gone after 10 steps; sparse needs 2.00 times the steps" in told[0]
    assert ", 400 texts: half" in told[0]
    (data,) = [text for text in told if text.startswith("Your texts")]
    assert "400 train, 100 are held out" in data
    assert "end with 10.0 to 30.0 % errors" in data
    assert "(naive Bayes) with 7.0 %, the most frequent label with 60.0 %" in data
    assert not [text for text in told if "best answers" in text or "by keywords" in text]
    (stopping,) = [text for text in told if "pytorch default with 400 texts" in text]
    assert "held-out texts end 0.25" in stopping
