"""A job of several processes that torchrun, SLURM or MPI has started: `embbench run` in each of them. The process with
number 0 leads: it has the plan, the journal and the report. The others start a worker for each round that it names.
"""

import contextlib
import functools
import secrets
import time
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, wait
from pathlib import Path
from typing import Any, Self

import msgspec

from embbench import wire
from embbench.contenders import read
from embbench.errors import FileError
from embbench.host.sockets import at_own, free_port
from embbench.launch.attempt import GRACE, WORKER, Job
from embbench.launch.executor import ProcessExecutor
from embbench.launch.interrupts import Interrupts
from embbench.launch.job import JoinedJob
from embbench.launch.origin import Origin, find_origin
from embbench.launch.ranks import round_of_ranks
from embbench.launch.workers import Workers
from embbench.store.exchange import RankPlace, Request
from embbench.store.round import Round

PATIENCE = 120.0  # seconds until the lead listens, and until all others have come
PAUSE = 0.05  # seconds between two tries to reach the lead
LONGEST_END = 60.0  # seconds in which another process ends its worker and answers
OVER = b"over"  # the round is over


class LeadExecutor:
    """Measures cases of one rank here, and cases of as many ranks as the job has on all of its processes. A context
    manager: the others end with it.
    """

    def __init__(self, job: JoinedJob, origin: Origin, interrupts: Interrupts | None = None) -> None:
        self._job, self._origin, self._interrupts = job, origin, interrupts
        self._alone = ProcessExecutor(origin, interrupts)
        self._links: list[Connection] = []

    def __enter__(self) -> Self:
        """Waits for the other processes, or until it is interrupted. Raises FileError where they do not come."""
        found: dict[int, Connection] = {}
        deadline = time.monotonic() + PATIENCE
        try:
            with Listener((at_own(self._job.address), self._job.port), authkey=self._job.key) as listener:
                socket = listener._listener._socket  # pyrefly: ignore[missing-attribute] - the class cannot wait
                while len(found) < self._job.ranks - 1:
                    ready = _wait([socket], max(0.0, deadline - time.monotonic()), self._interrupts)
                    if self._interrupts:
                        break
                    if not ready:
                        raise TimeoutError("timed out")
                    with contextlib.suppress(AuthenticationError, EOFError):  # a process of another job
                        link = listener.accept()
                        found[int(link.recv_bytes())] = link
        except OSError as error:
            raise FileError(_not_together(self._job, error)) from None
        self._links = [found[number] for number in sorted(found)]
        return self

    def __exit__(self, *_: object) -> None:
        for link in self._links:
            link.close()

    def execute(self, request: Request, timeout: float, on_phase: Callable[[str], None]) -> Round:
        """See `Executor`."""
        ranks = request.case.ranks
        if ranks == 1 or self._alone.in_one_process(request.case):
            return self._alone.execute(request, timeout, on_phase)
        if ranks != self._job.ranks:
            reason = f"ranks={ranks}: this job has {self._job.ranks} processes"
            return self._origin.round_for(request, "unsupported", reason)
        return self._together(request, timeout, on_phase)

    def _together(self, request: Request, timeout: float, on_phase: Callable[[str], None]) -> Round:
        address, key = f"{self._job.address}:{free_port(self._job.address)}", secrets.token_hex(16)
        asked = [_placed(request, number, self._job.ranks, address, key) for number in range(self._job.ranks)]
        command = tuple(self._origin.command(request.case.contender, ()))
        others: dict[int, Round] = {}
        failed: list[int] = []
        for link, each in zip(self._links, asked[1:], strict=True):
            _tell(link, wire.encode(Order(each, timeout, command)))
        mine = Job(asked[0], command or WORKER, self._origin)
        with Workers([mine], timeout, on_phase, self._interrupts, GRACE) as workers:

            def hear(number: int, link: Connection) -> bool:
                others[number] = self._answer(link, request)
                if others[number].status != "ok":
                    failed.append(number)
                    workers.stop(f"rank {number}")
                return False

            for number, link in enumerate(self._links, 1):
                workers.watch(link, functools.partial(hear, number, link))
            (lead,) = workers.finish()
        for number, link in enumerate(self._links, 1):
            _tell(link, OVER)
            if number not in others:
                others[number] = self._answer(link, request)
        own = [number for number, each in sorted(others.items()) if _ended_by_itself(each)]
        first = failed[0] if failed else None if lead.status == "ok" else own[0] if own else 0
        return round_of_ranks([lead, *(others[number] for number in sorted(others))], first)

    def _answer(self, link: Connection, request: Request) -> Round:
        """The Round of another process, or a Round about its end."""
        try:
            if link.poll(LONGEST_END):
                return wire.decode(link.recv_bytes(), msgspec.json.Decoder(Round))
            return self._origin.round_for(request, "crash", "its machine does not answer", "start")
        except (EOFError, OSError):
            return self._origin.round_for(request, "crash", "its `embbench run` has ended", "start")


