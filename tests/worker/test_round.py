"""The whole round on the virtual clock: what it measures is what was scripted, and liars are found."""

import pytest

from embbench.spec.metrics import METRICS
from embbench.spec.protocol import Protocol
from tests.fakes.fake import FakeTrial


def test_step_time_is_the_scripted_cost(run_round):
    round_ = run_round()
    assert round_.status == "ok", round_.reason
    assert round_.metrics["step_time"].values == pytest.approx(
        [1e-3 + 500 * 1e-7] * len(round_.metrics["step_time"].values)
    )
    assert round_.metrics["build_time"].values == pytest.approx([0.5], rel=1e-6)


def test_every_metric_is_defined_and_none_is_zero_filled(run_round):
    metrics = run_round().metrics
    assert metrics.keys() <= METRICS.keys()
    assert not [name for name in metrics if name.startswith("device")]


@pytest.mark.parametrize(
    ("trial", "axes", "told"),
    [
        ("MovesOtherRows", {"update": "sparse"}, "moved and must not"),
        ("TrainsFrozen", {"table": "frozen"}, "row"),
        ("NeverTrains", {}, "row"),
        ("NeverTrains", {"update": "sparse"}, "row"),
        ("StopsWhenTimed", {}, "stopped moving"),
        ("RestsWhenTimed", {"table": "frozen"}, "one step more: the loss is"),
        ("OneBatchWhenTimed", {"update": "sparse"}, "timed program"),
        ("OneBatchWhenTimed", {"tokens": "same", "optimizer": "sgd"}, "of its batch did not move"),
        ("WrongRate", {"optimizer": "sgd"}, "the oracle has"),
        ("DenseCallsItselfLazy", {"update": "compact"}, "row"),
        ("NoFence", {}, "the fence does not wait"),
        ("OnlyTheLast", {}, "the fence does not hold"),
    ],
)
def test_a_liar_is_invalid_with_the_first_difference(run_round, trial, axes, told):
    round_ = run_round(trial, **axes)
    assert round_.status == "invalid"
    assert told in round_.reason


@pytest.mark.parametrize(
    "axes",
    [
        {"table": "frozen"},
        {"table": "hybrid"},
        {"table": "hybrid", "update": "compact"},
        {"optimizer": "sgd"},
        {"optimizer": "momentum"},
        {"optimizer": "adamw"},
        {"update": "sparse"},
        {"update": "compact"},
        {"update": "rowwise", "optimizer": "adagrad"},
        {"tokens": "same"},
        {"layers": 2},
        {"dtype": "float64"},
    ],
    ids=str,
)
def test_the_honest_are_not_accused(run_round, axes):
    round_ = run_round(**axes)
    assert (round_.status, round_.reason) == ("ok", None)
    assert round_.audit.checks > 15


def test_what_is_not_written_is_unsupported_with_its_reason(run_round):
    round_ = run_round(update="sparse", optimizer="adamw")
    assert (round_.status, round_.reason) == ("unsupported", "nobody wrote it")
    assert not round_.metrics


def test_a_step_that_outlasts_the_warm_up_is_a_sample(run_round, monkeypatch):
    monkeypatch.setattr(FakeTrial, "cost", lambda trial: 5.0)
    round_ = run_round()
    assert round_.status == "ok", round_.reason
    assert round_.conditions["warmup"]["steps"] == 1
    assert round_.conditions["steps"] == 2
    assert round_.metrics["step_time"].values == pytest.approx([5.0, 5.0])


def test_a_slow_first_step_does_not_size_the_blocks(run_round, monkeypatch):
    """As where it compiles: 30 s once, then a millisecond."""
    monkeypatch.setattr(FakeTrial, "cost", lambda trial: 30.0 if trial.steps == 1 else 1e-3)
    round_ = run_round()
    assert round_.status == "ok", round_.reason
    assert round_.conditions["block_steps"] == 20
    assert round_.metrics["step_time"].values == pytest.approx([1e-3] * len(round_.metrics["step_time"].values))


def test_what_a_contender_says_of_itself_is_kept_as_text(run_round, monkeypatch):
    monkeypatch.setattr(FakeTrial, "describe", lambda trial: {"dtype": object, 3: None})
    assert run_round().ran == {"dtype": "<class 'object'>", "3": "None"}


def test_a_case_too_large_for_the_budget_still_gives_the_least_samples(run_round):
    round_ = run_round(protocol=Protocol(budget=1e-9, warmup=1e-9, block=1e-9, least_samples=4))
    assert len(round_.metrics["step_time"].values) == 4
