"""In which state the machine was at each sample: what moves a step and no counter of this process shows."""

from collections.abc import Callable
from typing import Any

from embbench.store.exchange import MachineState
from embbench.worker.clock import Clock

EVERY = 0.5  # seconds of the timed window from one look to the next; states last seconds to minutes

Seen = tuple[int, MachineState]  # samples made before it


class MachineStates:
    """Looks at the machine between the samples of a timed window. ask: tells its state, while nothing is timed. spent:
    seconds that the looks between samples took.
    """

    def __init__(self, ask: Callable[[], MachineState], clock: Clock) -> None:
        self._ask, self._clock, self._last = ask, clock, 0
        self.spent = 0.0
        self.seen: list[Seen] = []

    def look(self, samples: int) -> None:
        """samples: that there are."""
        self.seen.append((samples, self._ask()))
        self._last = self._clock()

    def sampled(self, samples: int) -> None:
        """To be called behind each sample."""
        if ((begin := self._clock()) - self._last) / 1e9 >= EVERY:
            self.look(samples)
            self.spent += (self._last - begin) / 1e9

    @property
    def told(self) -> dict[str, Any]:
        """For the Round's conditions: core_latency, with the nanoseconds of each look by pair of CPUs (see
        `host.core_latency`) and how many samples were made before it. {} where no look tells.
        """
        told = [(samples, state.core_latency) for samples, state in self.seen if any(state.core_latency)]
        if not told:
            return {}
        return {"core_latency": {"samples": [each for each, _ in told], "ns": [list(each) for _, each in told]}}