def _ended_by_itself(round_: Round) -> bool:
    """Whether a rank failed, and was not ended because of rank 0."""
    return round_.status != "ok" and not (round_.reason or "").startswith("stopped after the failure of rank 0")


def _not_together(job: JoinedJob, error: OSError) -> str:
    return (
        f"{job.address}:{job.port}: the {job.ranks} processes of this job, as {job.variable} has it, did not come "
        f"together: {error}; start `embbench run` in each of them with the same EMBBENCH_JOB_KEY, set MASTER_ADDR to "
        f"the machine of the first and MASTER_PORT to a free port, or unset {job.variable} to measure with one process"
    )


def _tell(link: Connection, message: bytes) -> None:
    """A process that has ended shows by its silence."""
    with contextlib.suppress(OSError):
        link.send_bytes(message)


class Order(msgspec.Struct, frozen=True):
    """A round to do, and its seconds. command: starts a worker of another Python; () for that of the process that gets
    the order, since its embbench may lie elsewhere on its machine.
    """

    request: Request
    timeout: float
    command: tuple[str, ...] = ()


def follow_job(job: JoinedJob, interrupts: Interrupts | None = None) -> None:
    """Does what process 0 orders until it ends. Raises FileError where it does not listen in time."""
    found = _lead_of(job, interrupts)
    if found is None:
        return
    with found as link:
        link.send_bytes(b"%d" % job.number)
        while True:
            wait([link] if interrupts is None else [link, interrupts.fileno()])
            if interrupts:
                return
            try:
                order = wire.decode(link.recv_bytes(), msgspec.json.Decoder(Order))
            except (EOFError, OSError):
                return
            round_, over = _followed(order, job, link, interrupts)
            _tell(link, wire.encode(round_))
            while not over:
                over = _is_over(link)
            if interrupts:
                return


def _followed(order: Order, job: JoinedJob, link: Connection, interrupts: Interrupts | None) -> tuple[Round, bool]:
    """(the Round of this process's worker, whether the round is over)."""
    request = order.request
    assert request.rank is not None
    rank = msgspec.structs.replace(request.rank, local=job.local)
    contender = read(Path(request.contender))
    command, origin = order.command or WORKER, find_origin({contender.name: contender})
    mine = Job(msgspec.structs.replace(request, rank=rank), command, origin)
    over: list[bool] = []

    def hear() -> bool:
        over.append(_is_over(link))
        workers.stop("rank 0")
        return False

    with Workers([mine], order.timeout, lambda phase: None, interrupts, GRACE) as workers:
        workers.watch(link, hear)
        (round_,) = workers.finish()
    return round_, bool(over)


def _is_over(link: Connection) -> bool:
    """Reads a message of process 0; its end is the end of the round too."""
    try:
        return link.recv_bytes() == OVER
    except (EOFError, OSError):
        return True


def _lead_of(job: JoinedJob, interrupts: Interrupts | None) -> Connection | None:
    """None where it was interrupted."""
    begun = time.monotonic()
    while True:
        try:
            return Client((job.address, job.port), authkey=job.key)
        except (OSError, EOFError, AuthenticationError) as error:
            if time.monotonic() - begun > PATIENCE:
                raise FileError(_not_together(job, OSError(str(error)))) from None
            _wait([], PAUSE, interrupts)
        if interrupts:
            return None


def _wait(for_: list[Any], seconds: float, interrupts: Interrupts | None) -> list[Any]:
    """What of `for_` is ready, within `seconds` and until an interrupt."""
    return [
        each for each in wait([*for_, *([] if interrupts is None else [interrupts.fileno()])], seconds) if each in for_
    ]


def _placed(request: Request, number: int, ranks: int, address: str, key: str) -> Request:
    """The local number of the lead is 0; the others put in their own."""
    return msgspec.structs.replace(request, rank=RankPlace(number, ranks, address, key, local=0))
