"""What a touched row costs, computed from a Round."""

import msgspec
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.analysis.collapse.per_row import carrying, values_of
from tests.made_up import case, in_turn, measured, values

ROW, U = 128 * 4, 1037


def alone(line, times=(0.5e-3, 0.6e-3, 0.7e-3), **metrics):
    found = {"table_time": times, "displaced_time": (1e-3,), "gather_rate": (4e9,), "scatter_rate": (2e9,), **metrics}
    return msgspec.structs.replace(
        line, metrics={**line.metrics, **{name: values(name, *told) for name, told in found.items() if told}}
    )


def line(**axes):
    return measured(case(**{"update": "compact", "optimizer": "adam", **axes}), [0.02])[0]


def test_a_row_and_a_byte():
    assert values_of(alone(line()), "row_cost") == pytest.approx([0.5e-3 / U, 0.6e-3 / U, 0.7e-3 / U])
    assert values_of(alone(line()), "displaced_row_cost") == pytest.approx([1e-3 / U])
    assert values_of(alone(line()), "byte_cost") == pytest.approx(
        [each / (U * ROW * 7) for each in (0.5e-3, 0.6e-3, 0.7e-3)]
    )


def test_the_share_that_the_machine_needs_for_these_rows():
    floor = U * ROW * 4 / 4e9 + U * ROW * 3 / 2e9
    assert values_of(alone(line(), times=(1e-3,)), "ceiling_share") == pytest.approx([floor / 1e-3])


def test_of_an_update_of_the_whole_table_there_is_no_such_share():
    assert values_of(alone(line(update="default")), "ceiling_share") == ()
    assert values_of(alone(line(), gather_rate=()), "ceiling_share") == ()


def test_what_was_not_measured_has_none():
    assert values_of(line(), "row_cost") == ()
    assert values_of(line(), "host_peak") == (1e9,)
    unaudited = msgspec.structs.replace(alone(line()), audit=None)
    assert values_of(unaudited, "byte_cost") == ()
    assert values_of(unaudited, "ceiling_share") == ()


def test_it_is_summarised_as_a_time_is():
    """With the interval that all cases of a machine share."""
    rounds = []
    for vocab in (1000, 20_000, 200_000):
        for number, by in enumerate((1.0, 1.1)):
            told = msgspec.structs.replace(line(vocab=vocab), round=number)
            rounds.append(alone(told, times=(1e-3 * by,) * 3))
    results = collapse(rounds)
    measures = Measures(results)
    found = measures.summary(results[2], "row_cost")
    assert found.center == pytest.approx(1.05e-3 / U)
    assert found.low < found.center < found.high
    assert isinstance(measures.summary(results[0], "update_cost"), Absent)
    assert measures.ratio(results[0], results[2], "row_cost").center == pytest.approx(U / 1000)


def test_a_part_that_is_none_by_itself_is_not_missing():
    """Backward updates: the gradient is timed with the update in it."""
    together = [
        alone(line(), table_gradient=(3e-4,)),
        alone(msgspec.structs.replace(line(), round=1), table_gradient=(3e-4,)),
    ]
    (result,) = collapse(together)
    measures = Measures([result])
    assert measures.summary(result, "table_update") == Absent("no meaning")
    assert measures.summary(result, "table_gradient").center == pytest.approx(3e-4)
    (plain,) = collapse([line()])
    assert measures.summary(plain, "table_update") == Absent("not measured")


def test_a_comparison_can_carry_it():
    told = carrying(alone(line(), times=(1e-3,)), "row_cost")
    assert told.metrics["row_cost"].values == pytest.approx([1e-3 / U])
    assert told.metrics["row_cost"].unit == "s/row"
    assert carrying(line(), "row_cost") is None
    assert carrying(line(), "step_time") == line()


def test_of_few_rows_the_rates_are_not_those_of_memory():
    few = alone(line())
    few = msgspec.structs.replace(few, metrics=few.metrics | {"unique_rows": values("unique_rows", 100.0)})
    assert values_of(few, "ceiling_share") == ()
    (result,) = collapse([few])
    assert Measures([result]).summary(result, "ceiling_share") == Absent("no meaning")


def test_a_ratio_of_steps_in_turn_has_a_value_for_each_cycle():
    both = in_turn(line(), case(), 0.5, 0.4, 0.6)
    assert values_of(both, "turn_ratio") == (0.5, 0.4, 0.6)
    slow = msgspec.structs.replace(
        both, metrics={**both.metrics, "turn_time": values("turn_time", 0.5, 0.9, 0.4, 0.4, 3.0, 0.6)}
    )
    assert values_of(slow, "turn_ratio") == (0.5, 0.4, 0.6)
    assert values_of(line(), "turn_ratio") == ()
