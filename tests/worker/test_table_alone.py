"""The table's part of a step by itself: timed on the virtual clock, and held to the oracle."""

import pytest

from embbench.cases.case import make_case
from embbench.cases.protocol import Protocol
from embbench.store.exchange import MachineState, Request
from embbench.worker import table_alone, table_passes
from embbench.worker.recorder import Recorder
from embbench.worker.round import do_round
from tests.fakes import tabled
from tests.fakes.clock import CLOCK
from tests.fakes.kit import Scripted
from tests.fakes.tabled import COSTS, ONE_TOKEN, OPERATIONS
from tests.worker.conftest import SMALL

ALONE = Protocol(budget=0.06, warmup=0.01, block=0.0025, table_alone=True)
LAZY = {"update": "compact", "optimizer": "adam"}


class RowsKit(Scripted):
    def rows(self, size, row, count):
        return {"gather": self._program(count * row), "scatter": self._program(2 * count * row)}


@pytest.fixture(autouse=True)
def scripted_memory(monkeypatch):
    monkeypatch.setattr(table_alone, "make_kit", lambda device, threads, huge: RowsKit(CLOCK))
    monkeypatch.setattr(table_alone, "cache_sizes", lambda: {"L1": 32 << 10, "L2": 1 << 27})


def table_metrics(round_):
    return {name: each.values for name, each in round_.metrics.items() if name.startswith(("table_", "displaced_"))}


def test_each_part_is_timed_steady_and_behind_other_bytes(run_round):
    round_ = run_round("TabledTrial", protocol=ALONE, **LAZY)
    assert round_.status == "ok", round_.reason
    found = table_metrics(round_)
    for name, seconds in {**COSTS, "time": sum(COSTS.values())}.items():
        assert found[f"table_{name}"] == pytest.approx([seconds] * len(found[f"table_{name}"]), rel=0.01)
        assert found[f"displaced_{name}"] == pytest.approx([seconds] * len(found[f"displaced_{name}"]), rel=0.01)
    assert len(found["table_time"]) >= table_passes.LEAST
    for name in ("table_start", "displaced_start"):
        assert found[name] == pytest.approx([ONE_TOKEN * sum(COSTS.values())] * len(found[name]), rel=0.01)
    for name, seconds in OPERATIONS.items():
        assert found[f"table_{name}"] == pytest.approx([seconds] * len(found[f"table_{name}"]), rel=0.01)
    assert round_.conditions["displaced_bytes"] == int(1.25 * (1 << 27))


def test_a_sample_lasts_its_block(run_round, monkeypatch):
    """Passes of 0.8 ms: six a sample of 5 ms, one of 0.9."""
    monkeypatch.setattr(table_passes, "MOST", 4)
    made = passes(run_round, monkeypatch, "TabledTrial")
    monkeypatch.setattr(table_passes, "BLOCK", 0.9e-3)
    assert made - passes(run_round, monkeypatch, "TabledTrial") == 4 * (6 - 1)


def passes(run_round, monkeypatch, trial):
    """How many lookups there are in a round."""
    return trials(run_round, monkeypatch, trial).done.count("lookup")


def trials(run_round, monkeypatch, trial):
    """The trial of a round, when it is over."""
    kind, made = getattr(tabled, trial), []
    built = kind.table_alone

    def table_alone_of(self):
        made.append(self)
        return built(self)

    monkeypatch.setattr(kind, "table_alone", table_alone_of)
    run_round(trial, protocol=ALONE, **LAZY)
    monkeypatch.setattr(kind, "table_alone", built)
    return made[0]


def test_other_bytes_go_through_the_caches_before_a_lookup_and_before_a_gradient(run_round, monkeypatch):
    """And the threads are woken behind that."""
    monkeypatch.setattr(table_passes, "MOST_DISPLACED", 3)
    monkeypatch.setattr(table_passes, "DISPLACED", 2.0)  # seconds; to displace takes a third of one a pass here
    monkeypatch.setattr(table_alone, "FEW", 1)
    streams = RowsKit.streams

    def noting(self, size):
        made = streams(self, size)
        run = made["update"].run
        return made | {"update": made["update"]._replace(run=lambda times: (seen.append("displace"), run(times)))}

    seen: list[str] = []
    monkeypatch.setattr(RowsKit, "streams", noting)
    monkeypatch.setattr(tabled.TabledTrial, "look_up", noted(seen, "lookup", tabled.TabledTrial.look_up))
    monkeypatch.setattr(tabled.TabledTrial, "update", noted(seen, "update", tabled.TabledTrial.update))
    monkeypatch.setattr(tabled.TabledTrial, "find_gradient", noted(seen, "gradient", tabled.TabledTrial.find_gradient))
    run_round("TabledTrial", protocol=ALONE, **LAZY)
    first = seen.index("displace")
    assert seen[first : first + 15] == ["displace", "lookup", "displace", "gradient", "update"] * 3
    assert seen.count("displace") == 6 + 2 * table_passes.LEAST  # the last ones in passes of one token


def noted(seen, name, run):
    return lambda self, *told: (seen.append(name), run(self, *told))[1]


def test_threads_are_woken_behind_other_bytes_and_nowhere_else(run_round, monkeypatch):
    monkeypatch.setattr(table_passes, "MOST_DISPLACED", 3)
    monkeypatch.setattr(table_passes, "DISPLACED", 2.0)  # seconds; to displace takes a third of one a pass here
    done = trials(run_round, monkeypatch, "TabledTrial").done
    first = done.index("wake")
    assert done[first : first + 15] == ["wake", "lookup", "wake", "gradient", "update"] * 3
    assert done.count("wake") == 6


