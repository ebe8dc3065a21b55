"""One started worker, from its request to its Round; every way in which the worker may fail is a Round too."""

import signal
import sys
from collections.abc import Callable, Sequence

import msgspec

from embbench.cases.units import format_quantity
from embbench.host.out_of_memory import ran_out
from embbench.launch.cause_of_death import grown, name_exit, oom_kills, outside_signal
from embbench.launch.conversation import Conversation, Ending
from embbench.launch.interrupts import SIGNALS, Interrupts
from embbench.launch.order import FAILURES, ended_from_outside
from embbench.launch.origin import Origin
from embbench.launch.process import WorkerProcess, environment
from embbench.store.exchange import MachineState, Ready, Request, Turn
from embbench.store.round import Round, Status

# -P: files in the user's directory must not stand in for modules of the same name, embbench's own among them.
WORKER = (sys.executable, "-P", "-m", "embbench.worker")
GRACE = 2.0  # seconds between SIGTERM and SIGKILL
SHORTLY = 2.0  # seconds from a signal to a worker to the same signal to this process, where both are in one job
LEAVE = 10.0  # seconds to shut down after the last answer


class Job(msgspec.Struct, frozen=True):
    """The job of one worker. command: starts the worker. origin: of a Round that the worker cannot write itself."""

    request: Request
    command: Sequence[str]
    origin: Origin


class Attempt:
    """A worker that runs, or has run. The owner ends its `process`; see `Workers`."""

    def __init__(
        self, job: Job, temporary: str, on_phase: Callable[[str], None], look: Callable[[], MachineState]
    ) -> None:
        """Starts the worker and does not send its request yet. temporary: the folder for the worker's temporary files.
        on_phase, look: see `Conversation`. Raises OSError where the worker cannot be started.
        """
        case = job.request.case
        threads = case.threads if job.request.rank is None else case.threads_of_rank
        variables = environment(threads, case.device, temporary, hash_seed=job.request.hash_seed, runtime=case.runtime)
        self._job = job
        self._kills = oom_kills()
        self.process = WorkerProcess(job.command, variables)
        self.conversation = Conversation(self.process, job.request, on_phase, look)

    @property
    def ended(self) -> bool:
        """Whether the worker's conversation has ended."""
        return self.conversation.ending is not None

    @property
    def unsuccessful(self) -> bool:
        """Whether the worker has ended without a Round of its own, or with a Round that is not `ok`."""
        ending = self.conversation.ending
        return ending is not None and (ending.round is None or ending.round.status != "ok")

    @property
    def phase(self) -> str:
        """The last phase that the worker entered."""
        return self.conversation.phase

    @property
    def ready(self) -> Ready | None:
        """The message of a resident worker that waits for its turn; None while it does not wait."""
        return self.conversation.ready

    def give(self, turn: Turn) -> None:
        """Wakes a resident worker that waits for its turn."""
        self.conversation.ready = None
        self.process.go_on()
        self.process.tell(msgspec.json.encode(turn))

    def conclude(self, timeout: float, grace: float, interrupts: Interrupts | None = None) -> Round:
        """The worker's own Round, or a Round about a worker that ended without its own Round. Ends all processes of
        the worker. timeout: seconds that the worker had. grace: seconds between SIGTERM and SIGKILL. interrupts: say
        whether a signal that ended the worker was for the whole job: a queue signals all processes of a job, in any
        order.
        """
        ending = self.conversation.end("interrupted", "stopped")  # does nothing after the worker's own ending
        patience = {"finished": LEAVE, "silent": grace}.get(ending.how, 0.0)
        if patience:
            self.process.go_on()  # a paused worker cannot leave
        by_itself = self.process.wait(patience)
        code = self.process.end(grace)
        if ending.round is not None:
            return self._with_last_words(ending.round)
        starved = grown(self._kills, oom_kills())
        # C++ aborts where nothing catches std::bad_alloc.
        aborted = code == -signal.SIGABRT and ran_out(self.conversation.last_words(""))
        memory = aborted or (code == -signal.SIGKILL and starved)
        killer = outside_signal(code) if by_itself and ending.how == "silent" and not starved else None
        if killer is not None and -code in SIGNALS and interrupts is not None and interrupts.wait(SHORTLY):
            killer, ending = None, Ending("interrupted", ending.phase, interrupts.name)
        status, reason = _explain(ending, code, by_itself, timeout, memory)
        text = self._quoting(f"{reason} during {ending.phase!r}")
        round_ = self._job.origin.round_for(self._job.request, status, text, ending.phase)
        return round_ if killer is None else ended_from_outside(round_, killer)

    def _with_last_words(self, round_: Round) -> Round:
        """The worker's own Round. A Round of a failure also quotes the lines that led to the failure."""
        if round_.status not in FAILURES:
            return round_
        return msgspec.structs.replace(round_, reason=self._quoting(round_.reason or round_.status))

    def _quoting(self, reason: str) -> str:
        last_words = self.conversation.last_words(reason)
        return f"{reason}; last output: {last_words}" if last_words else reason


def not_started(job: Job, error: OSError) -> Round:
    """The Round of a worker that could not be started."""
    cause = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return job.origin.round_for(job.request, "crash", f"could not be started: {cause}", "start")


def _explain(ending: Ending, code: int, by_itself: bool, timeout: float, memory: bool) -> tuple[Status, str]:
    """code: the worker's exit code. by_itself: whether it ended before this process ended it. memory: whether it ended
    because memory ran out.
    """
    match ending.how:
        case "interrupted":
            return "interrupted", ending.detail
        case "left":
            return "crash", f"stopped after the failure of {ending.detail},"
        case "timeout":
            return "timeout", f"no answer within {format_quantity(timeout, 's')}, {name_exit(code)}"
        case "garbage":
            return "crash", f"wrote an invalid answer, {ending.detail},"
    if not by_itself:
        return "crash", "closed its stdout without finishing"
    if memory:
        return "oom_host", f"{name_exit(code)}, since memory ran out,"
    return "crash", name_exit(code)
