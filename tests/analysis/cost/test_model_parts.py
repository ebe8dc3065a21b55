"""Parts of a step that add up, or say by how much they do not."""

import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.cost.parts import phases_of
from tests.made_up import case, measured, values

PARTS = {
    "phase_lookup": 1e-3,
    "phase_network": 11e-3,
    "phase_gradients": 31e-3,
    "phase_update_table": 60e-3,
    "phase_update_rest": 2e-3,
}


def result(step=95e-3, cycles=(1.0, 1.1, 0.9), device="cpu", **parts):
    rounds = measured(case(device=device), [0.1])
    for name, seconds in {**PARTS, "phase_step": step, **parts}.items():
        if seconds is not None:
            rounds[0].metrics[name] = values(name, *(seconds * cycle for cycle in cycles))
    return collapse(rounds)[0]


def test_each_part_is_its_program_without_the_one_inside_it():
    found = phases_of(result())
    told = {name: part.center for name, part in found.parts.items()}
    assert told == pytest.approx(
        {
            "lookup": 1e-3,
            "network, loss": 10e-3,
            "gradient to the table": 20e-3,
            "optimizer on the table": 60e-3,
            "optimizer on the rest": 2e-3,
        }
    )
    assert found.missing.center == pytest.approx(2e-3)
    assert found.add_up


def test_what_is_missing_or_too_much_is_told():
    assert not phases_of(result(step=110e-3)).add_up
    over = phases_of(result(step=80e-3))
    assert over.missing.center == pytest.approx(-13e-3)
    assert not over.add_up


def test_a_part_that_a_contender_lacks_is_left_out():
    found = phases_of(result(step=33e-3, phase_update_table=None))
    assert "optimizer on the table" not in found.parts
    assert found.missing.center == pytest.approx(0, abs=1e-9)


def test_a_machine_that_slows_down_between_cycles_slows_all_parts():
    assert phases_of(result(cycles=(1.0, 3.0, 9.0))).add_up


def test_a_profiler_is_held_against_the_parts():
    given = result()
    (line,) = given.rounds
    line.metrics["profiled_gradient"] = values("profiled_gradient", 39e-3, 40e-3, 41e-3)
    line.metrics["profiled_optimizer"] = values("profiled_optimizer", 61e-3, 62e-3, 63e-3)
    told = phases_of(given).against_profiler()
    assert told == pytest.approx({"gradient": 1.0}, abs=1e-9)  # the optimizer's differs by less than its cycles


def test_a_single_profile_is_no_finding():
    given = result()
    given.rounds[0].metrics["profiled_gradient"] = values("profiled_gradient", 90e-3)
    assert phases_of(given).against_profiler() == {}


def test_parts_that_scatter_are_not_told_to_miss_something():
    """8 % too much, of cycles between which the step takes from half as long to half as long again."""
    given = result(step=86e-3, cycles=(1.0,) * 4)
    given.rounds[0].metrics["phase_step"] = values("phase_step", 60e-3, 112e-3, 75e-3, 97e-3)
    found = phases_of(given)
    assert abs(found.missing.center) > 0.05 * found.step.center
    assert found.add_up


def test_without_parts_there_are_no_phases():
    assert phases_of(collapse(measured(case(), [0.1]))[0]) is None


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_parts_overlap_on_a_gpu(device):
    assert phases_of(result(device=device)).on_gpu == (device == "cuda")
