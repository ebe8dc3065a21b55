"""The table of learning curves."""

import msgspec

from embbench.analysis.collapse.collapse import collapse
from embbench.cases.learning_curve import LearningCurve
from embbench.report.curve_table import HEADINGS, curve_rows
from tests.made_up import case, measured


def with_curves(update, *values):
    made = tuple(
        LearningCurve(seed=seed, steps=(0, 10, 20), scores={"excess": each}) for seed, each in enumerate(values)
    )
    return [msgspec.structs.replace(line, curves=made) for line in measured(case(update=update), [0.01])]


def test_a_row_has_the_start_the_best_place_and_the_end():
    results = collapse([*with_curves("default", (2.0, 0.5, 0.8)), *with_curves("sparse", (2.0, 1.5, 1.25))])
    assert curve_rows(results) == (
        ("default", "excess", "2.00", "0.50", "10", "0.80"),
        ("sparse", "excess", "2.00", "1.2", "20", "1.2"),
    )
    assert len(HEADINGS) == 6


def test_a_training_that_failed_in_a_seed_has_no_end():
    (row,) = curve_rows(collapse(with_curves("default", (2.0, 0.5, 0.8), (2.0, 0.5, None))))
    assert row[-1] == "—"
    assert row[3] == "0.500"


def test_results_without_curves_have_no_rows():
    assert curve_rows(collapse(measured(case(), [0.01]))) == ()
