"""Rounds and launches of a machine that was in two states: like is compared with like."""

import msgspec
import numpy as np
import pytest

from tests.analysis.compare.two_sides import QUIET, SLOWER, base, candidate, only
from tests.made_up import case, in_state, measured, values


def placed(lines, *looks):
    """Each round with the core-to-core latency that was seen before and behind it."""
    return [in_state(line, each - 1, each + 1) for line, each in zip(lines, looks, strict=True)]


def test_rounds_are_compared_that_met_one_state_of_the_machine():
    """The candidate was measured with CPUs far apart mostly, which made it slower and no program did."""
    near, far = QUIET, [value * 1.25 for value in QUIET]
    one = placed(base([*near, *far[:2]]), *[270] * 5, *[470] * 2)
    other = placed(candidate([*near[:3], *far]), *[270] * 3, *[470] * 5)
    found = only(one, other)
    assert found.verdict == "same"
    assert found.ratio.center == pytest.approx(1.0, abs=0.01)
    assert (found.base.values, found.candidate.values) == (tuple(near), tuple(near[:3]))


def test_sides_that_met_no_state_in_common_are_not_compared():
    found = only(placed(base(), *[270] * 5), placed(candidate(SLOWER), *[470] * 5))
    assert (found.verdict, found.reason) == ("incomparable", "states")


def test_launches_count_where_both_sides_met_one_state():
    def side(run, far):
        lines = measured(case(), [*QUIET, *(value * far for value in QUIET)], run=run)
        made = placed(lines, *[270] * 5, *[470] * 5)
        return [msgspec.structs.replace(line, launch=f"r/{line.round}/confirm") for line in made]

    found = only(side("base", 1.25), side("candidate", 1.5))
    assert (found.verdict, found.evidence.deviation < 0.01) == ("same", True)


def test_a_jump_that_is_the_machines_is_none_of_the_program():
    """Each round saw the CPUs move in the middle; what is left of it is steady."""

    def moved(lines):
        steps = np.array([*[0.100, 0.101] * 10, *[0.125, 0.126] * 10])
        lines = [
            msgspec.structs.replace(line, metrics={"step_time": values("step_time", *(steps + 1e-4 * line.round))})
            for line in lines
        ]
        return [in_state(line, 270, 271, 470, 471, samples=(0, 20, 20, 40)) for line in lines]

    found = only(moved(base()), moved(candidate()))
    assert (found.verdict, found.reason) == ("same", "within")


def test_what_does_not_tell_its_states_is_compared_as_it_is():
    """A baseline of an older embbench."""
    found = only(base(), placed(candidate([*QUIET, *QUIET]), *[270] * 5, *[470] * 5))
    assert found.verdict == "same"
