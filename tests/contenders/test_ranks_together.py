"""Real frameworks in two processes: every step is held to the oracle over the whole batch, and lies are caught."""

import subprocess
import sys
from pathlib import Path

import pytest

from embbench.cases.case import make_case
from embbench.cases.protocol import PRESETS
from embbench.contenders import discover, missing_packages
from embbench.launch.executor import ProcessExecutor
from embbench.launch.origin import find_origin
from embbench.launch.preflight import how_to_install
from embbench.launch.requests import make_request
from embbench.lies import plants

REPLICATED = Path(__file__).parent / "replicated_ids.py"
# 4001 rows: the parts of two ranks are unequal, or padded.
SMALL = {"vocab": 4001, "dim": 16, "hidden": 8, "batch": 8, "seq": 8, "tokens": "zipf:1", "threads": 2, "ranks": 2}
WAYS = [
    ("ddp", "default", "adam", "dense"),
    ("ddp", "sparse", "adam", "lazy"),
    ("dtensor", "default", "momentum", "dense"),
    ("dtensor", "fused", "adam", "dense"),
    ("fsdp2", "default", "adagrad", "exact"),
    ("jax_sharded", "default", "adam", "dense"),
    ("jax_sharded", "sparse", "momentum", "lazy"),
    ("jax_devices", "default", "adamw", "dense"),
    ("jax_devices", "sparse", "adam", "lazy"),
    ("torchrec", "default", "adagrad", "exact"),
    ("torchrec", "rowwise", "adagrad", "rowwise"),
    ("torchrec", "by_columns", "adagrad", "exact"),
    ("torchrec", "by_columns_rowwise", "adagrad", "rowwise-parts"),
    ("torchrec", "on_one_rank", "sgd", "exact"),
]
KNOWN = discover([str(REPLICATED)])


def measure(name, planted="", **axes):
    contender = KNOWN[name]
    if missing := missing_packages(contender):
        pytest.skip(how_to_install(missing))
    case = make_case({**SMALL, "contender": name, **axes})
    request = make_request("r", "s", case, 0, PRESETS["quick"], contender, planted=planted)
    return ProcessExecutor(find_origin(KNOWN)).execute(request, 300.0, lambda phase: None)


@pytest.mark.parametrize(("name", "update", "optimizer", "semantic"), WAYS, ids=lambda value: value)
def test_two_ranks_train_as_the_oracle_does_over_the_whole_batch(name, update, optimizer, semantic):
    round_ = measure(name, update=update, optimizer=optimizer)
    assert (round_.status, round_.reason) == ("ok", None)
    assert (round_.audit.passed, round_.audit.semantic) == (True, semantic)
    assert len(round_.conditions.get("ranks", [])) == (0 if KNOWN[name].declaration.one_process else 2)
    assert not [each.text for each in round_.warnings if each.code == "audit-in-part"]


@pytest.mark.parametrize("name", ["dtensor", "torchrec"])
def test_a_table_without_a_row_for_each_rank_is_refused(name):
    round_ = measure(name, update="default", optimizer="adagrad", vocab=1)
    assert round_.status == "unsupported"
    assert round_.reason == "vocab=1: not each of 2 ranks would have a row; give more --vocab"


ENQUEUE = """
from embbench.cases.case import Case
from embbench.contenders.jax_devices import prepare
from embbench.workloads import draw_tokens
case = Case(contender="jax_devices", vocab=1_000_000, dim=16, hidden=16, batch=64, seq=8, ranks=2, threads=1)
trial = prepare(case, draw_tokens(case, 64, None))
for _ in range(60):
    trial.step()
trial.sync()
"""


def test_devices_of_a_process_that_is_steps_ahead_have_threads_enough():
    """XLA aborts a process whose devices wait for each other for 40 s."""
    asked = subprocess.run([sys.executable, "-c", ENQUEUE], check=False, capture_output=True, text=True)
    assert asked.returncode == 0, asked.stderr


def test_the_bytes_that_replicas_send_are_those_of_arithmetic():
    round_ = measure("ddp", update="default", optimizer="sgd", vocab=40_000)
    (theory,) = round_.metrics["theoretical_sent"].values
    for name in ("sent_bytes", "received_bytes"):
        assert round_.metrics[name].values == pytest.approx((theory,), rel=0.02)


def test_frequent_words_lie_in_one_rank_unless_their_ids_are_shuffled():
    shares = [
        measure("dtensor", update="fused", optimizer="adam", vocab=20_000, tokens=tokens).metrics["lookup_share"]
        for tokens in ("words", "words:shuffled")
    ]
    ranked, shuffled = (each.values[0] for each in shares)
    assert ranked > 0.9
    assert 0.5 <= shuffled < 0.65


@pytest.mark.parametrize(
    ("name", "planted"),
    [(name, planted) for planted in plants() for name in plants()[planted].only if "ranks" in plants()[planted].axes],
)
def test_lies_of_ranks_are_caught(name, planted):
    update = "default"
    round_ = measure(name, planted, update=update, optimizer="sgd")
    assert round_.status == "invalid"


def test_ids_that_differ_under_replicate_are_caught():
    round_ = measure("replicated_ids", update="default", optimizer="sgd")
    assert round_.status == "invalid", round_.reason
