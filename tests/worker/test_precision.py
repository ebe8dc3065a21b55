"""Tables in fewer bits: those that round as they declare are not accused, those that do not are found."""

import pytest

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
        ("WideStates", "bfloat16", "adagrad", "the oracle has"),
        ("WideStates", "bfloat16", "momentum", "the oracle has"),
        ("NarrowStates", "bfloat16_master", "adam", "the oracle has"),
        ("NarrowStates", "float16", "adam", "the oracle has"),
    ],
)
def test_who_does_not_round_as_declared_is_found(run_round, trial, update, optimizer, told):
    round_ = run_round(trial, update=update, optimizer=optimizer)
    assert round_.status == "invalid"
    assert told in round_.reason
