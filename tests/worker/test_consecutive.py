"""Steps behind the window: what leaves work out there is found, and what does not is not accused."""

import pytest

from embbench.worker.consecutive import Consecutive
from tests.fakes import idlers


def left_out(round_):
    return " ".join(warning.text for warning in round_.warnings if warning.code == "audit-in-part")


@pytest.mark.parametrize(
    ("trial", "axes", "told"),
    [
        ("EveryOther", {}, "updates"),
        ("EveryOther", {"optimizer": "sgd"}, "timed program"),
        ("EveryOther", {"table": "frozen"}, "timed program, 3 steps at once"),
        ("EveryOtherAtOnce", {}, "timed program, 3 steps at once"),
        ("EveryOtherAtOnce", {"optimizer": "momentum"}, "timed program, 3 steps at once"),
        ("EveryOtherAtOnce", {"update": "sparse"}, "timed program, 3 steps at once"),
        ("EveryOtherAtOnce", {"optimizer": "sgd"}, "timed program, 3 steps at once"),
        ("ForgetsWeights", {"optimizer": "sgd"}, "timed program, 3 steps at once"),
        ("ForgetsLastWeights", {"optimizer": "sgd"}, "; it should have moved by"),
        ("ClampsLast", {"optimizer": "sgd"}, "timed program, first step"),
        ("ClampsLast", {"table": "frozen"}, "loss"),
        ("CutsLongRows", {}, "timed program, steps after"),
        ("CountsByRow", {"update": "compact"}, "row"),
        ("DecaysAll", {"update": "compact"}, None),
        ("DecaysNone", {"update": "compact", "optimizer": "adamw"}, "row"),
        ("KeepsBfloat16", {}, "the table may be stored in bfloat16"),
        ("ReturnsFloat64", {}, "`read_rows` returned float64"),
        ("HidesState", {}, "timed program, 3 steps at once"),
    ],
)
def test_a_liar_is_found(run_round, trial, axes, told):
    round_ = run_round(trial, **axes)
    if told is None:  # Adam decays nothing: there is nothing to be found
        assert round_.status == "ok", round_.reason
    else:
        assert round_.status == "invalid"
        assert told in round_.reason


CASES = [
    {"table": "frozen"},
    {"table": "hybrid"},
    {"table": "hybrid", "vocab": 10_500},
    {"optimizer": "sgd"},
    {"optimizer": "momentum"},
    {"optimizer": "adagrad"},
    {"optimizer": "adam"},
    {"optimizer": "adamw"},
    {"update": "sparse"},
    {"update": "compact", "optimizer": "adamw"},
    {"update": "rowwise", "optimizer": "adagrad"},
    {"tokens": "same"},
    {"batch": 16, "seq": 8, "vocab": 100},
]


@pytest.mark.parametrize("axes", CASES, ids=str)
def test_what_shows_no_state_is_not_accused_and_says_so(run_round, axes):
    round_ = run_round("ClosedTrial", **axes)
    assert (round_.status, round_.reason) == ("ok", None)
    assert "give it the method `inspect`" in left_out(round_)


@pytest.mark.parametrize("axes", CASES, ids=str)
def test_what_shows_its_state_is_audited_whole(run_round, axes):
    round_ = run_round(**axes)
    assert (round_.status, round_.reason) == ("ok", None)
    assert left_out(round_) == ""


@pytest.mark.parametrize(
    ("trial", "axes"),
    [
        ("EveryOther", {}),
        ("EveryOther", {"optimizer": "sgd"}),
        ("EveryOther", {"update": "sparse"}),
        ("EveryOtherAtOnce", {}),
        ("EveryOtherAtOnce", {"optimizer": "momentum"}),
        ("EveryOtherAtOnce", {"optimizer": "sgd"}),
        ("EveryOtherAtOnce", {"update": "sparse"}),
    ],
)
def test_steps_left_out_are_found_without_state_too(run_round, monkeypatch, trial, axes):
    monkeypatch.setattr(getattr(idlers, trial), "inspect", None)
    round_ = run_round(trial, **axes)
    assert round_.status == "invalid"
    assert "timed program" in round_.reason


def test_what_is_too_large_for_the_oracle_says_so(run_round, monkeypatch):
    monkeypatch.setattr("embbench.worker.consecutive.MOST_ORACLE_WORK", 1.0)
    round_ = run_round()
    assert round_.status == "ok", round_.reason
    assert "consecutive steps (the case is too large for the oracle)" in left_out(round_)


@pytest.mark.parametrize("axes", CASES, ids=str)
def test_what_has_learnt_its_batches_is_held_to_the_oracle_on_other_rows(run_round, monkeypatch, axes):
    monkeypatch.setattr("embbench.worker.consecutive.LEARNT", float("inf"))
    round_ = run_round(**axes)
    assert (round_.status, round_.reason) == ("ok", None)
    assert left_out(round_) == ""


def test_steps_left_out_are_found_on_other_rows_too(run_round, monkeypatch):
    monkeypatch.setattr("embbench.worker.consecutive.LEARNT", float("inf"))
    assert "timed program, 3 steps at once" in run_round("EveryOtherAtOnce", optimizer="sgd").reason


@pytest.fixture
def made(monkeypatch):
    """The blocks that are held to the oracle."""
    made = []
    hold = Consecutive._hold
    monkeypatch.setattr(Consecutive, "_hold", lambda self, trial, steps, blocks, when: (
        made.append(list(blocks)), hold(self, trial, steps, blocks, when))[1])  # fmt: skip
    return made


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adagrad"])
def test_many_steps_are_made_at_once_in_small(run_round, made, optimizer):
    assert run_round(optimizer=optimizer).status == "ok"
    assert made == [[3], [16], [1, 1, 1]]


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_many_steps_are_not_made_at_once_where_a_count_shows_them(run_round, made, optimizer):
    assert run_round(optimizer=optimizer).status == "ok"
    assert made == [[3], [1, 1, 1]]


def test_steps_that_take_the_oracle_long_are_not_made_many_at_once(run_round, made, monkeypatch):
    monkeypatch.setattr("embbench.worker.consecutive.SMALL_WORK", 1.0)
    assert run_round(optimizer="sgd").status == "ok"
    assert made == [[3], [1, 1, 1]]


def test_long_steps_are_made_at_once_only(run_round, made, monkeypatch):
    monkeypatch.setattr("tests.fakes.fake.FakeTrial.cost", lambda trial: 1.5)
    assert run_round().status == "ok"
    assert made == [[3]]
