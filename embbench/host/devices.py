"""CUDA devices through NVML, without a framework. On a machine without a driver there are simply none."""

import os

import msgspec
import pynvml


class Device(msgspec.Struct, frozen=True):
    """memory: total bytes. driver: its version. throttle: NVML's current reasons as a bit mask. clock: SM, in Hz."""

    name: str
    memory: int
    driver: str
    throttle: int
    clock: int


def list_devices() -> list[Device]:
    """The visible CUDA devices, in NVML's order; [] without a driver or a device."""
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        driver = pynvml.nvmlSystemGetDriverVersion()
        return [_device(index, driver) for index in range(pynvml.nvmlDeviceGetCount())]
    finally:
        pynvml.nvmlShutdown()


def process_bytes(index: int = 0) -> tuple[int | None, str]:
    """(device bytes that NVML accounts to this process, "") or (None, why it cannot tell).

    Inside containers NVML sees other process ids, so that absent or null must never become zero.
    """
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        return None, f"NVML: {error}"
    try:
        handle = pynvml.nvmlDeviceGetHandleByIndex(index)
        for process in pynvml.nvmlDeviceGetComputeRunningProcesses(handle):
            if process.pid == os.getpid() and process.usedGpuMemory is not None:
                return int(process.usedGpuMemory), ""
        return None, "NVML does not list this process (another process-id namespace?)"
    except pynvml.NVMLError as error:
        return None, f"NVML: {error}"
    finally:
        pynvml.nvmlShutdown()


def _device(index: int, driver: str) -> Device:
    handle = pynvml.nvmlDeviceGetHandleByIndex(index)
    return Device(
        name=pynvml.nvmlDeviceGetName(handle),
        memory=pynvml.nvmlDeviceGetMemoryInfo(handle).total,
        driver=driver,
        throttle=pynvml.nvmlDeviceGetCurrentClocksEventReasons(handle),
        clock=pynvml.nvmlDeviceGetClockInfo(handle, pynvml.NVML_CLOCK_SM) * 10**6,
    )
