"""One worker for one request, from its start to its Round; every way in which it may fail is a Round too."""

import contextlib
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

import msgspec

from embbench.launch.cause_of_death import grown, name_exit, oom_kills, outside_signal
from embbench.launch.conversation import Conversation, Ending
from embbench.launch.interrupts import Interrupts
from embbench.launch.order import FAILURES, ended_from_outside
from embbench.launch.origin import Origin
from embbench.launch.process import WorkerProcess, environment
from embbench.spec.units import format_quantity
from embbench.store.exchange import MachineState, Request
from embbench.store.round import Round, Status

# -P: files in the user's directory must not stand in for modules of the same name, embbench's own among them.
WORKER = (sys.executable, "-P", "-m", "embbench.worker")
GRACE = 2.0  # seconds between SIGTERM and SIGKILL
LEAVE = 10.0  # seconds to shut down after the last answer


class Attempt:
    """A context manager that starts `command` and leaves nothing of it running. look: see `Conversation`. process,
    conversation: None where it could not be started.
    """

    def __init__(
        self,
        origin: Origin,
        request: Request,
        command: Sequence[str],
        on_phase: Callable[[str], None],
        grace: float,
        look: Callable[[], MachineState] = MachineState,
    ) -> None:
        self._origin, self.request, self._command = origin, request, command
        self._on_phase, self._grace, self._look = on_phase, grace, look
        self._stack = contextlib.ExitStack()
        self._reason = ""
        self.process: WorkerProcess | None = None
        self.conversation: Conversation | None = None

    def __enter__(self) -> Self:
        case = self.request.case
        self._kills = oom_kills()
        try:
            # Its own: a compiler must find nothing of an earlier round, and nothing must stay behind a kill.
            temporary = tempfile.TemporaryDirectory(prefix="embbench-", ignore_cleanup_errors=True)
            place = self._stack.enter_context(temporary)
            told = environment(case.threads, case.device, place, hash_seed=self.request.hash_seed, runtime=case.runtime)
            self.process = WorkerProcess(self._command, told)
        except OSError as error:
            what = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
            self._reason = f"could not be started: {what}"
            return self
        self._stack.callback(self.process.close)
        self.conversation = Conversation(self.process, self.request, self._on_phase, self._look)
        self.conversation.begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.conversation is None or self.conversation.ending is not None

    def conclude(self, timeout: float, interrupts: Interrupts | None) -> Round:
        """The worker's own Round, or one that says how it ended without giving one. Call it once it has ended.

        timeout: seconds that it had. interrupts: what may have ended it.
        """
        process, conversation = self.process, self.conversation
        if process is None or conversation is None:
            return self._origin.round_for(self.request, "crash", self._reason, "start")
        ending = conversation.ending
        assert ending is not None
        patience = {"finished": LEAVE, "silent": self._grace}.get(ending.how, 0.0)
        by_itself = process.wait(patience)
        code = process.end(self._grace)
        if ending.round is not None:
            return _with_last_words(ending.round, conversation)
        starved = grown(self._kills, oom_kills())
        if ending.how == "interrupted":
            status, reason = "interrupted", interrupts.name if interrupts is not None else "stopped"
        else:
            status, reason = _explain(ending, code, by_itself, timeout, starved)
        told = _quoting(f"{reason} during {ending.phase!r}", conversation)
        round_ = self._origin.round_for(self.request, status, told, ending.phase)
        killer = outside_signal(code) if by_itself and ending.how == "silent" and not starved else None
        return round_ if killer is None else ended_from_outside(round_, killer)


def _explain(ending: Ending, code: int, by_itself: bool, timeout: float, starved: bool) -> tuple[Status, str]:
    """code: the worker's exit code; by_itself: it had ended before this process ended it."""
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
