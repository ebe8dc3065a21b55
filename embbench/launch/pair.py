"""A launch: two resident workers that take turns, so that whatever the machine does to one it does to the other; or,
where memory is short of both, one after the other.
"""

import contextlib
import math
import time
from collections.abc import Callable, Sequence

import msgspec

from embbench.host.core_latency import CoreProbe
from embbench.launch.attempt import GRACE, Attempt
from embbench.launch.conversation import listen
from embbench.launch.executor import ProcessExecutor
from embbench.launch.interrupts import Interrupts
from embbench.launch.origin import Origin
from embbench.store.exchange import MachineState, Ready, Request, Turn
from embbench.store.round import Round

MOST_CYCLES = 256
LONGEST_TURN = 0.25  # seconds, unless a single step takes longer
BUILDING = ("start", "import", "build")  # phases in which both sides run at once
LOOK = 0.25  # seconds from one look at the machine's state to the next
STARTING = 0.25  # share of the time that starting took which turns may take: the dearer a launch, the more it must tell


class Side(msgspec.Struct, frozen=True):
    """command: starts its worker. origin: of the rounds that the worker cannot write itself."""

    request: Request
    command: Sequence[str]
    origin: Origin


class PairExecutor:
    """Makes launches. `interrupts` ends one early."""

    def __init__(
        self,
        interrupts: Interrupts | None = None,
        grace: float = GRACE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interrupts, self._grace, self._clock = interrupts, grace, clock

    def execute(self, one: Side, other: Side, timeout: float, on_phase: Callable[[str], None]) -> tuple[Round, Round]:
        """Both sides' Rounds. In a cycle of four turns one side takes the first and the last, the other those between;
        `one` does in the first cycle, and then as Thue and Morse's sequence has it, so that neither place nor CPU is
        always the same side's: beside a process that is busy half of the time, the side that always had the first turn
        on a CPU came out 2.3 % slower (numpy, 20k rows, 263 launches).

        Both import and build at the same time, which makes those times useless and saves half of them. From the first
        step on one side stands still while the other runs, with all its threads, those too that would spin for a while.
        (Where both warmed up and were audited on the same CPUs at once, a launch took 67 s that takes 7: two threads
        each, two CPUs, 20k rows.) Where one side fails, the other finishes alone.
        """
        deadline = self._clock() + timeout
        with contextlib.ExitStack() as stack:
            attempts = [
                stack.enter_context(Attempt(side.origin, side.request, side.command, on_phase, self._grace))
                for side in (one, other)
            ]
            begun = self._clock()
            self._build(attempts, deadline)
            for each in attempts:
                self._go_on(each, lambda each=each: _waits(each), attempts, deadline)
                if each.process is not None:
                    each.process.pause()
            if not any(each.ended for each in attempts):
                budget = max(2 * one.request.protocol.budget, STARTING * (self._clock() - begun))
                self._take_turns(attempts, budget, deadline, stack.enter_context(CoreProbe()))
            self._finish(attempts, deadline)
            first, second = (each.conclude(timeout, self._interrupts) for each in attempts)
        return first, second

    def _build(self, attempts: Sequence[Attempt], deadline: float) -> None:
        """Until both are about to make their first step, and stand still, or have ended."""
        running = [each for each in attempts if not each.ended]
        while running:
            still = tuple(running)
            self._listen(attempts, lambda still=still: any(map(_is_built_or_ended, still)), deadline)
            for each in filter(_is_built_or_ended, running):
                if each.process is not None and not each.ended:
                    each.process.pause()
            running = [each for each in running if not _is_built_or_ended(each)]

    def _go_on(self, attempt: Attempt, until: Callable[[], bool], attempts: Sequence[Attempt], deadline: float) -> None:
        """Lets one side run until it is where it should be, or has ended."""
        if attempt.process is not None and not attempt.ended:
            attempt.process.go_on()
            self._listen(attempts, lambda: until() or attempt.ended, deadline)

    def _finish(self, attempts: Sequence[Attempt], deadline: float) -> None:
        """One side after the other, as far as its steps count for something; then both at once."""
        left = [each for each in attempts if each.process is not None and not each.ended]
        for each in left:
            assert each.process is not None
            each.process.tell_no_more()
            self._go_on(each, lambda each=each: _only_ends(each), attempts, deadline)
            if not each.ended:
                each.process.pause()
        for each in left:
            if each.process is not None and not each.ended:
                each.process.go_on()
        self._listen(attempts, lambda: all(each.ended for each in left), deadline)

    def _take_turns(self, attempts: Sequence[Attempt], budget: float, deadline: float, cores: CoreProbe) -> None:
        """Whole cycles until `budget` seconds are spent, or a side has ended. Before some cycles the machine's state is
        looked at, and told to both sides with their first turn of it; that takes nothing of the budget.
        """
        one, other = attempts
        waiting = []
        for each in attempts:
            assert each.process is not None
            assert each.conversation is not None
            assert each.conversation.ready is not None
            each.process.pause()
            waiting.append(each.conversation.ready)
        steps = block_steps(waiting)
        again = Turn(steps)
        begun, seen = self._clock(), -math.inf
        for cycle in range(MOST_CYCLES):
            outer, inner = (other, one) if cycle.bit_count() % 2 else (one, other)
            first = again
            if (asked := self._clock()) - seen >= LOOK:
                first = Turn(steps, MachineState(cores.read()))
                seen = self._clock()
                begun += seen - asked
            for each, turn in ((outer, first), (inner, first), (inner, again), (outer, again)):
                self._take_turn(each, turn, attempts, deadline)
                if one.ended or other.ended:
                    return
            if self._clock() - begun >= budget:
                return

    def _take_turn(self, attempt: Attempt, turn: Turn, attempts: Sequence[Attempt], deadline: float) -> None:
        process, conversation = attempt.process, attempt.conversation
        assert process is not None
        assert conversation is not None
        conversation.ready = None
        process.go_on()
        process.tell(msgspec.json.encode(turn))
        self._listen(attempts, lambda: conversation.ready is not None or any(each.ended for each in attempts), deadline)
        process.pause()

    def _listen(self, attempts: Sequence[Attempt], until: Callable[[], bool], deadline: float) -> None:
        conversations = [each.conversation for each in attempts if each.conversation is not None]
        listen(conversations, until, deadline, self._interrupts, self._clock)


def block_steps(waiting: Sequence[Ready]) -> int:
    """Of the blocks of both sides: as many as the side needs that needs more. Were each as long as its own side sees
    fit, a step on the border would be timed with warm caches in one side and without in the other (4 % apart: numpy,
    20k rows, steps of 5 ms). No more than LONGEST_TURN of the slower side: a much slower head must not take minutes.
    """
    most = int(LONGEST_TURN / max(each.seconds for each in waiting))
    return max(1, min(most, max(each.steps for each in waiting)))


def _is_built_or_ended(attempt: Attempt) -> bool:
    return attempt.ended or (attempt.conversation is not None and attempt.conversation.phase not in BUILDING)


def _only_ends(attempt: Attempt) -> bool:
    """Whether it makes no more steps: it is not audited again, and has told what ran, by steps of its own."""
    return attempt.conversation is not None and attempt.conversation.phase == "end"


def _waits(attempt: Attempt) -> bool:
    return attempt.conversation is not None and attempt.conversation.ready is not None


class ApartExecutor:
    """Makes launches whose sides run one after the other, for want of memory. Their noise is not shared."""

    def __init__(self, interrupts: Interrupts | None = None) -> None:
        self._interrupts = interrupts

    def execute(self, one: Side, other: Side, timeout: float, on_phase: Callable[[str], None]) -> tuple[Round, Round]:
        """Both sides' Rounds, `one` first. After an interruption the other is one too."""
        first, second = (self._alone(side, timeout, on_phase) for side in (one, other))
        return first, second

    def _alone(self, side: Side, timeout: float, on_phase: Callable[[str], None]) -> Round:
        request = msgspec.structs.replace(side.request, launch="")
        executor = ProcessExecutor(side.origin, self._interrupts, side.command)
        return msgspec.structs.replace(executor.execute(request, timeout, on_phase), launch=side.request.launch)
