"""The memory of this process on a device, and other programs there, as a made-up NVML lists them."""

import os
import subprocess
import sys

import psutil
import pytest

from embbench.host import device_processes
from embbench.host.device_processes import OtherPrograms, process_bytes
from tests.fakes.nvml import A100, H200, SLICE

OURS = {os.getpid()}
DRIVER_NOT_LOADED, NO_PERMISSION, NOT_SUPPORTED, GPU_IS_LOST = 9, 4, 3, 15


@pytest.fixture(params=["host", "container"])
def namespace(request, monkeypatch, tmp_path) -> str:
    """The link that Linux shows, of the system's own namespace or of another."""
    link = tmp_path / "pid"
    link.symlink_to(device_processes.FIRST_NAMESPACE if request.param == "host" else "pid:[4026532201]")
    monkeypatch.setattr(device_processes, "OWN_NAMESPACE", link)
    return request.param


@pytest.fixture
def nobody() -> int:
    """An id that no process here has."""
    return next(number for number in range(4_000_000, 4_100_000) if not psutil.pid_exists(number))


def test_the_bytes_are_those_of_this_process(made_up_gpus, namespace):
    made_up_gpus({**H200, "processes": f"{os.getppid()}:111 SELF:222 1:333"})
    assert process_bytes() == (222, "")


def test_an_old_driver_is_asked_for_the_older_list(made_up_gpus, namespace):
    made_up_gpus({**H200, "processes": "SELF:222"}, old=True)
    assert process_bytes() == (222, "")


@pytest.mark.parametrize(
    ("listed", "reason"),
    [
        ("", "NVML does not list this process (0 others listed)"),
        ("1:333", "NVML does not list this process (1 other listed)"),
        ("SELF:-", "NVML lists this process without its memory"),
    ],
)
def test_a_missing_entry_is_no_zero_and_no_other_process(made_up_gpus, namespace, listed, reason):
    made_up_gpus({**H200, "processes": listed})
    assert process_bytes() == (None, reason)


def test_an_id_of_another_namespace_is_never_taken_for_this_process(made_up_gpus, namespace, nobody):
    """Process 7 of a container is not process 7 of the system, whose id of this process exists nowhere here."""
    made_up_gpus({**H200, "processes": f"SELF:999 {nobody}:222"})
    elsewhere = (None, "NVML counts processes of another process-id namespace")
    assert process_bytes() == ((999, "") if namespace == "host" else elsewhere)


@pytest.mark.parametrize(
    ("code", "reason"),
    [(NO_PERMISSION, "Insufficient Permissions"), (NOT_SUPPORTED, "Not Supported"), (GPU_IS_LOST, "GPU is lost")],
)
def test_a_refusal_is_told_with_its_reason(made_up_gpus, code, reason):
    made_up_gpus({**H200, "error.nvmlDeviceGetComputeRunningProcesses": code})
    assert process_bytes() == (None, f"NVML: {reason}")


def test_without_a_driver_or_a_device_the_reason_is_told(made_up_gpus, monkeypatch):
    made_up_gpus(init=DRIVER_NOT_LOADED)
    assert process_bytes() == (None, "NVML: Driver Not Loaded")
    made_up_gpus(H200)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert process_bytes() == (None, "no CUDA device is visible")


def test_the_device_is_the_first_that_cuda_shows(made_up_gpus, monkeypatch):
    made_up_gpus(*({**H200, "processes": f"SELF:{place + 7}"} for place in range(2)))
    assert process_bytes() == (7, "")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert process_bytes() == (8, "")


def test_of_a_divided_gpu_the_bytes_are_those_on_the_part(made_up_gpus):
    part = {**SLICE, "processes": "SELF:55"}
    made_up_gpus({**A100, "mig": 1, "processes": "SELF:99", "parts": [part]})
    assert process_bytes() == (55, "")


def test_another_program_that_computes_is_seen_with_its_share(made_up_gpus, namespace):
    made_up_gpus({**H200, "samples": f"SELF:90:1 {os.getppid()}:30:1 {os.getppid()}:45:2"})
    assert OtherPrograms(1).busiest(OURS) == 0.45
    assert OtherPrograms(1).busiest({*OURS, os.getppid()}) == 0.0


def test_what_was_before_the_window_does_not_count(made_up_gpus):
    made_up_gpus({**H200, "samples": f"SELF:90:1 {os.getppid()}:60:-1"})
    assert OtherPrograms(1).busiest(OURS) == 0.0


def test_only_the_devices_of_the_case_count(made_up_gpus):
    made_up_gpus({**H200, "samples": "SELF:90:1"}, {**H200, "samples": f"{os.getppid()}:60:1"})
    assert OtherPrograms(1).busiest(OURS) == 0.0
    assert OtherPrograms(2).busiest(OURS) == 0.6


def test_without_samples_of_known_processes_nothing_is_said(made_up_gpus, namespace, nobody):
    for gpu in ({"samples": ""}, {}, {"error.nvmlDeviceGetProcessUtilization": NO_PERMISSION}):
        made_up_gpus({**H200, **gpu})
        assert OtherPrograms(1).busiest(OURS) is None
    made_up_gpus(H200, init=DRIVER_NOT_LOADED)
    assert OtherPrograms(1).busiest(OURS) is None
    made_up_gpus({**H200, "samples": f"{nobody}:60:1"})
    assert OtherPrograms(1).busiest(OURS) == (0.6 if namespace == "host" else None)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="namespaces of Linux")
def test_the_link_of_a_real_namespace_differs_from_the_systems_own():
    """Where this machine lets a user make a namespace of process ids."""
    told = subprocess.run(
        ["unshare", "-Urpf", "--mount-proc", "readlink", "/proc/self/ns/pid"], capture_output=True, text=True
    )
    if told.returncode:
        pytest.skip("no namespaces here")
    assert told.stdout.startswith("pid:[")
    assert told.stdout.strip() != device_processes.FIRST_NAMESPACE
