"""What does one round: a worker process, or in tests anything with the same method."""

import contextlib
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from embbench.launch.conversation import Conversation, Ending
from embbench.launch.death import grown, name_exit, oom_kills
from embbench.launch.interrupts import Interrupts
from embbench.launch.order import FAILURES
from embbench.launch.origin import Origin
from embbench.launch.process import WorkerProcess, environment
from embbench.spec.units import format_quantity
from embbench.store.exchange import Request
from embbench.store.round import Round, Status

# -P: files in the user's directory must not stand in for modules of the same name, embbench's own among them.
WORKER = (sys.executable, "-P", "-m", "embbench.worker")
GRACE = 2.0  # seconds between SIGTERM and SIGKILL
LEAVE = 10.0  # seconds to shut down after the last answer


class Executor(Protocol):
    """Does one round and always answers: every failure of the worker is a Round too.

    A Round of status `interrupted` means that the user wants to stop.
    """

    def execute(self, request: Request, timeout: float, on_phase: Callable[[str], None]) -> Round: ...


class ProcessExecutor:
    """Starts `command` afresh for each round. `interrupts` ends the round early."""

    def __init__(
        self,
        origin: Origin,
        interrupts: Interrupts | None = None,
        command: Sequence[str] = WORKER,
        grace: float = GRACE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._origin = origin
        self._interrupts = interrupts
        self._command = command
        self._grace = grace
        self._clock = clock

    def execute(self, request: Request, timeout: float, on_phase: Callable[[str], None]) -> Round:
        """The worker's own Round, or one that says how it ended without giving one."""
        with contextlib.ExitStack() as stack:
            try:
                # Its own: a compiler must find nothing of an earlier round, and nothing must stay behind a kill.
                temporary = tempfile.TemporaryDirectory(prefix="embbench-", ignore_cleanup_errors=True)
                place = stack.enter_context(temporary)
                process = WorkerProcess(self._command, environment(request.case.threads, request.case.device, place))
            except OSError as error:
                what = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
                return self._origin.round_for(request, "crash", f"could not be started: {what}", "start")
            stack.callback(process.close)
            return self._converse(process, request, timeout, on_phase)

    def _converse(
        self, process: WorkerProcess, request: Request, timeout: float, on_phase: Callable[[str], None]
    ) -> Round:
        kills = oom_kills()
        conversation = Conversation(process, request, on_phase, self._clock)
        ending = conversation.hold(timeout, self._interrupts)
        patience = {"finished": LEAVE, "silent": self._grace}.get(ending.how, 0.0)
        by_itself = process.wait(patience)
        code = process.end(self._grace)
        if ending.round is not None:
            return _with_last_words(ending.round, conversation)
        status, reason = self._explain(ending, code, by_itself, timeout, grown(kills, oom_kills()))
        told = _quoting(f"{reason} during {ending.phase!r}", conversation)
        return self._origin.round_for(request, status, told, ending.phase)

    def _explain(self, ending: Ending, code: int, by_itself: bool, timeout: float, starved: bool) -> tuple[Status, str]:
        """code: the worker's exit code; by_itself: it had ended before this process ended it."""
        if ending.how == "interrupted":
            return "interrupted", self._interrupts.name if self._interrupts is not None else "stopped"
        if ending.how == "timeout":
            return "timeout", f"no answer within {format_quantity(timeout, 's')}, {name_exit(code)}"
        if ending.how == "garbage":
            return "crash", f"wrote what is no answer, {ending.garbage},"
        if not by_itself:
            return "crash", "closed its answers without finishing"
        if code == -signal.SIGKILL and starved:
            return "oom_host", "killed by SIGKILL, the kernel being out of memory,"
        return "crash", name_exit(code)


def _with_last_words(round_: Round, conversation: Conversation) -> Round:
    """The worker's own Round; one that tells of a failure also quotes what led to it."""
    if round_.status not in FAILURES:
        return round_
    return msgspec.structs.replace(round_, reason=_quoting(round_.reason or round_.status, conversation))


def _quoting(reason: str, conversation: Conversation) -> str:
    said = conversation.last_words(reason)
    return f"{reason}; it said: {said}" if said else reason
