"""What does one round: a worker process, or in tests anything with the same method."""

import signal
import sys
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from embbench.launch.conversation import Conversation, Ending
from embbench.launch.death import grown, name_exit, oom_kills
from embbench.launch.interrupts import Interrupts
from embbench.launch.origin import Origin
from embbench.launch.process import WorkerProcess, environment
from embbench.spec.units import format_quantity
from embbench.store.exchange import Request
from embbench.store.round import Round, Status

WORKER = (sys.executable, "-m", "embbench.worker")
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
        kills = oom_kills()
        process = WorkerProcess(self._command, environment(request.case.threads))
        try:
            conversation = Conversation(process, request, on_phase, self._clock)
            ending = conversation.hold(timeout, self._interrupts)
            patience = {"finished": LEAVE, "silent": self._grace}.get(ending.how, 0.0)
            by_itself = process.wait(patience)
            said = conversation.last_words()
            code = process.end(self._grace)
        finally:
            process.close()
        if ending.round is not None:
            return ending.round
        status, reason = self._explain(ending, code, by_itself, timeout, grown(kills, oom_kills()))
        during = f"{reason} during {ending.phase!r}"
        return self._origin.round_for(request, status, f"{during}; it said: {said}" if said else during, ending.phase)

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
