"""CUDA devices through NVML, without a framework. A machine without a driver has no devices."""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pynvml

Handle = Any  # of NVML: a GPU, or a part of a GPU (MIG)


class Device(msgspec.Struct, frozen=True):
    """memory, free: bytes. driver: version. None if NVML does not know."""

    name: str
    memory: int | None
    free: int | None
    driver: str | None


class DeviceState(msgspec.Struct, frozen=True):
    """clock: of the SM, in Hz. throttle: NVML's reasons for lower clocks at this moment, as a bit mask. None if NVML
    does not know, as on virtual GPUs.
    """

    clock: int | None
    throttle: int | None


def list_devices() -> list[Device]:
    """The devices that CUDA shows to a process with the present CUDA_VISIBLE_DEVICES. A process uses the first device
    by default. [] without a driver or a device.
    """
    try:
        with session():
            driver = told(pynvml.nvmlSystemGetDriverVersion)
            return [_device(handle, driver) for handle in visible()]
    except pynvml.NVMLError:
        return []


def no_device() -> str:
    """Why CUDA shows no device to a process; '' where it shows a device."""
    try:
        with session():
            gpus = _gpus()
            if visible():
                return ""
    except pynvml.NVMLError as error:
        return f"NVML: {error}"
    wanted = os.environ.get("CUDA_VISIBLE_DEVICES")
    count = f"{len(gpus)} GPU{'' if len(gpus) == 1 else 's'}"
    if not gpus:
        return "the driver sees no GPU"
    if wanted is not None:
        return f"CUDA_VISIBLE_DEVICES={wanted} shows nothing of {count}"
    return f"{count}, lost or divided (MIG) without parts: see nvidia-smi"


@contextlib.contextmanager
def watched(count: int) -> Iterator[Callable[[], list[DeviceState]]]:
    """Gives a function that reads the states of the first `count` visible devices, of fewer if there are fewer. NVML
    stays open within, since opening it takes milliseconds and page faults.
    """
    with contextlib.ExitStack() as stack:
        handles: list[Handle] = []
        with contextlib.suppress(pynvml.NVMLError):
            if count:
                stack.enter_context(session())
                handles = visible()[:count]
        yield lambda: [_state(handle) for handle in handles]


@contextlib.contextmanager
def session() -> Iterator[None]:
    """NVML answers within. Raises pynvml.NVMLError without a driver."""
    pynvml.nvmlInit()
    try:
        yield
    finally:
        with contextlib.suppress(pynvml.NVMLError):  # the GPU was lost meanwhile
            pynvml.nvmlShutdown()


def visible() -> list[Handle]:
    """Handles of the devices that CUDA_VISIBLE_DEVICES allows, in its order: numbers or prefixes of UUIDs, up to the
    first invalid entry. Numbers count in NVML's order, which is the order on the bus; workers get the same order by
    CUDA_DEVICE_ORDER. CUDA shows a single part of a divided GPU (MIG) and then no other device.
    """
    gpus = _gpus()
    wanted = os.environ.get("CUDA_VISIBLE_DEVICES")
    chosen = [gpu for gpu in gpus if gpu is not None] if wanted is None else _chosen(wanted, gpus)
    parts = [part for handle in chosen for part in _parts(handle)]
    return parts[:1] or [handle for handle in chosen if not _divided(handle)]


def _gpus() -> list[Handle | None]:
    """In NVML's order; None for a lost GPU."""
    return [told(pynvml.nvmlDeviceGetHandleByIndex, index) for index in range(pynvml.nvmlDeviceGetCount())]


def _chosen(wanted: str, gpus: list[Handle | None]) -> list[Handle]:
    chosen = []
    for name in map(str.strip, wanted.split(",")):
        handle = _find(name, gpus)
        if handle is None:
            break
        chosen.append(handle)
    return chosen


def _find(name: str, gpus: list[Handle | None]) -> Handle | None:
    """The GPU, or the part of a GPU. A lost GPU is None in `gpus`, since it keeps its number."""
    if name.isdecimal():
        return gpus[int(name)] if int(name) < len(gpus) else None
    if name.startswith("MIG-"):
        return told(pynvml.nvmlDeviceGetHandleByUUID, name)
    found = [gpu for gpu in gpus if gpu is not None and name and (_uuid(gpu) or "").startswith(name)]
    return found[0] if len(found) == 1 else None


def _parts(handle: Handle) -> list[Handle]:
    """The first part of a divided GPU, or the part itself; [] for a whole GPU."""
    if _is_part(handle):
        return [handle]
    if not _divided(handle):
        return []
    places = range(told(pynvml.nvmlDeviceGetMaxMigDeviceCount, handle) or 0)
    parts = (told(pynvml.nvmlDeviceGetMigDeviceHandleByIndex, handle, place) for place in places)
    return [part for part in parts if part is not None][:1]


def _divided(handle: Handle) -> bool:
    mode = told(pynvml.nvmlDeviceGetMigMode, handle)
    return mode is not None and mode[0] == pynvml.NVML_DEVICE_MIG_ENABLE


def _is_part(handle: Handle) -> bool:
    return bool(told(pynvml.nvmlDeviceIsMigDeviceHandle, handle))


def _uuid(handle: Handle) -> str | None:
    return told(pynvml.nvmlDeviceGetUUID, handle)


def _device(handle: Handle, driver: str | None) -> Device:
    memory = told(pynvml.nvmlDeviceGetMemoryInfo, handle)
    return Device(
        name=told(pynvml.nvmlDeviceGetName, handle) or "CUDA device",
        memory=None if memory is None else memory.total,
        free=None if memory is None else memory.free,
        driver=driver,
    )


def _state(handle: Handle) -> DeviceState:
    """Clocks belong to the whole GPU: its parts share them."""
    gpu = told(pynvml.nvmlDeviceGetDeviceHandleFromMigDeviceHandle, handle) if _is_part(handle) else handle
    clock = told(pynvml.nvmlDeviceGetClockInfo, gpu, pynvml.NVML_CLOCK_SM)
    throttle = told(pynvml.nvmlDeviceGetCurrentClocksEventReasons, gpu)
    if throttle is None:  # drivers before 535 have the same mask under its old name
        throttle = told(pynvml.nvmlDeviceGetCurrentClocksThrottleReasons, gpu)
    return DeviceState(None if clock is None else clock * 10**6, throttle)


def told(ask: Callable[..., Any], *arguments: Any) -> Any | None:
    """NVML's answer; None if this device or driver has no answer."""
    try:
        return ask(*arguments)
    except pynvml.NVMLError:
        return None
