"""A contender that only steps: timed, and shown as unproven."""

import pytest

from embbench.cases.protocol import Protocol
from embbench.store.round import Audit

ALL = Protocol(budget=0.06, warmup=0.01, phases=True, table_alone=True, training=True)


def test_it_is_timed_and_nothing_is_said_of_its_arithmetic(run_round):
    round_ = run_round("StepsOnlyTrial")
    assert (round_.status, round_.audit, round_.unproven) == ("ok", None, True)
    times = round_.metrics["step_time"].values
    assert times == pytest.approx([1e-3 + 500 * 1e-7] * len(times), rel=0.01)
    assert round_.metrics["host_peak"].values[0] > 0


def test_what_needs_more_than_steps_says_that_it_was_not_measured(run_round):
    round_ = run_round("StepsOnlyTrial", protocol=ALL)
    assert round_.status == "ok"
    told = round_.conditions
    assert told["phases"] == "this contender does not show the parts of its step"
    assert told["table_alone"] == "this contender cannot step its table alone"
    assert "shows no loss" in told["training"]


def test_what_shows_rows_and_loss_is_proven(run_round):
    round_ = run_round()
    assert isinstance(round_.audit, Audit)
    assert not round_.unproven


def test_what_hands_rows_and_loss_on_is_proven(run_round):
    """As programs do that wrap another one; `isinstance` of a protocol would not see it on every Python."""
    round_ = run_round("HandingOnTrial")
    assert (round_.status, round_.unproven) == ("ok", False)
    assert round_.audit.passed


def test_a_fence_that_drops_work_is_refused_although_no_rows_are_read(run_round):
    round_ = run_round("DroppingStepsTrial", protocol=Protocol(budget=0.06, warmup=0.01))  # blocks of many steps
    assert round_.status == "invalid"
    assert "the fence does not hold" in round_.reason
