"""What a made-up GPU tells during the timed window: clocks, reasons for lower clocks, other programs."""

import os

import pytest

from embbench.worker.device_warnings import device_warnings
from tests.fakes.fake import FakeTrial
from tests.fakes.nvml import A100, H200, SLICE

IDLE, APPLICATIONS, POWER_CAP, SLOWDOWN, SYNC, HOT, HOT_BY_ITSELF, BRAKE, DISPLAY = (1 << place for place in range(9))
ON_DEVICE = {"device": "cuda", "vocab": 100}


@pytest.fixture(autouse=True)
def few_steps(monkeypatch):
    """A block has three: the time of this test is that of the oracle."""
    monkeypatch.setattr(FakeTrial, "cost", lambda trial: 0.1)


def codes(round_) -> list[str]:
    return [
        warning.code for warning in round_.warnings if warning.code in ("throttled", "clocks-set", "gpu-contention")
    ]


@pytest.mark.parametrize(
    ("mask", "code", "said"),
    [
        (0, None, ""),
        (IDLE, None, ""),
        (POWER_CAP, "throttled", "because of power"),
        (BRAKE, "throttled", "because of power"),
        (HOT, "throttled", "because of heat"),
        (HOT_BY_ITSELF, "throttled", "because of heat"),
        (HOT | BRAKE, "throttled", "because of heat and power"),
        (SLOWDOWN, "throttled", "because of heat or power"),
        (SYNC, "throttled", "because of other GPUs"),
        (APPLICATIONS, "clocks-set", "a setting keeps the GPU's clocks lower"),
        (DISPLAY, "clocks-set", "a setting keeps the GPU's clocks lower"),
    ],
)
def test_a_reason_during_the_window_flags_the_round(run_round, made_up_gpus, mask, code, said):
    made_up_gpus({**H200, "throttle": mask})
    round_ = run_round(**ON_DEVICE)
    assert round_.status == "ok", round_.reason
    assert codes(round_) == ([] if code is None else [code])
    assert all(said in warning.text for warning in round_.warnings if warning.code == code)
    readings = len(round_.metrics["step_time"].values) + 1  # before the first sample, and after each
    assert round_.conditions["throttle"] == [[mask]] * readings
    assert round_.conditions["clocks"] == [[1_980_000_000]] * readings


@pytest.mark.parametrize(("masks", "flagged"), [(f"0 {HOT} 0", True), (f"{HOT} 0", True), ("0 1 0", False)])
def test_a_reason_that_holds_for_a_single_block_is_seen(run_round, made_up_gpus, masks, flagged):
    made_up_gpus({**H200, "throttle": masks})
    assert codes(run_round(**ON_DEVICE)) == (["throttled"] if flagged else [])


def test_the_parts_of_a_gpu_are_throttled_with_it(run_round, made_up_gpus):
    made_up_gpus({**A100, "mig": 1, "throttle": HOT, "parts": [SLICE]})
    assert codes(run_round(**ON_DEVICE)) == ["throttled"]


def test_another_gpu_and_a_case_on_the_cpu_are_no_concern(run_round, made_up_gpus):
    made_up_gpus(H200, {**H200, "throttle": HOT, "samples": f"{os.getppid()}:90:1"})
    round_ = run_round(**ON_DEVICE)
    assert codes(round_) == []
    assert round_.conditions["throttle"][0] == [0]
    made_up_gpus({**H200, "throttle": HOT})
    assert not {"throttle", "clocks", "device_others"} & run_round(vocab=100).conditions.keys()


def test_a_gpu_that_tells_nothing_is_no_warning_and_no_zero(run_round, made_up_gpus):
    refused = {f"error.nvmlDeviceGet{name}": 3 for name in (
        "ClockInfo", "CurrentClocksEventReasons", "CurrentClocksThrottleReasons", "ProcessUtilization",
    )}  # fmt: skip
    made_up_gpus({**H200, **refused})
    round_ = run_round(**ON_DEVICE)
    assert round_.status == "ok", round_.reason
    assert not {"throttle", "clocks", "device_others"} & round_.conditions.keys()


@pytest.mark.parametrize(("percent", "flagged"), [(0, False), (2, False), (3, True), (88, True)])
def test_another_program_that_computes_on_the_gpu_flags_the_round(run_round, made_up_gpus, percent, flagged):
    made_up_gpus({**H200, "samples": f"SELF:99:1 {os.getppid()}:{percent}:1"})
    round_ = run_round(**ON_DEVICE)
    assert round_.conditions["device_others"] == percent / 100
    assert codes(round_) == (["gpu-contention"] if flagged else [])


def test_a_lost_gpu_costs_no_round(run_round, made_up_gpus):
    """The contender raises its own error; NVML's errors are no reason to lose what was measured."""
    made_up_gpus({**H200, "error.nvmlDeviceGetHandleByIndex": 15})
    round_ = run_round(**ON_DEVICE)
    assert (round_.status, codes(round_)) == ("ok", [])


def test_every_warning_says_what_to_do():
    told = {"throttle": [[HOT | APPLICATIONS]], "device_others": 0.5}
    found = device_warnings(told)
    assert [warning.code for warning in found] == ["throttled", "clocks-set", "gpu-contention"]
    assert all("then measure again" in warning.text for warning in found)
    assert device_warnings({"throttle": [[None]]}) == ()
