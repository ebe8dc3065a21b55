"""What a round has found so far; a round that fails later keeps it all."""

import contextlib
import platform
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from embbench.host.machine import machine_facts
from embbench.host.packages import own_version
from embbench.spec.case import case_id
from embbench.spec.metrics import METRICS
from embbench.store.exchange import MachineState, Request
from embbench.store.round import Loaded, Round, Status, Values, Warning_
from embbench.worker.clock import Clock
from embbench.worker.turns import Turns

Enter = Callable[[str], None]


class Recorder:
    """enter: called with each phase's name before it begins. turns: of a resident worker. ask: tells the machine's
    state while nothing is timed. phase: the last one begun.
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
        self.settled = False  # whether a failure from now on loses nothing: the round is measured and audited
        self.metrics: dict[str, Values] = {}
        self.fields: dict[str, Any] = {"conditions": {}, "warnings": ()}
        self.tell_code: Callable[[], Loaded] | None = None  # what the round has loaded, once its contender is known
        self.machine = machine_facts()  # before anything of the contender: a library may bind this thread to one CPU
        self.fields["started"] = datetime.now(UTC).isoformat(timespec="seconds")
        self.software = {"python": platform.python_version(), "embbench": own_version()}

    def enter(self, phase: str) -> None:
        self.phase = phase
        self._enter(phase)

    def put(self, name: str, *values: float) -> None:
        metric = METRICS[name]
        self.metrics[name] = Values(metric.unit, metric.kind, metric.better, tuple(map(float, values)))

    def value(self, name: str) -> float:
        """Of a metric that has one."""
        return self.metrics[name].values[0]

    def warn(self, code: str, text: str) -> None:
        self.fields["warnings"] += (Warning_(code, text),)

    def timed(self, name: str, run: Callable[[], Any]) -> Any:
        """What `run` returns; its seconds become metric `name`, unless another worker starts at the same time."""
        begin = self.clock()
        result = run()
        if self.turns is None:
            self.put(name, (self.clock() - begin) / 1e9)
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
            told = self.fields["conditions"]
            told["once_seconds"] = round(told.get("once_seconds", 0.0) + (self.clock() - begin) / 1e9, 3)

    def finish(self, status: Status, reason: str | None = None) -> Round:
        asked = self.request
        if self.tell_code is not None and "loaded" not in self.fields:
            self.fields["loaded"] = self.tell_code()
        return Round(
            run=asked.run,
            suite=asked.suite,
            case_id=case_id(asked.case),
            case=asked.case,
            round=asked.round,
            protocol=asked.protocol,
            status=status,
            reason=reason,
            metrics=self.metrics,
            machine=self.machine,
            software=self.software,
            launch=asked.launch,
            **self.fields,
        )
