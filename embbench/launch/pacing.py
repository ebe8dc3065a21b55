"""Which rounds a run makes: a fixed number per case, or as many as fit into a time limit, where they help most.

Within a time limit, every case gets its first round, and further rounds up to `rounds` if they fit. In a plan with a
reference, the cases that decide the answer come first, and another case gets its first round if it fits. Passes over
the cases that `Needs` names follow. The time counts over all runs that wrote the journal, since each round holds the
time that it took: the same command finds its time used up, and a command with more time goes on.
"""

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from embbench.cases.case import Case, case_id
from embbench.cases.plan import Plan
from embbench.cases.units import format_duration, rough_duration
from embbench.launch.estimate import Durations
from embbench.launch.order import Ledger, visits
from embbench.launch.origin import was_started, was_watched
from embbench.store.round import Round

MOST_SECONDS = 1e9  # of a round; no measurement takes longer
SECONDS = "round_seconds"  # condition of a round: seconds of its process, measured by the parent
ONCE = "once_seconds"  # condition of a round: seconds of work that further rounds do not repeat


class Needs(Protocol):
    """Knows for which cases a further round helps most."""

    def next_visit(self, rounds: Sequence[Round], seconds: Mapping[str, float], left: float) -> Sequence[str]:
        """Ids of the cases that the next pass visits; none if all results are sharp enough or no round fits. rounds: of
        the plan's cases. seconds: per round, by id of each case that can be measured. left: seconds that are left.
        """
        ...


class Pacing:
    """Chooses the next rounds. predicted: seconds per round, by id of each case that can be measured. rounds: the
    rounds of the journal. needs: None if unknown; then the plan's `within` is ignored.
    """

    def __init__(
        self, plan: Plan, predicted: Mapping[str, float], rounds: Iterable[Round], needs: Needs | None
    ) -> None:
        self._plan, self._predicted, self._needs = plan, predicted, needs
        self._durations = Durations(dict(predicted), plan.reference is not None)
        self._cases = {case_id(case): case for case in plan.cases}
        self._rounds: list[Round] = []
        self._foreseen = False
        self.spent = 0.0
        for round_ in rounds:
            self.saw(round_)

    @property
    def paced(self) -> bool:
        """Whether a time limit decides how many rounds there are."""
        return self._needs is not None and self._plan.protocol.within > 0

    @property
    def left(self) -> float:
        """Seconds left of the time limit; not below 0."""
        return max(0.0, self._plan.protocol.within - self.spent)

    def saw(self, round_: Round) -> None:
        """Adds a round of the journal. Rounds of other plans do not count."""
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
        """Predicted seconds: of the time limit, but at least of the missing first rounds; or of a fixed number of
        rounds.
        """
        if self.paced:
            return max(self.left, sum(map(self._durations.of, self._first(ledger))))
        return self._durations.left({name: left for name, left in ledger.left().items() if name in self._predicted})

    def foreseen(self, ledger: Ledger) -> str:
        """A text, once, if the first rounds of all cases do not fit into the time limit; else ''."""
        unknown = self._plan.reference is not None and not self._rounds  # nothing predicts a user's own program
        if not self.paced or self._foreseen or unknown:
            return ""
        seconds = sum(map(self._durations.of, self._first(ledger)))
        self._foreseen = seconds > self.left
        if not self._foreseen:
            return ""
        within = format_duration(self._plan.protocol.within)
        about = rough_duration(self.spent + seconds)
        what = "a first round of every case takes"
        if self._plan.reference is not None:
            what = "the rounds that decide the answer take"
        return f"{what} about {about}, more than {within}; these rounds still finish"

    def order(self, ledger: Ledger) -> Iterator[tuple[int, Case]]:
        """The next (round, case) to measure, until none is left. The caller reports each finished round to `ledger` and
        `saw` before it asks for the next one.
        """
        decided = self.paced and self._plan.reference is not None
        yield from self._decisive(ledger) if decided else self._all(ledger)
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

    def _all(self, ledger: Ledger) -> Iterator[tuple[int, Case]]:
        """The plan's number of rounds of every case; of those behind the first round, those that fit."""
        for index, case in visits(self._plan, self._predicted):
            if ledger.to_do(case, index) and (not index or not self.paced or self._fits(case)):
                yield index, case

    def _decisive(self, ledger: Ledger) -> Iterator[tuple[int, Case]]:
        """The cases that decide the answer, see `Plan.first_rounds`; then the first rounds of other cases that fit, in
        the plan's order. No shuffling: the steps of a case are compared with those of the reference in its own process.
        The first of the others gets two rounds: with its scatter and that of two sizes, all single rounds have an
        interval, see `stats.scatter.LENDS`.
        """
        plan = self._plan
        cases = [case for name, case in self._cases.items() if name in self._predicted]
        for index in range(self._plan.protocol.rounds):
            for case in cases:
                if index < plan.first_rounds(case) and ledger.to_do(case, index):
                    yield index, case
        others = [case for case in cases if not plan.first_rounds(case)]
        first = next((case for case in others if plan.reference_of(case) is not None), None)
        for case in others:
            for index in range(plan.protocol.rounds if case == first else 1):
                if ledger.to_do(case, index) and self._fits(case):
                    yield index, case

    def _first(self, ledger: Ledger) -> list[str]:
        """Cases whose first rounds are made whatever the time limit, as often as they lack such rounds."""
        plan = self._plan
        return [
            name
            for name, case in self._cases.items()
            for index in range(1 if plan.reference is None else plan.first_rounds(case))
            if name in self._predicted and ledger.to_do(case, index)
        ]

    def _next_pass(self, ledger: Ledger, index: int) -> list[Case]:
        """The cases of the next pass. A closed case, such as a case that failed twice, gets no further round."""
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
    """Seconds that the round took; None if the round does not say."""
    return _seconds(round_, SECONDS)


def _once(round_: Round, most: float) -> float:
    """Seconds of the round that a further round does not take again. A program without a good round is watched in every
    round.
    """
    return min(_seconds(round_, ONCE) or 0.0, most) if was_watched([round_]) else 0.0


def _seconds(round_: Round, name: str) -> float | None:
    told = round_.conditions.get(name)
    is_number = isinstance(told, int | float) and not isinstance(told, bool)
    return float(told) if is_number and 0 <= told < MOST_SECONDS else None