def test_passes_of_seconds_are_few(run_round, monkeypatch):
    monkeypatch.setitem(COSTS, "update", 3.0)
    done = trials(run_round, monkeypatch, "TabledTrial").done
    assert done.count("lookup") == 1 + table_passes.LEAST + table_passes.LEAST + 3  # warm, steady, displaced, audit


def test_a_frozen_table_is_looked_up_only(run_round):
    found = table_metrics(run_round("TabledTrial", protocol=ALONE, table="frozen"))
    steady = {"table_time", "table_lookup", "table_start"}
    assert set(found) == {*steady, "displaced_time", "displaced_lookup", "displaced_start"}
    assert found["table_time"] == found["table_lookup"]


def test_a_backward_that_updates_is_gradient_and_update_in_one(run_round):
    round_ = run_round("WholeBackwardTrial", protocol=ALONE, **LAZY)
    assert round_.status == "ok", round_.reason
    found = table_metrics(round_)
    assert "table_update" not in found
    assert found["table_time"] == pytest.approx(
        [COSTS["lookup"] + COSTS["update"]] * len(found["table_time"]), rel=0.01
    )


def test_nothing_is_stepped_by_itself_unasked(run_round):
    assert not table_metrics(run_round("TabledTrial", **LAZY))


def test_a_trial_without_it_is_measured_all_the_same_and_says_so(run_round):
    round_ = run_round(protocol=ALONE)
    assert round_.status == "ok"
    assert not table_metrics(round_)
    assert round_.conditions["table_alone"] == "this contender cannot step its table alone"


def test_what_runs_out_of_memory_leaves_the_step_as_measured(run_round, monkeypatch):
    def fail(size):
        raise MemoryError("no room")

    monkeypatch.setattr(RowsKit, "streams", lambda self, size: fail(size))
    round_ = run_round("TabledTrial", protocol=ALONE, **LAZY)
    assert round_.status == "ok"
    assert "MemoryError" in round_.conditions["table_alone"]
    assert "step_time" in round_.metrics
    assert not table_metrics(round_)


def test_a_trial_that_does_not_show_its_state_has_no_numbers(run_round):
    """Nobody could hold them to the oracle."""
    round_ = run_round("ClosedTableTrial", protocol=ALONE, **LAZY)
    assert round_.status == "ok"
    assert not table_metrics(round_)
    assert "does not show its state" in round_.conditions["table_alone"]


@pytest.mark.parametrize("axes", [LAZY, {"update": "default", "optimizer": "adam"}, {"optimizer": "sgd"}], ids=str)
@pytest.mark.parametrize(
    ("trial", "told"),
    [
        ("IdleTableTrial", "the table stepped alone"),
        ("EveryOtherPassTrial", "the table stepped alone"),
        ("HalfGradientTrial", "the table stepped alone, 2 passes at once: row"),
        ("OtherRowsTrial", "the looked-up rows are not the rows of the table"),
        ("LateLookupTrial", "the looked-up rows are not the rows of the table"),
        ("IdleTokenTrial", "the table stepped alone"),
        ("SortedOnlyTrial", "its distinct ids are not the distinct ids of the batch"),
        ("UnsummedTrial", "its gradients summed by id are not the sums of the batch"),
    ],
)
def test_what_is_left_out_of_it_is_found(run_round, trial, told, axes):
    round_ = run_round(trial, protocol=ALONE, **axes)
    assert round_.status == "invalid"
    assert told in round_.audit.difference


@pytest.mark.parametrize("trial", ["OtherRowsTrial", "LateLookupTrial"])
def test_of_a_frozen_table_too(run_round, trial):
    round_ = run_round(trial, protocol=ALONE, table="frozen")
    assert "the looked-up rows are not the rows of the table" in round_.audit.difference


@pytest.mark.parametrize("axes", [LAZY, {"update": "default", "optimizer": "adamw"}, {"table": "frozen"}], ids=str)
def test_what_is_whole_passes(run_round, axes):
    round_ = run_round("TabledTrial", protocol=ALONE, **axes)
    assert (round_.status, round_.audit.difference) == ("ok", None)


def test_the_state_of_the_machine_is_looked_at_before_between_and_behind(contender_file):
    latencies = iter(range(1, 1000))
    case = make_case({**SMALL, **LAZY})
    path = str(contender_file("TabledTrial"))
    request = Request(run="r", suite="s", case=case, round=0, protocol=ALONE, contender=path)
    recorder = Recorder(request, lambda phase: None, CLOCK, ask=lambda: MachineState((next(latencies),)))
    told = do_round(recorder).conditions
    assert told["table_core_latency"]["samples"] == [0, 1, 2]
    last = told["core_latency"]["ns"][-1][0]
    assert told["table_core_latency"]["ns"] == [[last + 1], [last + 2], [last + 3]]


def test_what_the_machine_counts_is_told_by_touched_row(run_round, monkeypatch):
    monkeypatch.setattr(table_alone, "counted", lambda run: (run(), {"cache_misses": 640.0, "tlb_misses": 64.0})[1])
    round_ = run_round("TabledTrial", protocol=ALONE, **LAZY)
    rows = round_.metrics["unique_rows"].values[0]
    assert round_.metrics["cache_misses_per_row"].values == (640 / table_alone.COUNTED / rows,)
    assert round_.metrics["tlb_misses_per_row"].values == (64 / table_alone.COUNTED / rows,)


def test_a_machine_that_does_not_count_says_why(run_round, monkeypatch):
    monkeypatch.setattr(table_alone, "counted", lambda run: "events are not counted here: no counters")
    round_ = run_round("TabledTrial", protocol=ALONE, **LAZY)
    assert round_.conditions["counters"] == "events are not counted here: no counters"
    assert "cache_misses_per_row" not in round_.metrics
