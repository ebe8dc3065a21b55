"""Clocks of the GPU and other programs on the GPU during the timed window."""

import contextlib
from collections.abc import Collection, Iterator
from typing import Any

from embbench.host.device_processes import OtherPrograms
from embbench.host.devices import DeviceState, watched
from embbench.worker.clock import Clock


class DeviceStates:
    """Reads the states of a case's devices after each block, since a GPU tells its reasons for lower clocks only while
    they hold: before and after the window alone, a GPU that cooled down meanwhile would look calm. spent: seconds that
    the readings took.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock, self.spent = clock, 0.0
        self._seen: list[list[DeviceState]] = []
        self._others: float | None = None

    @contextlib.contextmanager
    def window(self, count: int, own: Collection[int] | None) -> Iterator[None]:
        """`look` reads within. count: devices of the case, the first visible devices; with 0, nothing is read. own: ids
        of processes that are no other programs; None if other programs are not looked for.
        """
        with watched(count) as self._read:
            self.look()
            self.spent, programs = 0.0, OtherPrograms(count)
            yield
        if count and own is not None:
            self._others = programs.busiest(own)

    def look(self) -> None:
        """Call it right after a fence, while the clocks are still those of the block."""
        begin = self._clock()
        if states := self._read():
            self._seen.append(states)
            self.spent += (self._clock() - begin) / 1e9

    @property
    def told(self) -> dict[str, Any]:
        """For the Round's conditions, one value per reading and device, None if unknown: clocks in Hz, throttle as bit
        masks; and device_others, see `OtherPrograms.busiest`.
        """
        found: dict[str, Any] = {}
        for name, field in (("clocks", "clock"), ("throttle", "throttle")):
            values = [[getattr(state, field) for state in states] for states in self._seen]
            if any(value is not None for each in values for value in each):
                found[name] = values
        return found if self._others is None else {**found, "device_others": self._others}
