"""The order of the rounds, and which rounds are still to do."""

import random
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from embbench.cases.case import Case, case_id
from embbench.cases.plan import Plan
from embbench.launch.origin import was_started
from embbench.store.round import Round

FAILURES = frozenset({"oom_host", "oom_device", "timeout", "crash"})
CLOSED = frozenset({"skipped", "unsupported"})
MOST_FAILURES = 2
SIGNAL = "signal"  # among a round's conditions


def visits(plan: Plan, seconds: Mapping[str, float]) -> Iterator[tuple[int, Case]]:
    """(round, case) in the order of measuring: each round visits all cases, newly shuffled from the plan's seed.

    Shuffling every round spreads drift (a warming machine, a busy neighbour) over all cases alike. Only the very first
    visit is fixed: the case with the shortest predicted round (`seconds`, by case id), so that a result is on the
    screen soon. Sorting the whole round by cost was rejected: it would tie the size of a case to its time of day.
    """
    for index in range(plan.protocol.rounds):
        cases = list(plan.cases)
        random.Random(f"{plan.protocol.seed}/{index}").shuffle(cases)
        if index == 0 and cases:
            shortest = min(cases, key=lambda case: seconds.get(case_id(case), float("inf")))
            cases.remove(shortest)
            cases.insert(0, shortest)
        for case in cases:
            yield index, case


def ended_from_outside(round_: Round, signal: str) -> Round:
    """The round with the name of the signal from outside that ended its worker."""
    return msgspec.structs.replace(round_, conditions={**round_.conditions, SIGNAL: signal})


def from_outside(round_: Round) -> bool:
    """Whether a signal from outside ended the round's worker."""
    return round_.status == "crash" and SIGNAL in round_.conditions


class Ledger:
    """The finished part of a plan, from the rounds of its journal. A case closes early when it cannot be measured.

    Rounds that the launcher refused without a worker do not close the case in a later run: memory may be free by then,
    a package installed, --force given. A timeout does not close the case if the plan now gives more time. A later run
    repeats a round once that a signal from outside ended: the first such signal says nothing about the case.
    """

    def __init__(self, plan: Plan, rounds: Iterable[Round]) -> None:
        self._rounds, self._timeout = plan.protocol.rounds, plan.protocol.timeout
        self._paced = plan.protocol.within > 0
        self._cases = {case_id(case): case for case in plan.cases}
        self._done: dict[str, set[int]] = {name: set() for name in self._cases}
        self._failures: dict[str, int] = {}
        self._closed: set[str] = set()
        self._refused: dict[str, str] = {}
        forgiven: set[tuple[str, int]] = set()
        for round_ in rounds:
            place = round_.case_id, round_.round
            if not was_started(round_):
                self._refused[round_.case_id] = round_.status
            elif from_outside(round_) and place not in forgiven:
                forgiven.add(place)
            else:
                self.note(round_)

    def note(self, round_: Round) -> None:
        """Adds one round. Call it in order of time."""
        name = round_.case_id
        had_less_time = round_.status == "timeout" and round_.protocol.timeout < self._timeout
        if name not in self._done or not round_.finished or had_less_time:
            return
        self._done[name].add(round_.round)
        failed = round_.status in FAILURES
        self._failures[name] = self._failures.get(name, 0) + 1 if failed else 0
        if round_.status in CLOSED:
            self._closed.add(name)

    def to_do(self, case: Case, index: int) -> bool:
        """Whether this round of the case is still to be measured."""
        return index not in self._done[case_id(case)] and self._open(case)

    def given_up(self, case: Case) -> bool:
        """Whether the case failed so often in a row that its further rounds are not tried."""
        return self._failed(case) and (self._paced or self.left_of(case) > 0)

    def is_news(self, round_: Round) -> bool:
        """Whether a round that was refused without a worker is not in the journal yet."""
        return self._refused.get(round_.case_id) != round_.status

    def left_of(self, case: Case) -> int:
        """Number of rounds of the case that no run has finished, whether or not they will be tried."""
        return sum(index not in self._done[case_id(case)] for index in range(self._rounds))

    def left(self) -> dict[str, int]:
        """Case id -> number of rounds to do, for cases that are open."""
        return {name: self.left_of(case) for name, case in self._cases.items() if self._open(case)}

    def _open(self, case: Case) -> bool:
        return case_id(case) not in self._closed and not self._failed(case)

    def _failed(self, case: Case) -> bool:
        return self._failures.get(case_id(case), 0) >= MOST_FAILURES
