"""A rank's part of the work: the trials that it has built, and what was seen of their timed blocks."""

from typing import Any, NamedTuple

import msgspec

from embbench.cases.capabilities import Sharded, Summing, offers
from embbench.cases.case import Case
from embbench.cases.contender import Module, Trial
from embbench.host.memory import peak_bytes
from embbench.host.sockets import Traffic, traffic
from embbench.worker.ceilings import SAMPLES
from embbench.worker.clock import Clock, time_calls
from embbench.worker.memory_rate import BEYOND, memory_rates

SUMMED = 1 << 24  # bytes of the array that ranks sum: far more than a message's start costs


class RankBlock(NamedTuple):
    """A timed block on one rank. seconds: from the barrier before it to the rank's own fence. sent, received: bytes at
    the process's sockets; None if unknown.
    """

    seconds: float
    sent: int | None
    received: int | None


class RankFacts(NamedTuple):
    """peak: resident bytes at the peak of stepping. held: (first row, row behind the last) of the table's rows in this
    rank; None where the contender does not say.
    """

    peak: int
    held: tuple[int, int] | None


class RankRates(NamedTuple):
    """memory: bytes per second of the host's memory, while all ranks read and write, for each sample; () where memory
    is too small. sums: seconds of each sum of SUMMED bytes over the ranks; () for a trial that shows none.
    """

    memory: tuple[float, ...]
    sums: tuple[float, ...]


class RankTrials:
    """The trials of this rank, by number. Every rank builds the same trials in the same order."""

    def __init__(self, module: Module, tokens: Any) -> None:
        """tokens: of the timed trial, which every rank has drawn for itself."""
        self._module, self._tokens = module, tokens
        self._trials: dict[int, Trial] = {}

    def make(self, number: int, case: Case, tokens: Any | None) -> Trial:
        """Builds a trial. tokens: None for those that this rank has drawn."""
        own = msgspec.structs.replace(case, threads=case.threads_of_rank)
        trial = self._module.prepare(own, self._tokens if tokens is None else tokens)
        self._trials[number] = trial
        return trial

    def drop(self, number: int) -> None:
        """Frees a trial."""
        del self._trials[number]

    def call(self, number: int, name: str, arguments: tuple[Any, ...]) -> Any:
        """The result of a method of a trial."""
        return getattr(self._trials[number], name)(*arguments)

    def block(self, number: int, steps: int, clock: Clock) -> RankBlock:
        """Times a block of steps."""
        trial, before = self._trials[number], traffic()
        seconds = time_calls(trial.step, trial.sync, steps, clock)
        moved = _moved(before, traffic())
        return RankBlock(seconds, moved[0], moved[1])

    def facts(self, number: int) -> RankFacts:
        """What the lead asks of every rank behind the timed steps."""
        trial = self._trials[number]
        return RankFacts(peak_bytes(), trial.rows_held() if offers(trial, Sharded) else None)

    def rates(self, number: int, threads: int, clock: Clock) -> RankRates:
        """How fast memory and links are. All ranks have to call it at the same time."""
        trial = self._trials[number]
        return RankRates(_memory(threads, clock), _sums(trial, clock) if offers(trial, Summing) else ())


def _memory(threads: int, clock: Clock) -> tuple[float, ...]:
    try:
        return memory_rates(threads, clock, BEYOND)
    except MemoryError:  # the round is measured; only a prediction lacks the rate
        return ()


def _sums(trial: Summing, clock: Clock) -> tuple[float, ...]:
    run = trial.array_sum(SUMMED)
    run()  # the first sum connects ranks and may compile
    seconds = []
    for _ in range(SAMPLES):
        begin = clock()
        run()
        seconds.append((clock() - begin) / 1e9)
    return tuple(seconds)


def _moved(before: Traffic | None, after: Traffic | None) -> tuple[int | None, int | None]:
    if before is None or after is None:
        return None, None
    return after.sent - before.sent, after.received - before.received
