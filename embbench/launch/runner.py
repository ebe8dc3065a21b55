"""Carries out a plan: every round that is not in the journal yet, one process at a time."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from embbench.cases.case import Case, also_varying, case_id, label
from embbench.cases.case_estimate import CaseEstimate
from embbench.cases.plan import Plan
from embbench.cases.protocol import BESIDES
from embbench.cases.protocol import Protocol as Measuring
from embbench.contenders import Contender
from embbench.launch.estimate import round_seconds
from embbench.launch.executor import Executor
from embbench.launch.order import FAILURES, Ledger
from embbench.launch.origin import Origin, same_program, was_watched
from embbench.launch.pacing import SECONDS, Needs, Pacing
from embbench.launch.preflight import FreeMemory, Lacks, find_refusal, free_bytes, lacks_of, predicted_bytes
from embbench.launch.pythons import Pythons
from embbench.launch.requests import make_request, without
from embbench.store.exchange import TURNS, Request
from embbench.store.journal import Journal
from embbench.store.round import Round


class Work(msgspec.Struct, frozen=True):
    """The plan to carry out, and its surroundings. run: names the rounds of a new journal. A resumed journal keeps its
    own name, so that a repeated round replaces the interrupted round. force: skips the memory check. pythons: other
    environments, also those that run no contender of the plan.
    """

    run: str
    plan: Plan
    contenders: Mapping[str, Contender]
    origin: Origin
    room: FreeMemory = FreeMemory()
    force: bool = False
    pythons: Pythons = Pythons()

    def lacks(self, contender: str) -> Lacks:
        """What the environment that runs the contender lacks."""
        return lacks_of(self.contenders[contender], self.origin.environments.get(contender))


class Visit(msgspec.Struct, frozen=True):
    """A round about to start. name: the label of the case in its plan.

    number, total: this is round `number` of `total` rounds to do in this run. seconds_left: an estimate. If a time
    limit decides about the number of rounds, total and rounds are 0, and seconds_left is the rest of the time limit.
    """

    case: Case
    name: str
    round: int
    rounds: int
    number: int
    total: int
    seconds_left: float


class Observer(Protocol):
    """Receives the progress of a run. Only called between messages of a worker."""

    def begin(self, visit: Visit) -> None: ...

    def phase(self, name: str) -> None: ...

    def end(self, round_: Round) -> None: ...

    def note(self, text: str) -> None: ...


class Outcome(msgspec.Struct, frozen=True):
    """rounds: all rounds of the plan's cases in the journal now. started: number of workers started in this run.

    given_up: names of the cases whose further rounds are not tried. seconds: that all these rounds took together.
    """

    rounds: tuple[Round, ...]
    started: int
    interrupted: bool
    given_up: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def measured(self) -> bool:
        """Whether any case has a number."""
        return any(round_.status == "ok" for round_ in self.rounds)


def estimate_cases(work: Work) -> list[CaseEstimate]:
    """An estimate per case, in the plan's order. Reads declarations and the free memory."""
    protocols = work.plan.protocols(work.plan.cases)
    lacks = {name: work.lacks(name) for name in work.contenders}
    room = work.room.now()
    return [_estimate(case, protocols[case], work, room, lacks[case.contender]) for case in work.plan.cases]


def is_left(work: Work, rounds: Sequence[Round], needs: Needs | None = None) -> bool:
    """Whether a run would start a worker. rounds: the rounds of the journal. needs: see `carry_out`."""
    startable = _startable(work)
    order = Pacing(work.plan, startable, rounds, needs).order(Ledger(work.plan, rounds))
    return any(case_id(case) in startable for _, case in order)


def carry_out(
    work: Work,
    journal: Journal,
    executor: Executor,
    observer: Observer,
    stopped: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.monotonic,
    needs: Needs | None = None,
) -> Outcome:
    """Measures the rest of the plan, and appends every round to `journal` when it ends.

    needs: chooses the most useful rounds in a plan with a time limit; None gives every case the plan's number of
    rounds. stopped: whether to stop, called between rounds. Raises FileError if a round cannot be saved; all earlier
    rounds are saved.
    """
    return _Run(work, journal, executor, observer, clock, needs).go(stopped)


