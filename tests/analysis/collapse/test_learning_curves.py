"""Learning curves of results: ends, best places, arrivals, and differences within seeds."""

import msgspec
import pytest

from embbench.analysis.collapse.collapse import Result, collapse
from embbench.analysis.collapse.learning_curves import (
    Arrival,
    Best,
    arrival,
    best,
    curves_of,
    end,
    over_seeds,
    paired,
    paired_ratio,
)
from embbench.cases.learning_curve import LearningCurve
from embbench.stats.summary import summarize, summarize_differences
from tests.made_up import case, measured

STEPS = (0, 10, 20, 30, 40, 50)


def curve(*values: float | None, seed: int = 0) -> LearningCurve:
    return LearningCurve(seed=seed, steps=STEPS[: len(values)], scores={"excess": values})


def result_of(update: str, *rounds: list[LearningCurve]) -> Result:
    lines = measured(case(update=update), [1.0] * len(rounds))
    lines = [msgspec.structs.replace(line, curves=tuple(each)) for line, each in zip(lines, rounds, strict=True)]
    return collapse(lines)[0]


def last(of: LearningCurve) -> float | None:
    return end(of, "excess")


def test_the_end_and_the_best_place():
    over = curve(2.0, 1.0, 0.5, 0.7, 0.9)
    assert end(over, "excess") == 0.9
    assert best(over, "excess") == Best(20, 0.5)


def test_a_curve_that_is_not_finite_at_its_end_has_no_end_but_a_best_place():
    broken = curve(2.0, 1.0, None)
    assert end(broken, "excess") is None
    assert best(broken, "excess") == Best(10, 1.0)


def test_a_curve_without_the_score_has_neither():
    assert end(curve(1.0), "errors") is None
    assert best(curve(1.0), "errors") is None


def test_the_target_counts_as_reached_after_three_scores_in_a_row():
    assert arrival(curve(2.0, 1.0, 1.5, 1.0, 0.9, 1.0), "excess", 0.5) == Arrival(20, 30)
    assert arrival(curve(2.0, 1.0, 0.9, 0.9), "excess", 0.5) == Arrival(0, 10)


@pytest.mark.parametrize("values", [(2.0, 1.5, 1.4, 1.2, 1.1, 1.0), (2.0, 1.0, None, 1.0, 1.0), (2.0, 1.5, 1.0, 1.0)])
def test_a_target_that_is_not_reached_is_only_known_to_lie_beyond_the_curve(values):
    assert arrival(curve(*values), "excess", 0.5) == Arrival(STEPS[len(values) - 1], None)


def test_the_curves_of_all_rounds_count_by_seed():
    found = result_of("default", [curve(1.0, seed=0), curve(2.0, seed=1)], [curve(3.0, seed=2)])
    assert list(curves_of(found)) == [0, 1, 2]
    assert over_seeds(found, last) == summarize([1.0, 2.0, 3.0])


def test_results_are_compared_within_seeds():
    one = result_of("sparse", [curve(each, seed=seed) for seed, each in enumerate([2.0, 6.0, 4.0])])
    other = result_of("default", [curve(each, seed=seed) for seed, each in enumerate([1.0, 4.0, 2.0, 9.0])])
    assert paired(one, other, last) == summarize_differences([1.0, 2.0, 2.0])
    assert paired_ratio(one, other, last) == summarize([2.0, 1.5, 2.0])


def test_a_seed_that_failed_is_not_left_out_of_a_comparison():
    one = result_of("sparse", [curve(2.0, seed=0), curve(None, seed=1)])
    other = result_of("default", [curve(1.0, seed=0), curve(1.0, seed=1)])
    assert paired(one, other, last) is None
    assert over_seeds(one, last) is None


def test_there_is_no_ratio_of_numbers_that_are_not_above_zero():
    one = result_of("sparse", [curve(-2.0, seed=0)])
    other = result_of("default", [curve(1.0, seed=0)])
    assert paired_ratio(one, other, last) is None
    assert paired(one, other, last) == summarize_differences([-3.0])


def test_results_without_curves_have_no_comparison():
    one, other = result_of("sparse", []), result_of("default", [curve(1.0)])
    assert paired(one, other, last) is None
    assert over_seeds(one, last) is None
