"""CUDA devices through NVML, without a framework. A machine without a driver has no devices."""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pynvml


class Device(msgspec.Struct, frozen=True):
    """memory, free: bytes. driver: version. throttle: NVML's current reasons as a bit mask. clock: of the SM, in Hz.

    None if NVML does not know, as on parts of a GPU (MIG) and on virtual GPUs.
    """

    name: str
    memory: int | None
    free: int | None
    driver: str | None
    throttle: int | None
    clock: int | None


def list_devices() -> list[Device]:
    """The devices that CUDA_VISIBLE_DEVICES allows. A process uses the first device by default.

    Numbers count in NVML's order, which is the order on the bus. [] without a driver or a device.
    """
    try:
        with _nvml():
            driver = _told(pynvml.nvmlSystemGetDriverVersion)
            return [_device(handle, driver) for handle in _visible()]
    except pynvml.NVMLError:
        return []


def process_bytes() -> tuple[int | None, str]:
    """(bytes on the first visible device that NVML assigns to this process, "") or (None, reason).

    Inside containers NVML sees other process ids, so a missing value must never become zero.
    """
    try:
        with _nvml():
            for handle in _visible()[:1]:
                for process in pynvml.nvmlDeviceGetComputeRunningProcesses(handle):
                    if process.pid == os.getpid() and process.usedGpuMemory is not None:
                        return int(process.usedGpuMemory), ""
    except pynvml.NVMLError as error:
        return None, f"NVML: {error}"
    return None, "NVML does not list this process (another process-id namespace?)"


@contextlib.contextmanager
def _nvml() -> Iterator[None]:
    pynvml.nvmlInit()
    try:
        yield
    finally:
        pynvml.nvmlShutdown()


def _visible() -> list[Any]:
    """Handles in the order of CUDA_VISIBLE_DEVICES: numbers or prefixes of UUIDs, up to the first invalid entry."""
    handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
    wanted = os.environ.get("CUDA_VISIBLE_DEVICES")
    if wanted is None:
        return handles
    chosen = []
    for name in map(str.strip, wanted.split(",")):
        handle = _find(name, handles)
        if handle is None:
            break
        chosen.append(handle)
    return chosen


def _find(name: str, handles: list[Any]) -> Any | None:
    if name.isdecimal():
        return handles[int(name)] if int(name) < len(handles) else None
    if name.startswith("MIG-"):
        return _told(pynvml.nvmlDeviceGetHandleByUUID, name)
    uuids = [_told(pynvml.nvmlDeviceGetUUID, handle) or "" for handle in handles]
    return next((handle for handle, uuid in zip(handles, uuids, strict=True) if name and uuid.startswith(name)), None)


def _device(handle: Any, driver: str | None) -> Device:
    memory = _told(pynvml.nvmlDeviceGetMemoryInfo, handle)
    clock = _told(pynvml.nvmlDeviceGetClockInfo, handle, pynvml.NVML_CLOCK_SM)
    return Device(
        name=_told(pynvml.nvmlDeviceGetName, handle) or "CUDA device",
        memory=None if memory is None else memory.total,
        free=None if memory is None else memory.free,
        driver=driver,
        throttle=_told(pynvml.nvmlDeviceGetCurrentClocksEventReasons, handle),
        clock=None if clock is None else clock * 10**6,
    )


def _told(ask: Callable[..., Any], *arguments: Any) -> Any | None:
    """NVML's answer; None if this device or driver has no answer."""
    try:
        return ask(*arguments)
    except pynvml.NVMLError:
        return None
