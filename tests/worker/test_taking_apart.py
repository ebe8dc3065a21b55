"""A step taken apart on the virtual clock."""

import pytest

from embbench.cases.protocol import Protocol
from embbench.worker import memory_rate
from embbench.worker import parts as taking_apart
from tests.fakes.clock import CLOCK
from tests.fakes.kit import Scripted

APART = Protocol(budget=0.06, warmup=0.01, block=0.0025, phases=True)


@pytest.fixture(autouse=True)
def scripted_memory(monkeypatch):
    monkeypatch.setattr(memory_rate, "make_kit", lambda device, threads: Scripted(CLOCK))


def test_every_part_is_timed_in_turns_with_the_step(run_round):
    round_ = run_round("PartedTrial", protocol=APART)
    assert round_.status == "ok", round_.reason
    found = {name: each.values for name, each in round_.metrics.items() if name.startswith("phase_")}
    assert len({len(values) for values in found.values()}) == 1
    assert found["phase_step"] == pytest.approx([1e-3 + 500 * 1e-7] * len(found["phase_step"]), rel=0.01)
    assert found["phase_lookup"] == pytest.approx([1e-5] * len(found["phase_lookup"]), rel=0.01)
    assert found["phase_square_root"] == pytest.approx([2e-5] * len(found["phase_step"]), rel=0.01)
    assert round_.metrics["update_rate"].values == pytest.approx([1e9] * 5, rel=1e-3)
    assert found["phase_update_rest"] == pytest.approx([1e-4] * len(found["phase_update_rest"]), rel=0.01)


def test_nothing_is_taken_apart_unasked(run_round):
    assert not [name for name in run_round("PartedTrial").metrics if name.startswith("phase_")]


def test_a_trial_without_parts_is_measured_all_the_same_and_says_so(run_round):
    round_ = run_round(protocol=APART)
    assert round_.status == "ok"
    assert round_.conditions["phases"] == "this contender does not show the parts of its step"
    assert not [name for name in round_.metrics if name.startswith("phase_")]


@pytest.mark.parametrize(("seconds", "asked"), [(1e-3, [10, 10]), (0.1, [5, 5]), (0.3, [3, 3]), (0.6, [1])])
def test_a_profiler_watches_steps_beside_the_parts_of_the_first_cycles(run_round, monkeypatch, seconds, asked):
    from tests.fakes.fake import PartedTrial

    seen = []

    def profile(self, steps):
        seen.append(steps)
        return {"optimizer": 1e-4 * len(seen)}

    monkeypatch.setattr(PartedTrial, "profile", profile, raising=False)
    monkeypatch.setattr(PartedTrial, "cost", lambda self: seconds)
    round_ = run_round("PartedTrial", protocol=APART)
    assert seen == asked
    assert round_.metrics["profiled_optimizer"].values == (1e-4, 2e-4)[: len(asked)]
    assert len(round_.metrics["phase_step"].values) >= 2


@pytest.mark.parametrize(("device", "last"), [("cpu", False), ("cuda", True)])
def test_a_profiler_of_a_device_comes_after_all_steps(run_round, monkeypatch, device, last):
    """It would slow down the steps that follow."""
    from tests.fakes.fake import PartedTrial

    made = []

    def profile(self, steps):
        made.append(self.steps)
        return {"optimizer": 1e-4}

    monkeypatch.setattr(PartedTrial, "profile", profile, raising=False)
    round_ = run_round("PartedTrial", protocol=APART, device=device)
    assert round_.status == "ok", round_.reason
    assert len(made) == 2
    assert (made[0] == made[1]) is last


def test_a_long_cycle_is_made_once(run_round, monkeypatch):
    monkeypatch.setattr(taking_apart, "LONGEST", 1e-3)
    assert len(run_round("PartedTrial", protocol=APART).metrics["phase_step"].values) == 1


def cycles(run_round, monkeypatch, first: float, second: float) -> int:
    """How many there are where the budget is spent at once and every step but that of the second cycle is alike."""
    from tests.fakes.fake import PartedTrial

    parts, count = PartedTrial.parts, iter(range(1000))

    def with_a_step(self):
        calls = taking_apart._calls(self.cost(), "cpu")  # within the first cycle

        def step():
            CLOCK.advance(second if next(count) == calls else first)

        return {"step": step, **parts(self)}

    monkeypatch.setattr(PartedTrial, "parts", with_a_step)
    monkeypatch.setattr(taking_apart, "BUDGET", 1e-3)
    return len(run_round("PartedTrial", protocol=APART).metrics["phase_step"].values)


@pytest.mark.parametrize(("second", "made"), [(0.101, 2), (0.13, 3), (0.07, 3)])
def test_two_steps_that_disagree_get_a_third(run_round, monkeypatch, second, made):
    assert cycles(run_round, monkeypatch, 0.1, second) == made


def test_two_steps_that_disagree_and_took_long_get_none(run_round, monkeypatch):
    monkeypatch.setattr(taking_apart, "AGAIN", 0.2)
    assert cycles(run_round, monkeypatch, 0.1, 0.13) == 2


def test_a_profiler_that_fails_loses_nothing_else(run_round, monkeypatch):
    from tests.fakes.fake import PartedTrial

    def profile(self, steps):
        raise ValueError("no such file")

    monkeypatch.setattr(PartedTrial, "profile", profile, raising=False)
    round_ = run_round("PartedTrial", protocol=APART)
    assert round_.status == "ok"
    assert round_.conditions["profile"] == "not profiled: ValueError: no such file"
    assert {"phase_step", "update_rate"} <= set(round_.metrics)
