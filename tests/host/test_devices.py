"""CUDA devices as a made-up NVML tells of them, through the real pynvml."""

import ctypes.util

import pynvml
import pytest

from embbench.host.devices import Device, DeviceState, list_devices, no_device, watched
from embbench.host.machine import machine_facts
from tests.fakes.nvml import A100, GB, H200, SLICE

DIVIDED = {**A100, "mig": 1, "parts": [SLICE, {**SLICE, "name": "second part"}]}
LIBRARY_NOT_FOUND, DRIVER_NOT_LOADED, NO_PERMISSION, NOT_SUPPORTED, GPU_IS_LOST = 12, 9, 4, 3, 15


def names() -> list[str]:
    return [device.name for device in list_devices()]


def states(count: int = 1) -> list[DeviceState]:
    with watched(count) as read:
        return read()


def test_a_gpu_tells_its_name_memory_driver_clock_and_reasons(made_up_gpus):
    made_up_gpus({**H200, "throttle": 4})
    assert list_devices() == [Device("NVIDIA H200", 150 * GB, 149 * GB, "580.159.04")]
    assert states() == [DeviceState(1_980_000_000, 4)]


@pytest.mark.skipif(ctypes.util.find_library("nvidia-ml") is not None, reason="this machine has a driver")
def test_a_machine_without_a_driver_has_no_devices(monkeypatch):
    """pynvml itself looks for the library here."""
    monkeypatch.setattr(pynvml, "nvmlLib", None)
    assert (list_devices(), states()) == ([], [])
    assert machine_facts()["driver"] is None


@pytest.mark.parametrize("code", [LIBRARY_NOT_FOUND, DRIVER_NOT_LOADED, GPU_IS_LOST])
def test_a_driver_that_does_not_answer_has_no_devices(made_up_gpus, code):
    made_up_gpus(H200, init=code)
    assert (list_devices(), states()) == ([], [])


def test_what_a_device_does_not_tell_is_none(made_up_gpus):
    """As in a container, and on a virtual GPU."""
    refused = {f"error.nvmlDeviceGet{name}": code for name, code in (
        ("MemoryInfo", NO_PERMISSION), ("ClockInfo", NOT_SUPPORTED), ("CurrentClocksEventReasons", NOT_SUPPORTED),
        ("CurrentClocksThrottleReasons", NOT_SUPPORTED), ("Name", NOT_SUPPORTED),
    )}  # fmt: skip
    made_up_gpus({**H200, **refused}, error__nvmlSystemGetDriverVersion=NOT_SUPPORTED)
    assert list_devices() == [Device("CUDA device", None, None, None)]
    assert states() == [DeviceState(None, None)]


def test_an_old_driver_tells_its_reasons_under_their_old_name(made_up_gpus):
    made_up_gpus({**H200, "throttle": 0x40}, old=True)
    assert names() == ["NVIDIA H200"]
    assert states() == [DeviceState(1_980_000_000, 0x40)]


@pytest.mark.parametrize(
    ("visible", "seen"),
    [
        ("1", ["card 1"]),
        ("2, 0", ["card 2", "card 0"]),
        ("GPU-11", ["card 1"]),
        ("GPU-11aa-bb,GPU-0", ["card 1", "card 0"]),
        ("0,9,1", ["card 0"]),
        ("GPU-", []),  # which of them, it does not say
        ("-1", []),
        ("", []),
    ],
)
def test_devices_are_those_that_cuda_shows_to_a_process(made_up_gpus, monkeypatch, visible, seen):
    made_up_gpus(*({**H200, "name": f"card {place}", "clock": place} for place in range(3)))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert names() == seen
    assert [state.clock for state in states(9)] == [10**6 * int(name[-1]) for name in seen]


def test_a_lost_gpu_keeps_its_number(made_up_gpus, monkeypatch):
    lost = {**H200, "name": "lost", "error.nvmlDeviceGetHandleByIndex": GPU_IS_LOST}
    made_up_gpus(lost, {**H200, "name": "card 1"})
    assert names() == ["card 1"]
    for visible, seen in (("1", ["card 1"]), ("0,1", [])):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        assert names() == seen


def test_cuda_shows_one_part_of_a_divided_gpu_and_nothing_else(made_up_gpus, monkeypatch):
    made_up_gpus(H200, DIVIDED)
    assert list_devices() == [Device("NVIDIA A100-SXM4-40GB MIG 1g.5gb", 5 * GB, 4 * GB, "580.159.04")]
    for visible, seen in (
        ("MIG-11cc-dd", ["second part"]),
        ("MIG-11cc-dd,MIG-10cc-dd", ["second part"]),
        ("GPU-11aa-bb", ["NVIDIA A100-SXM4-40GB MIG 1g.5gb"]),
        ("0", ["NVIDIA H200"]),
        ("MIG-none", []),
    ):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        assert names() == seen


def test_a_divided_gpu_without_parts_is_no_device(made_up_gpus):
    made_up_gpus({**A100, "mig": 1}, H200)
    assert names() == ["NVIDIA H200"]


def test_a_part_has_the_clocks_of_its_gpu(made_up_gpus):
    made_up_gpus({**DIVIDED, "throttle": 0x20})
    assert states() == [DeviceState(1_410_000_000, 0x20)]


def test_a_gpu_that_is_lost_while_it_is_watched_tells_nothing_more(made_up_gpus):
    made_up_gpus(H200)
    with watched(1) as read:
        assert read() == [DeviceState(1_980_000_000, 0)]
        gone = {f"error.nvmlDeviceGet{name}": GPU_IS_LOST for name in (
            "ClockInfo", "CurrentClocksEventReasons", "CurrentClocksThrottleReasons",
        )}  # fmt: skip
        made_up_gpus({**H200, **gone}, error__nvmlShutdown=GPU_IS_LOST)
        assert read() == [DeviceState(None, None)]


def test_the_driver_is_a_fact_outside_the_fingerprint(made_up_gpus):
    made_up_gpus(H200)
    one = machine_facts()
    made_up_gpus(H200, driver="590.2")
    other = machine_facts()
    assert (one["driver"], other["driver"]) == ("580.159.04", "590.2")
    assert one["devices"] == ["NVIDIA H200"]
    assert one["fingerprint"] == other["fingerprint"]
    made_up_gpus(A100)
    assert machine_facts()["fingerprint"] != one["fingerprint"]


@pytest.mark.parametrize(
    ("gpus", "more", "visible", "reason"),
    [
        ((H200,), {}, None, ""),
        ((H200,), {}, "0", ""),
        ((H200, H200), {}, "9", "CUDA_VISIBLE_DEVICES=9 shows nothing of 2 GPUs"),
        ((), {}, None, "the driver sees no GPU"),
        ((H200,), {"init": DRIVER_NOT_LOADED}, None, "NVML: Driver Not Loaded"),
        (({**A100, "mig": 1},), {}, None, "1 GPU, lost or divided (MIG) without parts: see nvidia-smi"),
    ],
)
def test_a_missing_device_has_its_reason(made_up_gpus, monkeypatch, gpus, more, visible, reason):
    made_up_gpus(*gpus, **more)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert no_device() == reason
    assert (list_devices() == []) == bool(reason)
