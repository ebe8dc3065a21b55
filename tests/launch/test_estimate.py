"""Predictions of time and memory."""

from pathlib import Path as File

import msgspec
import pytest

from embbench.cases.case import Case
from embbench.cases.contender import Declaration
from embbench.cases.protocol import PRESETS, Protocol
from embbench.cases.update_path import Path
from embbench.contenders import Contender
from embbench.launch.estimate import Durations, round_seconds, step_seconds
from embbench.launch.preflight import FreeMemory, find_refusal, predicted_bytes
from embbench.workloads._footprint import footprint

ADAM = Path(semantic="dense", copies=4.0, passes=10.0)
TABLES = ("frozen", "trainable", "onehot")
DECLARED = Declaration(summary="s", devices=("cpu", "cuda"), tables=TABLES, updates={"default": {"adam": ADAM}})
BASE = int(DECLARED.base)


def test_passes_over_a_large_table_decide_the_step():
    small, large = Case(vocab=200_000), Case(vocab=20_000_000)
    grown = step_seconds(large, ADAM) - step_seconds(small, ADAM)
    assert grown == pytest.approx(10 * (large.table_bytes - small.table_bytes) / 10e9)
    assert step_seconds(small, msgspec.structs.replace(ADAM, passes=0.0)) < step_seconds(small, ADAM)
    assert step_seconds(msgspec.structs.replace(small, layers=3), ADAM) > step_seconds(small, ADAM)


def test_a_round_takes_its_start_and_budget_but_never_more_than_its_timeout():
    quick = PRESETS["quick"]
    assert round_seconds(Case(vocab=10), DECLARED, quick) > DECLARED.start + quick.budget
    assert round_seconds(Case(vocab=10**10), DECLARED, quick) == quick.timeout
    slow = msgspec.structs.replace(DECLARED, updates={"default": {"adam": msgspec.structs.replace(ADAM, start=90.0)}})
    later = round_seconds(Case(vocab=10), slow, quick) - round_seconds(Case(vocab=10), DECLARED, quick)
    assert later == pytest.approx(90.0 - DECLARED.start)


def test_what_is_asked_for_besides_takes_its_time():
    plain, apart, taught = Protocol(), Protocol(phases=True), Protocol(training=True)
    small, large = Case(vocab=10), Case(vocab=1_000_000)
    assert round_seconds(small, DECLARED, taught) > round_seconds(small, DECLARED, plain)
    few, many = (round_seconds(each, DECLARED, apart) - round_seconds(each, DECLARED, plain) for each in (small, large))
    assert many > few > 0


def test_durations_seen_replace_the_prediction_of_their_case():
    durations = Durations({"a": 10.0, "b": 100.0})
    assert durations.left({"a": 2, "b": 1}) == 120.0
    durations.saw("a", 1.0)
    durations.saw("a", 3.0)
    assert durations.left({"a": 2, "b": 1, "unknown": 5}) == 104.0


def test_rounds_of_cases_that_are_alike_predict_those_of_others():
    durations = Durations({"a": 10.0, "b": 100.0}, alike=True)
    assert durations.of("b") == 100.0
    for seconds in (1.0, 3.0, 8.0):
        durations.saw("a", seconds)
    assert (durations.of("a"), durations.of("b")) == (4.0, 3.0)


@pytest.fixture
def contender():
    return Contender("c", str(File("c.py")), "0", DECLARED)


def test_memory_is_that_of_where_the_table_lies(contender):
    case = Case(vocab=10_000_000)
    needed = predicted_bytes(case, DECLARED)
    assert needed == footprint(case, 4.0).total + BASE
    on_device = msgspec.structs.replace(case, device="cuda")
    assert find_refusal(case, contender, FreeMemory(lambda: needed, list)) is None
    assert find_refusal(case, contender, FreeMemory(lambda: needed - 1, list)).status == "skipped"
    assert find_refusal(case, contender, FreeMemory(lambda: needed - 1, list), force=True) is None
    assert find_refusal(on_device, contender, FreeMemory(lambda: 0, lambda: [needed, 1])) is None
    assert find_refusal(on_device, contender, FreeMemory(lambda: 0, lambda: [1, needed])).status == "skipped"
    assert find_refusal(on_device, contender, FreeMemory(lambda: 0, lambda: [None])) is None
    refused = find_refusal(on_device, contender, FreeMemory(lambda: 10**15, lambda: [needed - 1]))
    assert "GB of device memory, " in refused.reason
    nowhere = find_refusal(on_device, contender, FreeMemory(lambda: 10**15, list), force=True)
    assert nowhere.reason == "no CUDA device; `embbench doctor` shows why"


def test_one_hot_vectors_are_bounded_whatever_the_memory(contender):
    case = Case(table="onehot", vocab=200_000)
    roomy = FreeMemory(lambda: 10**15, list)
    assert find_refusal(case, contender, roomy) is None
    large = msgspec.structs.replace(case, vocab=2_000_000)
    verdict = find_refusal(large, contender, roomy)
    assert verdict.status == "skipped"
    assert "16.4 GB" in verdict.reason  # 2048 lookups × 2M rows × 4 bytes
    assert find_refusal(large, contender, roomy, force=True) is None
    assert step_seconds(large, ADAM) > 5 * step_seconds(case, ADAM)


def test_drawing_the_tokens_of_a_narrow_table_takes_more_than_the_table():
    narrow = Case(vocab=10_000_000, dim=1, hidden=1)
    assert predicted_bytes(narrow, DECLARED) == 3 * 8 * 10_000_000 + BASE
    on_device = msgspec.structs.replace(narrow, device="cuda")
    assert predicted_bytes(on_device, DECLARED) == footprint(narrow, 4.0).total + BASE


def test_a_heap_that_keeps_what_is_freed_may_hold_two_tables_more():
    case = Case(vocab=1_000_000, runtime="retained")
    plain = msgspec.structs.replace(case, runtime="system")
    assert predicted_bytes(case, DECLARED) == predicted_bytes(plain, DECLARED) + 2 * case.table_bytes
    rows = msgspec.structs.replace(DECLARED, updates={"default": {"adam": Path(semantic="lazy", copies=3.0)}})
    assert predicted_bytes(case, rows) == predicted_bytes(plain, rows), "no array as large as the table is made"
    frozen, known = (msgspec.structs.replace(each, table="frozen", update="none") for each in (case, plain))
    assert predicted_bytes(frozen, DECLARED) == predicted_bytes(known, DECLARED)


def test_a_runtime_that_cannot_be_had_is_unsupported(contender, monkeypatch):
    monkeypatch.setattr("embbench.launch.preflight.lacking", lambda runtime, device: f"{runtime} {device}")
    roomy = FreeMemory(lambda: 10**15, lambda: [10**15])
    refused = find_refusal(Case(runtime="retained", device="cuda"), contender, roomy, force=True)
    assert (refused.status, refused.reason) == ("unsupported", "retained cuda")
