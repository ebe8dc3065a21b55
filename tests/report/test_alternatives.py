"""Ways of doing the same work, as the screen names them."""

import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.explanation import explain
from embbench.report.alternatives import instead, ways_to_change
from tests.made_up import case, measured


def explained(**axes):
    rounds = [
        *measured(case(), [0.9, 0.91, 0.9]),
        *measured(case(runtime="retained"), [0.5, 0.51, 0.5]),
        *measured(case(update="fused", runtime="retained"), [0.2, 0.21, 0.2]),
        *measured(case("frozen"), [0.01, 0.011, 0.01]),
        *measured(case(contender="numpy", runtime="hugepages"), [2.0, 2.1, 2.0]),
        *measured(case(seed=1, runtime="hugepages"), [0.1, 0.11, 0.1]),
    ]
    results = collapse(rounds)
    (chosen,) = [each for each in results if each.case == case(**axes)]
    return explain(chosen, results, Measures(results), None, lambda result: None)


@pytest.mark.parametrize(
    ("axes", "names"),
    [
        ({}, ["frozen", "trainable fused retained", "trainable default retained", "numpy trainable default hugepages"]),
        (
            {"runtime": "retained"},
            ["frozen system", "trainable fused", "trainable default system", "numpy trainable default hugepages"],
        ),
    ],
)
def test_a_runtime_is_part_of_the_way_where_it_is_another_one(axes, names):
    told = explained(**axes)
    assert [row[0] for row in instead(told).rows] == names
    lines = dict(ways_to_change(told, lambda result: f"set {result.case.runtime}"))
    assert lines[names[1]] == "set retained"


def test_a_table_without_steps_to_learn_has_no_column_for_them():
    told = explained()
    assert instead(told).headings == ("instead", "step", "times as fast", "memory", "class")
    short = instead(told, told.alternatives[:1])
    assert short.rows[-1] == ("3 more: --details", "", "", "", "")
