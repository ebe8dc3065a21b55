"""The samples of a resident worker: one block per turn. The worker sleeps while the other side runs."""

import contextlib
import math
import os
from collections.abc import Callable
from typing import BinaryIO

import msgspec

from embbench.cases.contender import Trial
from embbench.host.load import page_faults, queue_wait, time_of_others
from embbench.store.exchange import Answer, Ready, Turn
from embbench.worker.clock import Clock, time_block
from embbench.worker.fence import is_linear
from embbench.worker.machine_states import Seen
from embbench.worker.sampling import DOUBLED, Samples

LONG = 0.25  # seconds per step from which on a block has no uncounted step before it


class Turns:
    """The turns that the parent gives. send: sends an answer. lines: from the parent, one per turn; the end of the
    lines ends the turns. seen: the machine's states that came with the turns. faults: page faults per step, by turn.
    waits: seconds per step that the threads waited for a CPU, by turn; None if unknown. others: share of one CPU that
    other programs used during the turns; None if unknown.
    """

    def __init__(self, send: Callable[[Answer], None], lines: BinaryIO) -> None:
        self._send, self._lines = send, lines
        self.seen: list[Seen] = []
        self.faults: list[float] = []
        self.waits: list[float | None] = []
        self.others: float | None = None

    def take(
        self,
        trial: Trial,
        steps: int,
        step: float,
        clock: Clock,
        made: Callable[[int, int], None] = lambda steps, samples: None,
    ) -> Samples:
        """Takes one block per turn. The second block has twice as many steps (see `take_samples`), and so has every
        other block until these blocks prove the fence, so that no further blocks must prove it after the turns. Takes
        at least two blocks, so that the fence can be proven even if the other side died. steps: per block, as this side
        needs; the turns say how many steps both sides make. step: seconds per step in the warm-up.

        Both sides make the turns of one cycle on the same CPU, and the turns of the next cycle on the next CPU. The
        scheduler leaves a process on its CPU. If one CPU shares its core with a busy guest and the other does not, that
        would look like a difference between the programs (numpy, 20k rows, two such CPUs: the ratios of launches of
        equal programs scattered by 3 to 6 %, and by 1 % since).

        A step that does not count precedes each block. The caches hold data of the other side, and paused threads must
        find a CPU again, which never happens in a user's training. (Blocks of one step without it took 10 to 47 ms for
        a step of 10 ms on two threads.) A step of LONG takes far longer than these effects.

        made: see `take_samples`.
        """
        warmed = 0
        others: list[float | None] = []
        seconds: list[float] = []
        sizes: list[int] = []
        self._send(Ready(steps, step))
        while (line := self._lines.readline()) or len(seconds) <= DOUBLED:
            if line:
                turn = msgspec.json.decode(line, type=Turn)
                steps = turn.steps
                if turn.state.core_latency:
                    self.seen.append((len(seconds), turn.state))
            _move_to(len(seconds) // 2)
            warming = step < LONG
            if warming:
                trial.step()
                warmed += 1
            trial.sync()
            doubled = len(seconds) % 2 == DOUBLED and not is_linear(Samples(tuple(seconds), tuple(sizes), "turns"))
            size = 2 * steps if doubled else steps
            beside, waited, faults = time_of_others(), queue_wait(), page_faults()
            seconds.append(time_block(trial, size, clock) / size)
            self.faults.append((page_faults() - faults) / size)
            self.waits.append(None if waited is None else max(0.0, (queue_wait() or 0.0) - waited) / size)
            others.append(None if beside is None else (time_of_others() or 0.0) - beside)
            sizes.append(size)
            made(size + warming, len(seconds))
            self._send(Ready(steps, step))
        known = [each for each in others if each is not None]
        whole = math.fsum(map(math.prod, zip(seconds, sizes, strict=True)))
        self.others = max(0.0, math.fsum(known)) / whole if known and whole else None
        return Samples(tuple(seconds), tuple(sizes), "turns", warm=warmed)


def _move_to(cycle: int) -> None:
    """Moves this thread to the cycle's CPU and then allows all CPUs again, so that no new thread inherits a single CPU.
    Does nothing on other systems than Linux and in a sandbox that forbids it.
    """
    if hasattr(os, "sched_setaffinity"):
        allowed = os.sched_getaffinity(0)
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {sorted(allowed)[cycle % len(allowed)]})
            os.sched_setaffinity(0, allowed)
