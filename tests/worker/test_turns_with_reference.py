"""Steps of two trials that take turns, on scripted step times."""

import math

import msgspec
import pytest

from embbench.analysis.collapse.per_row import values_of
from embbench.cases.case import Case, case_id, make_case
from embbench.cases.protocol import Protocol
from embbench.worker import turns_with_reference
from embbench.worker.turns_with_reference import CHANGES, CYCLES, SIZES, WARM, take_turns
from tests.fakes.clock import VirtualClock
from tests.fakes.scripted import Scripted
from tests.made_up import measured

REFERENCE = make_case({"contender": "numpy", "vocab": 1000})
LARGER, CHANGED = msgspec.structs.replace(REFERENCE, vocab=8000), msgspec.structs.replace(REFERENCE, update="compact")


def turns(*seconds: float, reference: tuple[float, ...], case: Case = CHANGED):
    """(the note, the trial, the trial of the reference)"""
    clock = VirtualClock(reading=0)
    trial, other = Scripted(clock, *seconds), Scripted(clock, *reference)
    note = take_turns(trial, case, REFERENCE, lambda: other, seconds[-1], 0, Protocol(), clock)
    return note, trial, other


def test_each_cycle_has_two_steps_of_both_sides_after_a_step_that_is_not_counted():
    note, trial, other = turns(7.0, 0.1, 0.2, 7.0, 0.3, 0.4, reference=(1.0,) * WARM + (9.0, 0.05, 0.15, 9.0, 0.25))
    mine, others = (note.metrics[name].values for name in ("turn_time", "reference_time"))
    assert mine[:2] == pytest.approx((0.1, 0.2))
    assert others[:2] == pytest.approx((0.05, 0.15))
    assert (trial.steps, other.steps) == (3 * len(mine) // 2, WARM + 3 * len(others) // 2)
    assert len(mine) == len(others)
    assert note.conditions["reference"] == case_id(REFERENCE)


def test_turns_end_with_their_budget_but_not_before_a_few_cycles():
    note, _, _ = turns(0.125, reference=(0.125,))
    assert len(note.metrics["turn_time"].values) == 2 * CYCLES
    for case, budget in ((CHANGED, CHANGES), (LARGER, SIZES)):
        note, _, _ = turns(0.02, reference=(0.03,), case=case)
        assert len(note.metrics["turn_time"].values) == 2 * math.ceil(budget / 0.15)
    note, _, _ = turns(10.0, reference=(10.0,))
    assert len(note.metrics["turn_time"].values) == 2


def test_short_steps_are_timed_in_blocks():
    note, trial, _ = turns(0.001, reference=(0.002,))
    mine = note.metrics["turn_time"].values
    assert (mine[0], trial.steps) == (pytest.approx(0.001), 3 * 5 * len(mine) // 2)


def test_a_slow_moment_of_both_sides_leaves_the_ratio():
    slow = [0.1] * 3 + [0.3] * 3 + [0.1]
    note, _, _ = turns(*slow, reference=(1.0,) * WARM + tuple(each / 2 for each in slow))
    (line,) = measured(REFERENCE, [0.1])
    line = msgspec.structs.replace(line, metrics=note.metrics)
    assert values_of(line, "turn_ratio") == pytest.approx([2.0] * (len(note.metrics["turn_time"].values) // 2))


def test_a_long_step_of_the_reference_is_not_warmed_up_again_and_again():
    _, _, other = turns(10.0, reference=(10.0,))
    assert other.steps == 1 + 3  # a warm-up, and a cycle


@pytest.mark.parametrize(
    ("case", "needed"),
    [(CHANGED, "2.00 MB"), (LARGER, "2.00 MB"), (msgspec.structs.replace(REFERENCE, vocab=500), "4.00 MB")],
)
def test_a_second_model_that_may_not_fit_is_not_built(case: Case, needed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns_with_reference, "available_bytes", lambda: 1_000_000)
    monkeypatch.setattr(turns_with_reference, "resident_bytes", lambda: 7_000_000)
    trial, clock = Scripted(VirtualClock(), 0.1), VirtualClock()
    note = take_turns(trial, case, REFERENCE, lambda: pytest.fail("built"), 0.1, 5_000_000, Protocol(), clock)
    assert note.metrics == {}
    told = f"not measured: a second model may need {needed}, and only 1.00 MB are free"
    assert note.conditions == {"turns": told}
