"""Checks of a runtime before a process is started for it: whether this machine supports it."""

import os
import platform
from collections.abc import Mapping

from embbench.cases.runtimes import RUNTIMES
from embbench.host.libc import c_library
from embbench.host.machine import THP, huge_page_mode


def lacking(runtime: str, device: str = "cpu", environment: Mapping[str, str] = os.environ) -> str:
    """Why a case with the runtime cannot be measured on this machine, on one line; '' where it can. environment: the
    worker's environment without the runtime's variables.
    """
    told = RUNTIMES[runtime]
    if not told.variables:
        return ""
    if device != "cpu":
        return f"runtime={runtime} is about the host's memory: it has --device cpu only"
    if told.libc and (found := _other_library(told.libc)):
        return f"runtime={runtime} needs {told.libc}{' or later' if ' ' in told.libc else ''}; this system has {found}"
    if told.huge_pages and (mode := huge_page_mode()) in (None, "never"):
        return f"transparent huge pages are off here ({THP}: {mode or 'no such file'})"
    for name, value in told.variables.items():
        if environment.get(name, "") not in ("", value):
            return f"runtime={runtime} sets {name}={value}, and your environment another value: unset it there"
    return ""


def _other_library(needed: str) -> str:
    """The C library of this system, if it is not the needed library; '' if it is."""
    found = c_library()
    name, _, least = needed.partition(" ")
    if found is None:
        return f"{platform.system()}'s"
    return "" if found[0] == name and found[1] >= _version(least) else f"{found[0]} {'.'.join(map(str, found[1]))}"


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split("."))) if text else ()
