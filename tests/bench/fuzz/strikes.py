"""Faults that strike a run, and the exit codes that the run may then have."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec

from embbench.errors import EXIT_BROKE, EXIT_INTERRUPTED, EXIT_NOTHING_MEASURED, EXIT_USAGE
from tests.bench.fuzz.said import Said

MARK = "EMBBENCH_FUZZ"  # environment variable of all processes of a run

Strike = Callable[["Struck"], None]


class Fault(msgspec.Struct, frozen=True):
    """codes: allowed exit codes of the command. again: allowed exit codes of the same command afterwards. strike:
    called at the moment. limit: largest size of a file, in bytes. clock: whether the calendar goes back. tidy: whether
    the command can remove its temporary files.
    """

    codes: tuple[int, ...]
    again: tuple[int, ...] = (0,)
    strike: Strike | None = None
    limit: int | None = None
    clock: bool = False
    tidy: bool = True


class Struck(msgspec.Struct, frozen=True):
    """process: the parent. mark: value of MARK in all processes of the run. work: its directory."""

    process: subprocess.Popen
    mark: str
    work: Path
    said: Said


def _worker(number: int) -> Strike:
    def strike(at: Struck) -> None:
        for process in family(at.mark) - {at.process.pid}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)

    return strike


def _parent(*numbers: int) -> Strike:
    def strike(at: Struck) -> None:
        for number in numbers:
            at.process.send_signal(number)

    return strike


def _pause(at: Struck) -> None:
    """Pauses and continues all processes, as a sleeping laptop or a debugger does."""
    for number in (signal.SIGSTOP, signal.SIGCONT):
        for process in family(at.mark):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)


def _close(*names: str) -> Strike:
    def strike(at: Struck) -> None:
        for name in names:
            at.said.stop(name)

    return strike


def _forbid(at: Struck) -> None:
    """Makes the folder read-only. Root may write anyway, so this has no effect for root."""
    at.work.chmod(0o555)


# Kinds of end of a run. A signal may also arrive after all rounds, or before Python handles signals.
STOPPED = (0, EXIT_INTERRUPTED)
LOST = (0, EXIT_BROKE, EXIT_NOTHING_MEASURED)
FAULTS: dict[str, Fault] = {
    "worker killed": Fault(LOST, strike=_worker(signal.SIGKILL)),
    "worker asked to end": Fault(LOST, strike=_worker(signal.SIGTERM)),
    "worker interrupted": Fault(LOST, (0, EXIT_BROKE), strike=_worker(signal.SIGINT)),
    "worker's segmentation fault": Fault(LOST, (0, EXIT_BROKE), strike=_worker(signal.SIGSEGV)),
    "worker aborts": Fault(LOST, (0, EXIT_BROKE), strike=_worker(signal.SIGABRT)),
    "all paused": Fault((0,), strike=_pause),
    "Ctrl-C": Fault((*STOPPED, -signal.SIGINT), strike=_parent(signal.SIGINT)),
    "Ctrl-C twice": Fault((*STOPPED, -signal.SIGINT), strike=_parent(signal.SIGINT, signal.SIGINT)),
    "asked to end": Fault((*STOPPED, -signal.SIGTERM), strike=_parent(signal.SIGTERM)),
    "terminal closed": Fault((*STOPPED, -signal.SIGHUP), strike=_parent(signal.SIGHUP)),
    "parent killed": Fault((0, -signal.SIGKILL), strike=_parent(signal.SIGKILL), tidy=False),
    "nobody reads stdout": Fault((0,), strike=_close("stdout")),
    "nobody reads stderr": Fault((0,), strike=_close("stderr")),
    "nobody reads": Fault((0,), strike=_close("stdout", "stderr")),
    "disk full at once": Fault((EXIT_USAGE,), limit=100),
    "disk full after a round": Fault((EXIT_USAGE, 0), limit=6000),
    "folder turns read-only": Fault((0, EXIT_USAGE), strike=_forbid),
    "clock set back": Fault((0,), clock=True),
}


def family(mark: str) -> set[int]:
    """Processes with the mark in their environment; zombies have no environment."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                if f"{MARK}={mark}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                    found.add(int(entry.name))
    return found
