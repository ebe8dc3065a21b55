"""What a round has found so far; a round that fails later keeps it all."""

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
    """Adds up the notes of a round's phases. enter: called with each phase's name before it begins. turns: of a
    resident worker. ask: tells the machine's state while nothing is timed. found: all notes so far. phase: the last one
    begun.
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
        self.complete = False  # whether a failure from now on loses nothing: the round is measured and audited
        self.found = NOTHING
        self._once = 0.0
        self.tell_code: Callable[[], Loaded] | None = None  # what the round has loaded, once its contender is known
        self.machine = machine_facts()  # before anything of the contender: a library may bind this thread to one CPU
        self._started = datetime.now(UTC).isoformat(timespec="seconds")
        self.software = {"python": platform.python_version(), "embbench": own_version()}

    def enter(self, phase: str) -> None:
        self.phase = phase
        self._enter(phase)

    def add(self, note: Note) -> None:
        self.found += note

    def timed(self, name: str, run: Callable[[], Any]) -> Any:
        """What `run` returns; its seconds become metric `name`, unless another worker starts at the same time."""
        begin = self.clock()
        result = run()
        if self.turns is None:
            self.add(measured(name, (self.clock() - begin) / 1e9))
        return result

    @contextlib.contextmanager
    def once(self) -> Iterator[None]:
        """Around what a further round of the same program does not repeat: its seconds are told, so that what such a
        round takes can be foreseen.
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
        )
