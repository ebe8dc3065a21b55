"""A resident worker's samples: one block whenever its turn has come, asleep while the other side's runs."""

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

LONG = 0.25  # seconds of a step, before which none is made that does not count


class Turns:
    """What the parent asks for. send: takes the answers. lines: the parent's, one a turn; their end ends the turns.
    seen: the machine's states that came with the turns. faults: page faults per step of each turn.
    waits: likewise, seconds that its threads waited for a CPU; None where the system does not tell. others: of one CPU,
    what other programs used during the turns; likewise.
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
        """A block for each turn, the second one of twice as many steps (see `take_samples`), and every other one as
        long as these do not prove the fence, so that no further blocks must do so behind the turns.
        Two blocks at least, so that it can be proven of a worker whose other side died. steps: of a block, as this side
        sees it; the turns say how many both sides make. step: seconds of one, in warm-up.

        Both sides make the turns of one cycle on the same CPU, and those of the next one on the next: the scheduler
        leaves a process where it is, and where one CPU shares its core with a busy guest and the other does not, that
        would be told as a difference of the programs (numpy, 20k rows, two such CPUs: the ratios of launches of equal
        programs scattered by 3 to 6 %, and by 1 % since).

        Before each block goes a step that does not count: the caches hold what the other side left there, and threads
        that stood still must find a CPU each, which a user's training never meets. (Blocks of one step without it took
        10 to 47 ms for a step of 10 ms on two threads.) A step of LONG spends far longer than all that takes.

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
    """Puts this thread on the cycle's CPU and lets it go again, so that no thread it may start inherits a single CPU.
    Elsewhere than on Linux, and in a sandbox that forbids it, it stays where it is.
    """
    if hasattr(os, "sched_setaffinity"):
        allowed = os.sched_getaffinity(0)
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {sorted(allowed)[cycle % len(allowed)]})
            os.sched_setaffinity(0, allowed)
