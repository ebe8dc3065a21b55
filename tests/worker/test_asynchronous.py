"""A made-up GPU that works later: times, parts and peaks are those of its work, and fences that lie are found."""

import pytest

from embbench.cases.case import make_case
from embbench.cases.protocol import Protocol
from embbench.worker import parts as taking_apart
from embbench.workloads._footprint import footprint
from tests.fakes.asynchronous import DISPATCH, RESULT, STEP, TABLES, AsynchronousTrial
from tests.fakes.fake import FakeTrial
from tests.fakes.nvml import GB, H200
from tests.worker.conftest import SMALL

ON_DEVICE = {"device": "cuda"}
PARTS = {"lookup": 1e-5, "network": 8e-4, "gradients": 9e-4, "update_table": 5e-5, "update_rest": 1e-4}
APART = Protocol(budget=0.06, warmup=0.01, block=0.0025, phases=True)


@pytest.fixture(autouse=True)
def gpu(made_up_gpus):
    made_up_gpus({**H200, "processes": f"SELF:{3 * GB}"})


def test_a_step_takes_the_time_of_the_device_and_not_of_the_host(run_round):
    round_ = run_round("AsynchronousTrial", **ON_DEVICE)
    assert round_.status == "ok", round_.reason
    assert round_.audit.passed
    samples = round_.metrics["step_time"].values
    assert samples == pytest.approx([STEP] * len(samples), rel=1e-3)
    assert round_.metrics["build_time"].values == pytest.approx([0.5], rel=1e-3)
    assert round_.metrics["first_step_time"].values == pytest.approx([STEP + DISPATCH], rel=1e-4)
    assert "kernel_time" not in round_.metrics  # it would be that of a waiting CPU


def test_where_the_host_is_slower_its_time_counts(run_round, monkeypatch):
    monkeypatch.setattr("tests.fakes.asynchronous.DISPATCH", 2 * STEP)
    run = run_round("AsynchronousTrial", **ON_DEVICE)
    samples = run.metrics["step_time"].values
    # The last step of a block is waited for, and the host goes on no earlier.
    steps = run.conditions["block_steps"]
    assert max(samples) == pytest.approx(2 * STEP + STEP / steps, rel=1e-3)


@pytest.mark.parametrize(
    ("trial", "told"),
    [
        ("WaitsForNothing", "the fence does not wait"),
        ("WaitsForAllButTheLast", "the fence does not wait"),
        ("WaitsForAnotherQueue", "the fence does not wait"),
        ("GivesUp", "the fence does not hold"),
        ("GivesUpBeforeTheEnd", "the fence does not wait"),
    ],
)
def test_a_fence_that_does_not_wait_for_the_device_is_found(run_round, trial, told):
    round_ = run_round(trial, **ON_DEVICE)
    assert round_.status == "invalid"
    assert told in round_.reason


def test_peaks_are_read_behind_the_fence_and_held_against_the_arithmetic(run_round, monkeypatch):
    trials = []
    built = AsynchronousTrial.__init__
    monkeypatch.setattr(AsynchronousTrial, "__init__", lambda self, *told: (trials.append(self), built(self, *told))[1])
    monkeypatch.setattr("embbench.worker.peaks.TELLING_TABLE", 1)
    round_ = run_round("AsynchronousTrial", **ON_DEVICE)
    assert trials[0].device.asked_early == 0
    case = make_case({"contender": "fake", **SMALL, **ON_DEVICE})
    found = {name: each.values[0] for name, each in round_.metrics.items()}
    assert found["device_build_peak"] == TABLES["build"] * case.table_bytes
    assert found["device_step_peak"] == TABLES["step"] * case.table_bytes + RESULT
    assert found["device_process"] == 3 * GB
    theory = footprint(case, 6)
    assert found["theoretical_peak"] == theory.total
    assert found["peak_ratio"] == pytest.approx(found["device_step_peak"] / theory.total)
    expected = (found["device_step_peak"] - theory.model - theory.activations) / case.table_bytes
    assert found["table_copies"] == pytest.approx(expected)


def test_a_peak_that_the_allocator_does_not_know_is_absent_and_its_ratio_too(run_round, monkeypatch):
    monkeypatch.setattr(AsynchronousTrial, "memory", FakeTrial.memory)
    round_ = run_round("AsynchronousTrial", **ON_DEVICE)
    assert round_.status == "ok", round_.reason
    assert not {"device_build_peak", "device_step_peak", "device_process", "peak_ratio"} & round_.metrics.keys()


def test_a_process_that_nvml_does_not_list_has_the_reason_and_no_number(run_round, made_up_gpus):
    made_up_gpus({**H200, "processes": ""})
    round_ = run_round("AsynchronousTrial", **ON_DEVICE)
    assert "device_process" not in round_.metrics
    assert round_.conditions["device_process"] == "NVML does not list this process (0 others listed)"


def test_parts_take_the_time_of_the_device_too(run_round):
    round_ = run_round("AsynchronousTrial", protocol=APART, **ON_DEVICE)
    assert round_.status == "ok", round_.reason
    for name, seconds in {"step": STEP, **PARTS}.items():
        values = round_.metrics[f"phase_{name}"].values
        assert values == pytest.approx([max(seconds, DISPATCH)] * len(values), rel=0.05)
    assert "update_rate" not in round_.metrics  # the rate of the host's memory
    assert round_.metrics["device_step_peak"].values[0] < 9 * 500 * 32  # parts come after the peak


def test_a_profiler_starts_when_the_device_is_idle(run_round, monkeypatch):
    busy = []

    def profile(self, steps):
        busy.append(self.device.busy)
        return {"optimizer": 1e-4}

    monkeypatch.setattr(AsynchronousTrial, "profile", profile, raising=False)
    round_ = run_round("AsynchronousTrial", protocol=APART, **ON_DEVICE)
    assert busy == [False] * taking_apart.CYCLES[0]
    assert round_.metrics["profiled_optimizer"].values == (1e-4, 1e-4)
