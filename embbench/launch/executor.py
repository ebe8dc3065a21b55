"""Does one round in a worker process. Tests use other classes with the same method."""

import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from embbench.cases.case import Case
from embbench.launch.attempt import GRACE, WORKER, Job
from embbench.launch.interrupts import Interrupts
from embbench.launch.origin import Origin
from embbench.launch.ranks import jobs_of_ranks, round_of_ranks
from embbench.launch.workers import Workers
from embbench.store.exchange import Request
from embbench.store.round import Round


class Executor(Protocol):
    """Does one round and always answers: every failure of the worker is a Round too.

    A Round of status `interrupted` means that the user wants to stop.
    """

    def execute(self, request: Request, timeout: float, on_phase: Callable[[str], None]) -> Round: ...


class ProcessExecutor:
    """Starts a new process for each round, or for each of its ranks. command: of a worker in this process's own
    environment. `interrupts` ends a round early.
    """

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
        """The worker's own Round, or a Round about a worker that ended without its own Round."""
        job = Job(request, self._origin.command(request.case.contender, self._command), self._origin)
        if request.case.ranks == 1 or self.in_one_process(request.case):
            with Workers([job], timeout, on_phase, self._interrupts, self._grace, self._clock) as workers:
                (round_,) = workers.finish()
            return round_
        with tempfile.TemporaryDirectory(prefix="embbench-", ignore_cleanup_errors=True) as folder:
            jobs = jobs_of_ranks(job, folder)
            with Workers(jobs, timeout, on_phase, self._interrupts, self._grace, self._clock, True) as workers:
                return round_of_ranks(workers.finish(), workers.first_failed)

    def in_one_process(self, case: Case) -> bool:
        """Whether the ranks of the case are devices of a single process."""
        declaration = self._origin.declarations.get(case.contender)
        return declaration is not None and declaration.one_process
