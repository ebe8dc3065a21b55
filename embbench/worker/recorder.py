"""Collects the results of a round. A round that fails later keeps all results so far."""

import contextlib
import platform
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from embbench.cases.case import case_id
from embbench.host.machine import machine_facts
from embbench.host.packages import own_version
from embbench.store.exchange import MachineState, Request
from embbench.store.round import Loaded, Round, Status
from embbench.worker.clock import Clock
from embbench.worker.launch_turns import Turns
from embbench.worker.note import NOTHING, Note, condition, measured

Enter = Callable[[str], None]


class Recorder:
    """Adds up the notes of a round's phases. enter: called with the name of each phase before the phase begins. turns:
    of a resident worker, else None. ask: reads the machine's state; nothing may be timed meanwhile. beside: ids of
    other processes of the same round on this machine. found: the sum of all notes so far. phase: the current phase.
    """

    def __init__(
        self,
        request: Request,
        enter: Enter,
        clock: Clock,
        turns: Turns | None = None,
        ask: Callable[[], MachineState] = MachineState,
    ) -> None:
        self.request, self.clock, self.turns, self.ask = request, clock, turns, ask
        self._enter, self.phase = enter, "start"
        self.beside: tuple[int, ...] = ()
        self.complete = False  # True once the round is measured and audited: a later failure loses nothing
        self.found = NOTHING
        self._once = 0.0
        self.tell_code: Callable[[], Loaded] | None = None  # reads the loaded code; None until the contender is known
        self.machine = machine_facts()  # before the contender loads: a library may bind this thread to one CPU
        self._started = datetime.now(UTC).isoformat(timespec="seconds")
        self.software = {"python": platform.python_version(), "embbench": own_version()}

    def enter(self, phase: str) -> None:
        self.phase = phase
        self._enter(phase)

    def add(self, note: Note) -> None:
        self.found += note

    def timed(self, name: str, run: Callable[[], Any]) -> Any:
        """The result of `run`. Its seconds become metric `name`, unless another worker starts at the same time."""
        begin = self.clock()
        result = run()
        if self.turns is None:
            self.add(measured(name, (self.clock() - begin) / 1e9))
        return result

    @contextlib.contextmanager
    def once(self) -> Iterator[None]:
        """Wraps work that further rounds of the same program do not repeat. A condition holds its seconds, so that the
        time of further rounds can be predicted.
        """
        begin = self.clock()
        try:
            yield
        finally:
            self._once = round(self._once + (self.clock() - begin) / 1e9, 3)
            self.add(condition(once_seconds=self._once))

    def finish(self, status: Status, reason: str | None = None) -> Round:
        asked, found = self.request, self.found
        loaded = found.loaded or (self.tell_code() if self.tell_code is not None else Loaded())
        return Round(
            run=asked.run,
            suite=asked.suite,
            case_id=case_id(asked.case),
            case=asked.case,
            round=asked.round,
            protocol=asked.protocol,
            status=status,
            reason=reason,
            metrics=found.metrics,
            audit=found.audit,
            ran=found.ran,
            warnings=found.warnings,
            conditions=found.conditions,
            machine=self.machine,
            software=self.software,
            started=self._started,
            launch=asked.launch,
            loaded=loaded,
            declared=found.declared,
            claims=found.claims,
            curves=found.curves,
        )
