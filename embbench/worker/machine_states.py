"""The machine's state at each sample: it changes the time of a step, and no counter of this process shows it."""

from collections.abc import Callable
from typing import Any

from embbench.store.exchange import MachineState
from embbench.worker.clock import Clock

EVERY = 0.5  # seconds from one reading of the state to the next; states last seconds to minutes

Seen = tuple[int, MachineState]  # number of samples before the state


class MachineStates:
    """Reads the machine's state between the samples of a timed window. ask: reads the state; nothing may be timed
    meanwhile. spent: seconds that the readings between samples took.
    """

    def __init__(self, ask: Callable[[], MachineState], clock: Clock) -> None:
        self._ask, self._clock, self._last = ask, clock, 0
        self.spent = 0.0
        self.seen: list[Seen] = []

    def look(self, samples: int) -> None:
        """Reads the state. samples: number of samples so far."""
        self.seen.append((samples, self._ask()))
        self._last = self._clock()

    def sampled(self, samples: int) -> None:
        """Reads the state if the last reading is old enough. Call it after each sample."""
        if ((begin := self._clock()) - self._last) / 1e9 >= EVERY:
            self.look(samples)
            self.spent += (self._last - begin) / 1e9

    @property
    def told(self) -> dict[str, Any]:
        """For the Round's conditions: core_latency with the nanoseconds by pair of CPUs of each reading (see
        `host.core_latency`) and the number of samples before it. {} if no reading has a latency.
        """
        told = [(samples, state.core_latency) for samples, state in self.seen if any(state.core_latency)]
        if not told:
            return {}
        return {"core_latency": {"samples": [each for each, _ in told], "ns": [list(each) for _, each in told]}}
