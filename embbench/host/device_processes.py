"""Which processes use a CUDA device, through NVML: memory of this process, and other programs that computed."""

import os
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

import psutil
import pynvml

from embbench.host.devices import Handle, session, told, visible

OWN_NAMESPACE = Path("/proc/self/ns/pid")
FIRST_NAMESPACE = "pid:[4026531836]"  # PROC_PID_INIT_INO in Linux's <linux/proc_ns.h>: of the system itself
UNLISTED = "NVML does not list this process"
ELSEWHERE = "NVML counts processes of another process-id namespace"


def process_bytes() -> tuple[int | None, str]:
    """(bytes on the first visible device that NVML assigns to this process, "") or (None, reason).

    In a container NVML may list nothing, or ids that other processes have outside. So a missing value never becomes
    zero, and the value of an unknown process is never taken.
    """
    try:
        with session():
            for handle in visible()[:1]:
                return _own_bytes(_running(handle))
    except pynvml.NVMLError as error:
        return None, f"NVML: {error}"
    return None, "no CUDA device is visible"


def _own_bytes(listed: list[Any]) -> tuple[int | None, str]:
    if not _ids_are_ours(process.pid for process in listed):
        return None, ELSEWHERE
    own = [process.usedGpuMemory for process in listed if process.pid == os.getpid()]
    if not own:
        return None, f"{UNLISTED} ({len(listed)} other{'' if len(listed) == 1 else 's'} listed)"
    return (None, "NVML lists this process without its memory") if own[0] is None else (int(own[0]), "")


def _running(handle: Handle) -> list[Any]:
    """Processes that compute on the device. Drivers before 510 have only the second version of the question."""
    try:
        return pynvml.nvmlDeviceGetComputeRunningProcesses_v3(handle)
    except pynvml.nvmlExceptionClass(pynvml.NVML_ERROR_FUNCTION_NOT_FOUND):
        return pynvml.nvmlDeviceGetComputeRunningProcesses_v2(handle)


class OtherPrograms:
    """Other programs that compute on the first `count` visible devices, from the creation of this object on. now:
    seconds since 1970, the clock of NVML's samples.
    """

    def __init__(self, count: int, now: Callable[[], float] = time.time) -> None:
        self._count, self._begin = count, now()

    def busiest(self, own: Collection[int]) -> float | None:
        """The largest share of a device's time in one of NVML's samples in which another program computed; None if NVML
        does not know, as on parts of a GPU (MIG), and while the driver has no sample yet, for about a second. own: ids
        of processes that are no other programs.
        """
        try:
            with session():
                samples = [sample for handle in visible()[: self._count] for sample in self._samples(handle)]
        except pynvml.NVMLError:
            return None
        if not samples or not _ids_are_ours(sample.pid for sample in samples):
            return None
        return max((sample.smUtil / 100 for sample in samples if sample.pid not in own), default=0.0)

    def _samples(self, handle: Handle) -> list[Any]:
        begin = round(self._begin * 1e6)  # microseconds
        found = told(pynvml.nvmlDeviceGetProcessUtilization, handle, begin) or []
        return [sample for sample in found if sample.timeStamp > begin]  # some drivers repeat older samples


def _ids_are_ours(listed: Iterable[int]) -> bool:
    """Whether NVML's ids are of this process's namespace. Inside a container, older drivers list the ids of the system;
    such an id may be that of another process here, but not all ids exist here.
    """
    try:
        first = str(OWN_NAMESPACE.readlink()) == FIRST_NAMESPACE
    except OSError:  # another system, or a sandbox without the file
        first = False
    return first or all(map(psutil.pid_exists, listed))
