"""The whole round on the virtual clock: what it measures is what was scripted, and liars are found."""

import numpy as np
import pytest

from embbench.cases.case import make_case
from embbench.cases.metrics import METRICS
from embbench.cases.protocol import Protocol
from embbench.cases.sources import find_source
from embbench.workloads._footprint import footprint
from tests.fakes import fake
from tests.fakes.fake import FakeTrial
from tests.worker.conftest import SMALL

DEFAULT_BLOCKS = Protocol(budget=0.06, warmup=0.01)


def test_step_time_is_the_scripted_cost(run_round):
    round_ = run_round(protocol=DEFAULT_BLOCKS)
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
        ("StartsElsewhere", {}, "does not start with the values of `initial_rows`"),
        ("MovesOtherRows", {"update": "sparse"}, "moved and must not"),
        ("TrainsFrozen", {"table": "frozen"}, "row"),
        ("MasksPadding", {"optimizer": "sgd"}, "row 0"),
        ("NeverTrains", {}, "row"),
        ("NeverTrains", {"update": "sparse"}, "row"),
        ("StopsWhenTimed", {}, "stopped moving"),
        ("RestsWhenTimed", {"table": "frozen"}, "3 steps at once after"),
        ("OneBatchWhenTimed", {"update": "sparse"}, "timed program"),
        ("OneBatchWhenTimed", {"tokens": "same", "optimizer": "sgd"}, "batches moved none of the rows"),
        ("WrongRate", {"optimizer": "sgd"}, "the oracle has"),
        ("DenseCallsItselfLazy", {"update": "compact"}, "timed program, 3 steps at once"),
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


def test_arrays_as_large_as_the_table_are_counted_where_it_is_large(run_round, monkeypatch):
    assert "table_copies" not in run_round().metrics
    monkeypatch.setattr("embbench.worker.peaks.TELLING_TABLE", 1)
    monkeypatch.setattr("embbench.worker.peaks.resident_bytes", lambda: 1_000_000)
    theory = footprint(make_case({"contender": "fake", **SMALL}), 6)
    peak = 1_000_000 + theory.model + theory.activations + 4.1 * theory.table
    monkeypatch.setattr("embbench.worker.peaks.peak_bytes", lambda: peak)
    round_ = run_round()
    assert round_.metrics["table_copies"].values == pytest.approx([4.1])
    assert round_.ran["table-sized arrays"] == "4"


def test_the_base_has_no_trial_in_it_where_an_allocator_keeps_what_was_freed(run_round, monkeypatch):
    imported, held = 1_000_000, 2_000_000
    table = footprint(make_case({"contender": "fake", **SMALL}), 1).table
    for freed, seen, base in (
        (0.6, 1, held - int(0.6 * table)),
        (0.4, 1, imported),
        (0.4, table, held - int(0.4 * table)),
    ):
        answers = iter((imported, held, held - int(freed * table)))
        monkeypatch.setattr("embbench.worker.peaks.SEEN_TABLE", seen)
        for place in ("round", "peaks"):
            monkeypatch.setattr(f"embbench.worker.{place}.resident_bytes", lambda answers=answers: next(answers))
        assert run_round().metrics["host_base"].values == (base,)


def test_known_bad_versions_are_a_warning(run_round, monkeypatch, tmp_path):
    known = tmp_path / "packages.toml"
    known.write_text("""
        [[numpy.beware]]
        versions = ">=1"
        text = "it counts in base 12"
        [[numpy.beware]]
        versions = "<1"
        text = "old"
        [[numpy.beware]]
        versions = ""
        devices = ["cuda"]
        text = "elsewhere"
        [[numpy.beware]]
        versions = ""
        beside = { msgspec = ">0" }
        text = "not with msgspec"
        [[numpy.beware]]
        versions = ""
        beside = { msgspec = "<=0" }
        text = "not with a msgspec that is not here"
        [[numpy.beware]]
        versions = ""
        beside = { no-such-package = "" }
        text = "beside nothing"
        [[nothing.beware]]
        versions = ""
        text = "not here"
        [[msgspec.beware]]
        versions = ""
        text = "not used"
    """)
    monkeypatch.setattr("embbench.contenders.PACKAGES", known)
    monkeypatch.setattr(fake, "DECLARES", {**fake.DECLARES, "packages": ["none|numpy", "nothing"]})
    found = [warning for warning in run_round().warnings if warning.code == "known-bad-version"]
    texts = ["it counts in base 12", "not with msgspec"]
    assert [warning.text for warning in found] == [f"numpy {np.__version__}: {text}" for text in texts]


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
    round_ = run_round(protocol=DEFAULT_BLOCKS)
    assert round_.status == "ok", round_.reason
    assert round_.conditions["block_steps"] == 20
    assert round_.metrics["step_time"].values == pytest.approx([1e-3] * len(round_.metrics["step_time"].values))


def test_what_a_contender_says_of_itself_is_kept_as_text(run_round, monkeypatch):
    monkeypatch.setattr(FakeTrial, "describe", lambda trial: {"dtype": object, 3: None})
    assert run_round().ran == {"dtype": "<class 'object'>", "3": "None"}


def test_a_case_too_large_for_the_budget_still_gives_the_least_samples(run_round):
    round_ = run_round(protocol=Protocol(budget=1e-9, warmup=1e-9, block=1e-9, least_samples=4))
    assert len(round_.metrics["step_time"].values) == 4


def test_a_text_is_told_with_its_padding_and_how_it_was_cut(run_round, tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("one two\nภาษาไทย\n", encoding="utf-8")
    source = find_source(f"texts:{path}")
    round_ = run_round(tokens=source.stream, source=source)
    assert round_.status == "ok", round_.reason
    assert round_.conditions["source"] == str(path)
    assert "text-cut-badly" in {warning.code for warning in round_.warnings}
    (share,), (most,) = (round_.metrics[name].values for name in ("padding_share", "multiplicity"))
    assert 0 < share < 1
    assert most >= share * round_.case.rows_per_step
    assert "padding_share" not in run_round().metrics


def test_steps_are_counted_on_texts_too(run_round, tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("one two three\nfour five\n")
    source = find_source(f"texts:{path}")
    round_ = run_round(tokens=source.stream, source=source, protocol=Protocol(budget=0.06, warmup=0.01, training=True))
    assert round_.status == "ok", round_.reason


def test_steps_that_cost_less_than_others_in_the_window_are_told(run_round, monkeypatch):
    # these compare real waits with made-up seconds
    monkeypatch.setattr("embbench.worker.steady.warnings", lambda *told: ())
    cheap = {
        "never": lambda steps: False,
        "from a step on": lambda steps: steps > 150,
        "in stretches": lambda steps: steps // 120 % 2 == 1,
    }
    for name, is_cheap in cheap.items():
        monkeypatch.setattr(FakeTrial, "cost", lambda trial, cheap=is_cheap: 1e-4 if cheap(trial.steps) else 1e-3)
        round_ = run_round(protocol=Protocol(budget=0.5, warmup=0.01))
        assert ("cheap-steps" in {warning.code for warning in round_.warnings}) == (name != "never"), name
