"""A launch: two resident workers that take turns, so that whatever the machine does to one it does to the other; or,
where memory is short of both, one after the other.
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
LONGEST_TURN = 0.25  # seconds, unless a single step takes longer
BUILDING = ("start", "import", "build")  # phases in which both sides run at once
LOOK = 0.25  # seconds from one look at the machine's state to the next
STARTING = 0.25  # share of the time that starting took which turns may take: the dearer a launch, the more it must tell


class PairExecutor:
    """Makes launches. `interrupts` ends one early."""

    def __init__(
        self,
        interrupts: Interrupts | None = None,
        grace: float = GRACE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interrupts, self._grace, self._clock = interrupts, grace, clock

    def execute(self, one: Job, other: Job, timeout: float, on_phase: Callable[[str], None]) -> tuple[Round, Round]:
        """Both sides' Rounds. In a cycle of four turns one side takes the first and the last, the other those between;
        `one` does in the first cycle, and then as Thue and Morse's sequence has it, so that neither place nor CPU is
        always the same side's: beside a process that is busy half of the time, the side that always had the first turn
        on a CPU came out 2.3 % slower (numpy, 20k rows, 263 launches).

        Both import and build at the same time, which makes those times useless and saves half of them. From the first
        step on one side stands still while the other runs, with all its threads, those too that would spin for a while.
        (Where both warmed up and were audited on the same CPUs at once, a launch took 67 s that takes 7: two threads
        each, two CPUs, 20k rows.) Where one side fails, the other finishes alone.
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
                workers.let([side], _only_ends)  # steps that count for something: one side after the other
            first, second = workers.finish()
        return first, second

    def _take_turns(self, workers: Workers, budget: float) -> None:
        """Whole cycles until `budget` seconds are spent, or a side has ended. Before some cycles the machine's state is
        looked at and sent to both sides with their first turn of the cycle; that takes nothing of the budget.
        """
        one, other = workers.running
        steps = block_steps([one.ready, other.ready])
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
    """Of the blocks of both sides: as many as the side needs that needs more. Were each as long as its own side sees
    fit, a step on the border would be timed with warm caches in one side and without in the other (4 % apart: numpy,
    20k rows, steps of 5 ms). No more than LONGEST_TURN of the slower side: a much slower head must not take minutes.
    """
    most = int(LONGEST_TURN / max(each.seconds for each in waiting))
    return max(1, min(most, max(each.steps for each in waiting)))


def _is_built(side: Attempt) -> bool:
    return side.phase not in BUILDING


def _waits(side: Attempt) -> bool:
    return side.ready is not None


def _only_ends(side: Attempt) -> bool:
    """Whether the side makes no more steps: it is not audited again, and says what ran, by steps of its own."""
    return side.phase == "end"


class ApartExecutor:
    """Makes launches whose sides run one after the other, for want of memory. Their noise is not shared."""

    def __init__(self, interrupts: Interrupts | None = None) -> None:
        self._interrupts = interrupts

    def execute(self, one: Job, other: Job, timeout: float, on_phase: Callable[[str], None]) -> tuple[Round, Round]:
        """Both sides' Rounds, `one` first. After an interruption the other is one too."""
        first, second = (self._alone(side, timeout, on_phase) for side in (one, other))
        return first, second

    def _alone(self, side: Job, timeout: float, on_phase: Callable[[str], None]) -> Round:
        request = msgspec.structs.replace(side.request, launch="")
        executor = ProcessExecutor(side.origin, self._interrupts, side.command)
        return msgspec.structs.replace(executor.execute(request, timeout, on_phase), launch=side.request.launch)
