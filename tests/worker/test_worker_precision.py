"""Tables in fewer bits: those that round as they declare are not accused, those that do not are found."""

import pytest

from embbench.cases.case import make_case
from embbench.workloads._footprint import footprint
from tests.worker.conftest import SMALL

HONEST = [
    ("bfloat16", "sgd"),
    ("bfloat16", "momentum"),
    ("bfloat16", "adagrad"),
    ("bfloat16", "adam"),
    ("bfloat16", "adamw"),
    ("bfloat16_master", "sgd"),
    ("bfloat16_master", "adam"),
    ("bfloat16_master", "adamw"),
    ("float16", "sgd"),
    ("float16", "adam"),
]


@pytest.mark.parametrize("trial", ["FakeTrial", "HalfTrial", "RateInTheType", "AddsFromBehind"])
@pytest.mark.parametrize(("update", "optimizer"), HONEST)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_honest_are_not_accused(run_round, trial, update, optimizer, seed):
    round_ = run_round(trial, update=update, optimizer=optimizer, seed=seed)
    assert (round_.status, round_.reason) == ("ok", None)
    assert round_.audit.max_error < 1e-4


def test_rowwise_in_float16(run_round):
    round_ = run_round(update="float16_rowwise", optimizer="adagrad")
    assert (round_.status, round_.reason) == ("ok", None)
    assert round_.audit.semantic == "rowwise fp16+states+gradients"


@pytest.mark.parametrize(
    ("trial", "update", "optimizer", "told"),
    [
        ("WideTable", "bfloat16", "sgd", "more bits than bfloat16"),
        ("WideTable", "float16", "adam", "more bits than float16"),
        ("WideButRead", "bfloat16", "sgd", "the oracle has"),
        ("WideButRead", "bfloat16", "adam", "the oracle has"),
        ("WideButRead", "float16", "sgd", "the oracle has"),
        ("NoMaster", "bfloat16_master", "sgd", "the oracle has"),
        ("NoMaster", "bfloat16_master", "adam", "the oracle has"),
        ("Truncates", "bfloat16", "adam", "the oracle has"),
        ("Truncates", "bfloat16", "sgd", "the oracle has"),
        ("Stochastic", "bfloat16", "adam", "the oracle has"),
        ("OffByTwoPercent", "bfloat16", "sgd", "the oracle has"),
        ("OffByTwoPercent", "bfloat16", "adagrad", "the oracle has"),
        ("OffByTwoPercent", "bfloat16", "adam", "the oracle has"),
        ("OffByTwoPercent", "bfloat16_master", "sgd", "the oracle has"),
        ("OffByTwoPercent", "bfloat16_master", "adam", "the oracle has"),
        ("OffByTwoPercent", "float16", "sgd", "the oracle has"),
        ("ForgetsARow", "bfloat16", "sgd", "the oracle has"),
        ("ForgetsARow", "bfloat16", "adam", "the oracle has"),
        ("ForgetsARow", "bfloat16_master", "adam", "the oracle has"),
        ("LastOccurrence", "bfloat16", "sgd", "the oracle has"),
        ("LastOccurrence", "bfloat16", "adam", "the oracle has"),
        ("WideStates", "bfloat16", "adam", "the oracle has"),
        ("WideStates", "bfloat16", "momentum", "the oracle has"),
        ("NarrowStates", "bfloat16_master", "adam", "the oracle has"),
        ("NarrowStates", "float16", "adam", "the oracle has"),
    ],
)
def test_who_does_not_round_as_declared_is_found(run_round, trial, update, optimizer, told):
    round_ = run_round(trial, update=update, optimizer=optimizer, dim=16, hidden=16)
    assert round_.status == "invalid"
    assert told in round_.reason


@pytest.mark.parametrize(
    ("update", "optimizer", "semantic", "copies"),
    [
        ("bfloat16", "adam", "dense bf16", 4),
        ("bfloat16_master", "adam", "dense bf16+master+states", 10),
        ("bfloat16_master", "sgd", "exact bf16+master", 6),
        ("float16", "adam", "lazy fp16+states", 5),
    ],
)
def test_the_class_and_the_bytes_are_those_of_the_stored_type(run_round, update, optimizer, semantic, copies):
    round_ = run_round(update=update, optimizer=optimizer)
    assert round_.audit.semantic == semantic
    rest = footprint(make_case(SMALL), 1)
    numbers = SMALL["vocab"] * SMALL["dim"]
    assert round_.metrics["theoretical_peak"].values == (copies * 2 * numbers + rest.model + rest.activations,)


def test_what_ran_tells_how_the_table_is_kept(run_round):
    told = "table bfloat16, float32 master copy, gradient bfloat16, optimizer state float32"
    assert run_round(update="bfloat16_master").ran["precision"] == told
    assert "precision" not in run_round().ran


@pytest.mark.parametrize("axes", [{"dtype": "float64"}, {"table": "hybrid"}])
def test_the_rest_is_float32_and_the_whole_table_trains(run_round, axes):
    round_ = run_round(update="bfloat16", **axes)
    assert round_.status == "unsupported"
    assert "keeps a table in bfloat16: it has --table trainable and --dtype float32 only" in round_.reason


def test_what_later_steps_of_few_bits_cannot_show_is_told(run_round):
    """A step of SGD may be too small for the last bit of every number of a row; one of Adam keeps its size."""
    told = [warning.text for warning in run_round(update="bfloat16", optimizer="sgd").warnings]
    assert any("whether later steps move rows" in text for text in told)
    assert not [each for each in run_round(update="bfloat16").warnings if each.code == "audit-in-part"]


@pytest.mark.parametrize("trial", ["NeverTrains", "StopsWhenTimed", "OneBatchWhenTimed", "MovesOtherRows"])
def test_liars_are_found_in_few_bits_too(run_round, trial):
    update = "float16" if trial == "MovesOtherRows" else "bfloat16"
    assert run_round(trial, update=update).status == "invalid"
