"""The lead rank: a module whose trials do every call on all ranks, so that the rest of a round need not know ranks."""

import itertools
import weakref
from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np

from embbench.cases.case import Case
from embbench.cases.contender import Module, Trial
from embbench.worker.clock import Clock
from embbench.worker.ranks.link import AskFacts, AskRates, BeginBlock, BuildTrial, CallMethod, DropTrial, Lead, MakeStep
from embbench.worker.ranks.trial import RankBlock, RankFacts, RankRates, RankTrials
from embbench.worker.steady import Invalid

SHARED = ("loss", "read_rows", "write_rows", "inspect", "memory", "describe", "exchange_seconds")
ALIKE = ("loss", "read_rows")  # every rank must find the same


class LeadModule:
    """The contender's module on all ranks. tokens: of the timed trial."""

    def __init__(self, module: Module, lead: Lead, tokens: Any) -> None:
        self.DECLARES = module.DECLARES
        self._lead, self._tokens = lead, tokens
        self._trials = RankTrials(module, tokens)
        self._numbers: Iterator[int] = itertools.count()

    def prepare(self, case: Case, tokens: Any) -> Trial:
        """A trial that all ranks build at the same time."""
        for dropped in self._lead.take_dropped():
            self._lead.tell(DropTrial(dropped))
        number, own = next(self._numbers), None if tokens is self._tokens else tokens
        self._lead.tell(BuildTrial(number, case, own))
        made = self._trials.make(number, case, own)
        self._lead.hear()
        return cast(Trial, LeadTrial(number, made, self._trials, self._lead))  # methods behind `__getattr__`


class LeadTrial:
    """The trial of a round of several ranks. blocks: of each rank, for every timed block so far."""

    def __init__(self, number: int, own: Trial, trials: RankTrials, lead: Lead) -> None:
        self._number, self._own, self._trials, self._lead = number, own, trials, lead
        self.blocks: list[tuple[int, list[RankBlock]]] = []
        weakref.finalize(self, _drop, number, trials, lead)

    def step(self) -> None:
        """A step on all ranks."""
        self._lead.tell(MakeStep(self._number))
        self._own.step()

    def sync(self) -> None:
        """Returns when all ranks have finished."""
        self._everywhere("sync")

    def block(self, steps: int, clock: Clock) -> float:
        """Seconds of the slowest rank between two barriers. All ranks begin when all of them are ready."""
        self._lead.tell(BeginBlock(self._number, steps))
        self._lead.hear()  # all ranks have finished what came before, and wait
        self._lead.tell(None)
        own = self._trials.block(self._number, steps, clock)
        every = [own, *self._lead.hear()]
        self.blocks.append((steps, every))
        return max(each.seconds for each in every)

    def facts(self) -> list[RankFacts]:
        """Of all ranks, in their order."""
        self._lead.tell(AskFacts(self._number))
        return [self._trials.facts(self._number), *self._lead.hear()]

    def rates(self, threads: int, clock: Clock) -> list[RankRates]:
        """Of all ranks, in their order, measured at the same time. threads: of a rank."""
        self._lead.tell(AskRates(self._number, threads))
        return [self._trials.rates(self._number, threads, clock), *self._lead.hear()]

    def __getattr__(self, name: str) -> Any:
        if name not in SHARED or not callable(getattr(self._own, name, None)):
            raise AttributeError(name)
        return lambda *arguments: self._everywhere(name, *arguments)

    def _everywhere(self, name: str, *arguments: Any) -> Any:
        self._lead.tell(CallMethod(self._number, name, arguments))
        own = self._trials.call(self._number, name, arguments)
        answers = self._lead.hear()
        if name in ALIKE:
            _check_alike(name, own, answers)
        if name == "memory":
            every = [own, *answers]
            return {key: max(each[key] for each in every) for key in own if all(key in each for each in every)}
        return own


def _check_alike(name: str, own: Any, answers: Sequence[Any]) -> None:
    for number, answer in enumerate(answers, 1):
        if not np.array_equal(own, answer, equal_nan=True):
            what = "loss" if name == "loss" else "rows of the table"
            raise Invalid(f"the ranks do not agree: rank {number} has another {what} than rank 0")


def _drop(number: int, trials: RankTrials, lead: Lead) -> None:
    """The followers hear of it before the next trial: a trial may be freed at any moment, also between the messages of
    a block.
    """
    trials.drop(number)
    lead.dropped.append(number)
