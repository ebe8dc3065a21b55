"""A launch: two resident workers that take turns, so that the machine disturbs both alike. If memory is too small for
both, one worker runs after the other.
"""

import math
import time
from collections.abc import Callable, Sequence

import msgspec

from embbench.launch.attempt import GRACE, Attempt, Job
from embbench.launch.executor import ProcessExecutor
from embbench.launch.interrupts import Interrupts
from embbench.launch.workers import Workers
from embbench.store.exchange import Ready, Turn
from embbench.store.round import Round

MOST_CYCLES = 256
LONGEST_TURN = 0.25  # seconds of a turn, unless a single step takes longer
BUILDING = ("start", "import", "build")  # phases in which both sides run at once
LOOK = 0.25  # seconds from one reading of the machine's state to the next
STARTING = 0.25  # seconds of turns per second of starting: a launch that starts slowly must measure more


class PairExecutor:
    """Makes launches of two sides that take turns. `interrupts` ends a launch early."""

    def __init__(
        self,
        interrupts: Interrupts | None = None,
        grace: float = GRACE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interrupts, self._grace, self._clock = interrupts, grace, clock

    def execute(self, one: Job, other: Job, timeout: float, on_phase: Callable[[str], None]) -> tuple[Round, Round]:
        """The Rounds of both sides. A cycle has four turns: one side takes the first and the last turn, the other side
        the two turns between. `one` begins the first cycle. The Thue-Morse sequence decides about later cycles, so that
        no side keeps a place or a CPU: beside a process that was busy half of the time, a side that always had the
        first turn on a CPU came out 2.3 % slower (numpy, 20k rows, 263 launches).

        Both sides import and build at the same time. That makes these times useless and saves half of them. From the
        first step on, one side is paused with all its threads while the other side runs, since some threads would spin.
        (When both sides warmed up and were audited on the same CPUs at once, a launch took 67 s instead of 7 s: two
        threads per side, two CPUs, 20k rows.) If one side fails, the other side finishes alone.
        """
        with Workers((one, other), timeout, on_phase, self._interrupts, self._grace, self._clock) as workers:
            begun = self._clock()
            workers.let(workers.running, _is_built)
            for side in workers.running:
                workers.let([side], _waits)
            if len(workers.running) == 2:
                budget = max(2 * one.request.protocol.budget, STARTING * (self._clock() - begun))
                self._take_turns(workers, budget)
            for side in workers.running:
                side.process.tell_no_more()
                workers.let([side], _only_ends)  # the last steps count too: one side after the other
            first, second = workers.finish()
        return first, second

    def _take_turns(self, workers: Workers, budget: float) -> None:
        """Makes whole cycles until `budget` seconds are spent or a side has ended. Before some cycles, reads the
        machine's state and sends it to both sides with their first turn of the cycle. The reading does not count for
        the budget.
        """
        one, other = workers.running
        steps = block_steps([side.ready for side in (one, other) if side.ready is not None])
        plain = Turn(steps)
        begun, seen = self._clock(), -math.inf
        for cycle in range(MOST_CYCLES):
            outer, inner = (other, one) if cycle.bit_count() % 2 else (one, other)
            first = plain
            if (before := self._clock()) - seen >= LOOK:
                first = Turn(steps, workers.look())
                seen = self._clock()
                begun += seen - before
            for side, turn in ((outer, first), (inner, first), (inner, plain), (outer, plain)):
                workers.take_turn(side, turn)
                if len(workers.running) < 2:
                    return
            if self._clock() - begun >= budget:
                return


def block_steps(waiting: Sequence[Ready]) -> int:
    """Steps per block for both sides: the larger of the numbers that the two sides need. With a number per side, a
    borderline step would be timed with warm caches on one side and with cold caches on the other (a difference of 4 %:
    numpy, 20k rows, steps of 5 ms). The slower side takes at most LONGEST_TURN: a much slower head must not take
    minutes.
    """
    limit = int(LONGEST_TURN / max(ready.seconds for ready in waiting))
    return max(1, min(limit, max(ready.steps for ready in waiting)))


def _is_built(side: Attempt) -> bool:
    return side.phase not in BUILDING


def _waits(side: Attempt) -> bool:
    return side.ready is not None


def _only_ends(side: Attempt) -> bool:
    """Whether the side makes no more steps. Sides that are audited again never enter this phase before they finish."""
    return side.phase == "end"


class ApartExecutor:
    """Makes launches whose sides run one after the other, since memory is too small for both. Their noise differs."""

    def __init__(self, interrupts: Interrupts | None = None) -> None:
        self._interrupts = interrupts

    def execute(self, one: Job, other: Job, timeout: float, on_phase: Callable[[str], None]) -> tuple[Round, Round]:
        """The Rounds of both sides; `one` runs first. After an interruption the other Round is interrupted too."""
        first, second = (self._alone(side, timeout, on_phase) for side in (one, other))
        return first, second

    def _alone(self, side: Job, timeout: float, on_phase: Callable[[str], None]) -> Round:
        request = msgspec.structs.replace(side.request, launch="")
        executor = ProcessExecutor(side.origin, self._interrupts, side.command)
        return msgspec.structs.replace(executor.execute(request, timeout, on_phase), launch=side.request.launch)