class _Run:
    def __init__(
        self,
        work: Work,
        journal: Journal,
        executor: Executor,
        observer: Observer,
        clock: Callable[[], float],
        needs: Needs | None,
    ) -> None:
        self._work, self._journal, self._executor, self._observer = work, journal, executor, observer
        self._clock = clock
        self._ledger = Ledger(work.plan, journal.rounds)
        mine = {case_id(case) for case in work.plan.cases}
        self._name_of_run = next((each.run for each in journal.rounds if each.case_id in mine), work.run)
        self._rounds, self._started = list(journal.rounds), 0
        plan = work.plan
        self._startable = _startable(work)
        measurable = [case for case in plan.cases if case_id(case) in self._startable]
        self._protocols = plan.protocols(measurable)
        self._also = also_varying(plan.cases)
        self._pacing = Pacing(plan, self._startable, journal.rounds, needs)

    def go(self, stopped: Callable[[], bool]) -> Outcome:
        interrupted = False
        for index, case in self._pacing.order(self._ledger):
            if text := self._pacing.foreseen(self._ledger):
                self._observer.note(text)
            interrupted = stopped() or self._visit(index, case).status == "interrupted"
            if interrupted:
                break
        cases = {case_id(case) for case in self._work.plan.cases}
        mine = tuple(round_ for round_ in self._rounds if round_.case_id in cases)
        given_up = tuple(self._name(case) for case in self._work.plan.cases if self._ledger.given_up(case))
        return Outcome(mine, self._started, interrupted, given_up, self._pacing.spent)

    def _visit(self, index: int, case: Case) -> Round:
        work = self._work
        contender = work.contenders[case.contender]
        source = work.plan.sources.get(case.tokens)
        protocol = self._protocols[case]
        known = [each for each in self._rounds if each.case_id == case_id(case)]
        if self._pacing.paced and any(each.status == "ok" for each in known):
            # One round shows where the time of a step goes; further rounds only narrow the intervals.
            protocol = msgspec.structs.replace(protocol, **dict.fromkeys(BESIDES, False))
        request = make_request(
            self._name_of_run, work.plan.suite, case, index, protocol, contender, source=source,
            watched=was_watched(same_program(case, self._rounds)), reference=work.plan.reference_of(case),
        )  # fmt: skip
        verdict = find_refusal(case, contender, work.room, work.force, work.lacks(case.contender), source)
        if verdict is not None:
            round_ = work.origin.round_for(request, verdict.status, verdict.reason)
            if self._ledger.is_news(round_):
                self._keep(round_)
            self._ledger.note(round_)
            return round_
        return self._measure(request)

    def _measure(self, request: Request) -> Round:
        case = request.case
        left = {name: rounds for name, rounds in self._ledger.left().items() if name in self._startable}
        paced = self._pacing.paced
        self._started += 1
        self._observer.begin(
            Visit(
                case=case,
                name=self._name(case),
                round=request.round,
                rounds=0 if paced else request.protocol.rounds,
                number=self._started,
                total=0 if paced else self._started - 1 + sum(left.values()),
                seconds_left=self._pacing.seconds_left(self._ledger),
            )
        )
        begun = self._clock()
        round_ = self._execute(request)
        conditions = {**round_.conditions, SECONDS: round(self._clock() - begun, 3)}
        round_ = msgspec.structs.replace(round_, conditions=conditions, commit=self._work.origin.commit)
        self._keep(round_)
        self._ledger.note(round_)
        if self._ledger.given_up(case):
            self._observer.note(f"{self._name(case)}: failed twice in a row; its further rounds are not tried")
        return round_

    def _execute(self, request: Request) -> Round:
        """Measures a round. If the worker dies in a phase that only explains the step, the round is repeated without
        that phase, so that a measurable step is not lost.
        """
        round_ = self._executor.execute(request, request.protocol.timeout, self._observer.phase)
        besides = str(round_.conditions.get("phase", ""))
        if round_.status not in FAILURES or besides not in (*BESIDES, TURNS):
            return round_
        self._observer.note(f"{self._name(request.case)}: {round_.reason}; the round is measured again without it")
        again = self._execute(without(request, besides))
        conditions = {**again.conditions, besides: f"not measured: {round_.reason}"}
        return msgspec.structs.replace(again, protocol=request.protocol, conditions=conditions)

    def _name(self, case: Case) -> str:
        return label(case, self._also)

    def _keep(self, round_: Round) -> None:
        self._journal.append(round_)
        self._rounds.append(round_)
        self._pacing.saw(round_)
        self._observer.end(round_)


def _startable(work: Work) -> dict[str, float]:
    """Predicted seconds of a round, by the id of each case that can be measured."""
    seconds = {case_id(each.case): each.seconds / work.plan.protocol.rounds for each in estimate_cases(work)}
    return {name: value for name, value in seconds.items() if value}


def _estimate(case: Case, protocol: Measuring, work: Work, room: FreeMemory, lacks: Lacks) -> CaseEstimate:
    contender, source = work.contenders[case.contender], work.plan.sources.get(case.tokens)
    verdict = find_refusal(case, contender, room, work.force, lacks, source)
    declaration = contender.declaration
    path = declaration.path(case)
    status, reason = (verdict.status, verdict.reason) if verdict else ("run", None)
    if isinstance(path, str) or lacks.packages:
        return CaseEstimate(case, status, reason, protocol.rounds, None, None, None, 0.0)
    needed, free = predicted_bytes(case, declaration, source), free_bytes(case, room)
    seconds = round_seconds(case, declaration, protocol, source) * protocol.rounds if verdict is None else 0.0
    return CaseEstimate(case, status, reason, protocol.rounds, needed, free, path.passes, seconds)
