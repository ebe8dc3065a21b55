"""Workers that run at the same time: one deadline, one listening loop, and nothing left of them at the end."""

import contextlib
import selectors
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, Self

from embbench.host.core_latency import CoreProbe
from embbench.launch.attempt import GRACE, Attempt, Job, not_started
from embbench.launch.conversation import How
from embbench.launch.interrupts import Interrupts
from embbench.store.exchange import MachineState, Turn
from embbench.store.round import Round


class Workers:
    """A context manager that starts a worker for each job, and ends all of them whatever happens.

    timeout: seconds for all workers, from the start of the first worker. on_phase: called for every phase that a worker
    enters, of workers that need each other for the first worker only. interrupts: end the workers early. grace: seconds
    between SIGTERM and SIGKILL. together: whether the workers need each other, so that the first that ends without
    success ends all of them.

    first_failed: the place of that job; None if there is none.

    The parent sleeps until a worker says something. A worker that could not be started is a Round from the beginning.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        timeout: float,
        on_phase: Callable[[str], None],
        interrupts: Interrupts | None = None,
        grace: float = GRACE,
        clock: Callable[[], float] = time.monotonic,
        together: bool = False,
    ) -> None:
        self._jobs, self._timeout, self._on_phase = jobs, timeout, on_phase
        self._interrupts, self._grace, self._clock, self._together = interrupts, grace, clock, together
        self.first_failed: int | None = None
        self._started: dict[int, Attempt] = {}
        self._unstarted: dict[int, Round] = {}

    def __enter__(self) -> Self:
        self._deadline = self._clock() + self._timeout
        with contextlib.ExitStack() as stack:
            self._cores = stack.enter_context(CoreProbe())
            self._selector = stack.enter_context(selectors.DefaultSelector())
            if self._interrupts is not None:
                self._selector.register(self._interrupts, selectors.EVENT_READ, self._stop)
            for number, job in enumerate(self._jobs):
                self._start(number, job, stack)
            self._stack = stack.pop_all()
        self._end_together()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    @property
    def running(self) -> list[Attempt]:
        """The workers that have not ended, including paused workers, in the order of their jobs."""
        return [worker for worker in self._started.values() if not worker.ended]

    def look(self) -> MachineState:
        """The present state of the machine. Nothing may be timed meanwhile."""
        return MachineState(self._cores.read())

    def let(self, workers: Iterable[Attempt], until: Callable[[Attempt], bool]) -> None:
        """Lets the workers run at once. Pauses a worker as soon as `until(worker)` holds or the worker has ended."""
        going = [worker for worker in workers if not worker.ended]
        for worker in going:
            worker.process.go_on()

        def arrived() -> list[Attempt]:
            return [worker for worker in going if worker.ended or until(worker)]

        while going:
            self._listen(lambda: bool(arrived()))
            for worker in arrived():
                worker.process.pause()
                going.remove(worker)

    def watch(self, file: Any, heard: Callable[[], bool]) -> None:
        """Listens to another file while the workers run. heard: called when the file can be read; says whether to go on
        listening to it.
        """
        self._selector.register(file, selectors.EVENT_READ, heard)

    def stop(self, cause: str) -> None:
        """Ends all workers, because of a failure elsewhere that a Round names."""
        self._end_all("left", cause)

    def take_turn(self, worker: Attempt, turn: Turn) -> None:
        """Gives a resident worker a turn. Pauses the worker when it is ready for the next turn, or any worker ends."""
        running = self.running
        worker.give(turn)
        self._listen(lambda: worker.ready is not None or any(other.ended for other in running))
        worker.process.pause()

    def finish(self) -> list[Round]:
        """Lets all workers run until they have ended. One Round per job, in order."""
        for worker in self.running:
            worker.process.go_on()
        self._listen(lambda: False)
        concluded = {
            number: worker.conclude(self._timeout, self._grace, self._interrupts)
            for number, worker in self._started.items()
        }
        rounds = {**self._unstarted, **concluded}
        return [rounds[number] for number in range(len(self._jobs))]

    def _start(self, number: int, job: Job, stack: contextlib.ExitStack) -> None:
        try:
            # Every worker has its own folder: compilers find no files of earlier rounds, and a kill leaves no files.
            temporary = tempfile.TemporaryDirectory(prefix="embbench-", ignore_cleanup_errors=True)
            on_phase = _unheard if self._together and number else self._on_phase  # they enter the same phases
            worker = Attempt(job, stack.enter_context(temporary), on_phase, self.look)
        except OSError as error:
            self._unstarted[number] = not_started(job, error)
            return
        stack.callback(worker.process.close)
        self._started[number] = worker
        worker.conversation.watch(self._selector)
        worker.conversation.begin()

    def _listen(self, until: Callable[[], bool]) -> None:
        """Sleeps until `until()` holds or all workers have ended. The deadline and an interrupt end all workers."""
        while not until() and self.running:
            left = self._deadline - self._clock()
            if left <= 0:
                self._end_all("timeout")
            for key, _ in self._selector.select(max(0.0, left)):
                if not key.data():
                    self._selector.unregister(key.fileobj)
                self._end_together()

    def _stop(self) -> bool:
        """Whether to go on watching the interrupts: signals that stop nothing wake the parent too."""
        if self._interrupts:
            self._end_all("interrupted", self._interrupts.name)
        return True

    def _end_together(self) -> None:
        """If the workers need each other, ends all workers after the first that ended without success."""
        if not self._together:
            return
        for number in range(len(self._jobs)):
            if self.first_failed is None and (number in self._unstarted or self._started[number].unsuccessful):
                self.first_failed = number
                self._end_all("left", f"worker {number + 1} of {len(self._jobs)}")
                return

    def _end_all(self, how: How, detail: str = "") -> None:
        for worker in self.running:
            worker.conversation.end(how, detail)


def _unheard(phase: str) -> None:
    """For a phase that nobody is told."""
