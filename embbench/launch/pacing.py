"""Which rounds a run makes: a fixed number of each case, or as many as fit into its time, where they tell most.

Within a time, every case gets its first round in any case, and further ones up to `rounds` where they fit. Then passes
follow over the cases that `Needs` names. Time spent counts over the runs that wrote the journal: each round holds what
it took, so that the same command finds its time used up, and a longer one goes on.
"""

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from embbench.launch.estimate import Durations, duration
from embbench.launch.order import Ledger, visits
from embbench.launch.origin import was_started, was_watched
from embbench.spec.case import Case, case_id
from embbench.spec.plan import Plan
from embbench.spec.units import format_duration
from embbench.store.round import Round

MOST_SECONDS = 1e9  # of a round: what is beyond was written by nobody who measured
SECONDS = "round_seconds"  # among a round's conditions: of its process, as the parent saw it
ONCE = "once_seconds"  # likewise: of these, what a further round does not repeat


class Needs(Protocol):
    """Knows which cases a further round would tell most of."""

    def next_visit(self, rounds: Sequence[Round], seconds: Mapping[str, float], left: float) -> Sequence[str]:
        """Ids of the cases that the next pass visits; none where all is sharp enough or nothing fits. rounds: of the
        plan's cases. seconds: that a round takes, by the id of each case that can be measured. left: seconds.
        """
        ...


class Pacing:
    """predicted: seconds a round, by the id of each case that can be measured. rounds: what the journal holds. needs:
    None where nobody knows; then the plan's `within` counts for nothing.
    """

    def __init__(
        self, plan: Plan, predicted: Mapping[str, float], rounds: Iterable[Round], needs: Needs | None
    ) -> None:
        self._plan, self._predicted, self._needs = plan, predicted, needs
        self._durations = Durations(dict(predicted))
        self._cases = {case_id(case): case for case in plan.cases}
        self._rounds: list[Round] = []
        self._foreseen = False
        self.spent = 0.0
        for round_ in rounds:
            self.saw(round_)

    @property
    def paced(self) -> bool:
        """Whether a time decides how many rounds there are."""
        return self._needs is not None and self._plan.protocol.within > 0

    @property
    def left(self) -> float:
        """Seconds of the time that are left; not below 0."""
        return max(0.0, self._plan.protocol.within - self.spent)

    def saw(self, round_: Round) -> None:
        """Takes in a round of the journal; those of other plans do not count."""
        if round_.case_id not in self._cases:
            return
        self._rounds.append(round_)
        if not was_started(round_):
            return
        told = seconds_of(round_)
        self.spent += self._predicted.get(round_.case_id, 0.0) if told is None else told
        if told is not None:
            self._durations.saw(round_.case_id, told - (_once(round_, told) if self.paced else 0.0))

    def seconds_left(self, ledger: Ledger) -> float:
        """Of the time, and at least of the first rounds that are still to do; or of the rounds of a fixed number."""
        if self.paced:
            return max(self.left, sum(map(self._durations.of, self._first(ledger))))
        return self._durations.left({name: left for name, left in ledger.left().items() if name in self._predicted})

    def foreseen(self, ledger: Ledger) -> str:
        """That not even a first round of every case fits into the time: once, as soon as it is to be seen; else ''."""
        if not self.paced or self._foreseen:
            return ""
        seconds = sum(map(self._durations.of, self._first(ledger)))
        self._foreseen = seconds > self.left
        if not self._foreseen:
            return ""
        within = format_duration(self._plan.protocol.within)
        about = duration(self.spent + seconds)
        return f"a first round of every case takes about {about}: it is finished, though {within} are too short for it"

    def order(self, ledger: Ledger) -> Iterator[tuple[int, Case]]:
        """(round, case) to be measured next, as long as there is one; the caller tells `ledger` and `saw` what came of
        each before it asks for another.
        """
        for index, case in visits(self._plan, self._predicted):
            if ledger.to_do(case, index) and (not index or not self.paced or self._fits(case)):
                yield index, case
        while self.paced:
            index = 1 + max((round_.round for round_ in self._rounds), default=-1)
            if not (named := self._next_pass(ledger, index)):
                return
            random.Random(f"{self._plan.protocol.seed}/{index}").shuffle(named)
            some = False
            for case in named:
                if ledger.to_do(case, index) and self._fits(case):
                    some = True
                    yield index, case
            if not some:
                return

    def _first(self, ledger: Ledger) -> list[str]:
        """Cases whose first round is still to do."""
        return [name for name, case in self._cases.items() if name in self._predicted and ledger.to_do(case, 0)]

    def _next_pass(self, ledger: Ledger, index: int) -> list[Case]:
        """A case that the ledger closed, as one that failed twice, is none that a round could tell of."""
        assert self._needs is not None
        open_ = [name for name in self._predicted if ledger.to_do(self._cases[name], index)]
        seconds = {name: self._durations.of(name) for name in open_}
        if not self.left or min(seconds.values(), default=math.inf) > self.left:
            return []
        return [
            self._cases[name] for name in self._needs.next_visit(self._rounds, seconds, self.left) if name in seconds
        ]

    def _fits(self, case: Case) -> bool:
        return self._durations.of(case_id(case)) <= self.left


def seconds_of(round_: Round) -> float | None:
    """What the round took; None where it does not say."""
    return _seconds(round_, SECONDS)


def _once(round_: Round, most: float) -> float:
    """Of what the round took, what a further one will not take again; a program of which no round was well is watched
    in each.
    """
    return min(_seconds(round_, ONCE) or 0.0, most) if was_watched([round_]) else 0.0


def _seconds(round_: Round, name: str) -> float | None:
    told = round_.conditions.get(name)
    is_number = isinstance(told, int | float) and not isinstance(told, bool)
    return float(told) if is_number and 0 <= told < MOST_SECONDS else None
