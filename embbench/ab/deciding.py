"""Makes launches, case by case, until each case is decided or its time is up."""

import itertools
import math
import time
from collections.abc import Callable, Sequence
from itertools import pairwise

from embbench.ab.decision import LOOKS, MOST, Launch, NextStep, consult
from embbench.ab.launches import hash_seed, known_launches, mark, numbered, resumed
from embbench.ab.session import Launcher, Session, SessionObserver, SessionOutcome
from embbench.ab.shared_code import shared_code
from embbench.ab.sides import Contest, Party, origin_of
from embbench.analysis.compare.comparison import Comparison
from embbench.launch.attempt import Job
from embbench.launch.origin import was_watched
from embbench.launch.preflight import Refusal, find_refusal, free_bytes, lacks_of, predicted_bytes
from embbench.launch.requests import make_request
from embbench.stats.summary import median
from embbench.store.journal import Journal

FEWEST = 2  # least launches, however long they take: one launch shows no spread


def carry_out(
    session: Session,
    journals: tuple[Journal, Journal],
    together: Launcher,
    apart: Launcher,
    observer: SessionObserver,
    stopped: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.monotonic,
) -> SessionOutcome:
    """Decides every contest. Appends the rounds of each launch to the journals of base and head when the launch ends.
    Launches in the journals count too. together: makes launches whose sides take turns. apart: makes launches whose
    sides run one after the other, if memory is too small for both. stopped: whether to stop, called between launches.
    """
    found: list[Comparison] = []
    warnings: dict[str, None] = {}
    for contest in session.contests:
        play = _Play(session, contest, journals, (together, apart), observer, clock)
        comparisons = play.go(stopped)
        for text in shared_code(contest, play.launches):
            if text not in warnings:
                observer.note(text)
            warnings[text] = None
        if comparisons is None:
            return SessionOutcome(tuple(found), True, tuple(warnings))
        observer.decided(comparisons)
        found += comparisons
    return SessionOutcome(tuple(found), False, tuple(warnings))


class _Play:
    """Decides one contest."""

    def __init__(
        self,
        session: Session,
        contest: Contest,
        journals: tuple[Journal, Journal],
        launchers: tuple[Launcher, Launcher],
        observer: SessionObserver,
        clock: Callable[[], float],
    ) -> None:
        self._session, self._contest, self._journals = session, contest, journals
        self._launchers, self._observer, self._clock = launchers, observer, clock
        self.launches = known_launches(contest, journals[0].rounds, journals[1].rounds)
        self._run = self.launches[0][0].run if self.launches else session.run
        self._resumed = resumed(self.launches) + (FEWEST <= len(self.launches) < MOST)

    def go(self, stopped: Callable[[], bool]) -> tuple[Comparison, ...] | None:
        """The comparisons; None if the user stopped the contest."""
        if refused := self._refused():
            return self._consult([refused], last=True).comparisons
        launcher, ends = self._launcher(), [self._clock()]
        while (step := self._consult(self.launches)).go_on:
            if len(self.launches) >= FEWEST and self._next_end(ends) > self._session.budget:
                return self._consult(self.launches, last=True).comparisons
            if stopped():
                return None
            launch = self._launch(launcher)
            if any(each.status == "interrupted" for each in launch):
                return None
            ends.append(self._clock())
            if len(self.launches) == len(ends) - 1 == FEWEST:
                self._note_short_budget(ends)
        return step.comparisons

    def _next_end(self, ends: Sequence[float]) -> float:
        """Seconds from the start of the contest to the predicted end of one more launch. The first launch counts for
        the prediction only if it is the only launch, since it checks both sides.
        """
        if len(ends) == 1:
            return 0.0
        took = [after - before for before, after in pairwise(ends)]
        return ends[-1] - ends[0] + median(took[1:] or took)

    def _note_short_budget(self, ends: Sequence[float]) -> None:
        """Notes a budget that is too small for the first look. ends: start, and ends of FEWEST launches."""
        usual = ends[-1] - ends[-2]
        needed = ends[-1] - ends[0] + (min(LOOKS) - FEWEST) * usual
        if needed > self._session.budget:
            self._observer.note(
                f"{self._contest.name}: a launch takes {usual:.3g} s, so {self._session.budget:g} s are too short "
                f"to detect a change; use --budget {math.ceil(needed)} or more"
            )

    def _consult(self, launches: Sequence[Launch], last: bool = False) -> NextStep:
        session = self._session
        return consult(self._contest.name, launches, session.options, len(session.contests), last, self._resumed)

    def _launch(self, launcher: Launcher) -> Launch:
        known = {launch[0].round for launch in self.launches}
        index = next(number for number in itertools.count() if number not in known)
        self._observer.begin(self._contest, index)
        base, head = self._sides(index)
        timeout = self._session.protocol.timeout
        if index % 2:
            two, one = launcher.execute(head, base, timeout, self._observer.phase)
        else:
            one, two = launcher.execute(base, head, timeout, self._observer.phase)
        launch = numbered(one, self._resumed), numbered(two, self._resumed)
        if all(each.status != "interrupted" for each in launch):
            for journal, each in zip(self._journals, launch, strict=True):
                journal.append(each)
            self.launches.append(launch)
            self._observer.end(self._contest, launch)
        return launch

    def _launcher(self) -> Launcher:
        needed = [predicted_bytes(party.case, party.contender.declaration, party.source) for party in self._parties]
        free = free_bytes(self._contest.base.case, self._session.room)
        if free is None or sum(needed) <= free or self._session.force:
            return self._launchers[0]
        self._observer.note(
            f"{self._contest.name}: memory is too small for both sides at once; they run one after the other, "
            "which detects less"
        )
        return self._launchers[1]

    def _refused(self) -> Launch | None:
        """Rounds with the reason why a side cannot start; None if both sides can start."""
        refusals = [self._refusal(party) for party in self._parties]
        if not any(refusals):
            return None
        skipped = Refusal("skipped", "the other side cannot start")
        one, other = (
            side.origin.round_for(side.request, refusal.status, refusal.reason)
            for side, refusal in zip(self._sides(0), (known or skipped for known in refusals), strict=True)
        )
        return one, other

    def _refusal(self, party: Party) -> Refusal | None:
        lacks = lacks_of(party.contender, party.environment)
        return find_refusal(
            party.case, party.contender, self._session.room, self._session.force, lacks, source=party.source
        )

    def _sides(self, index: int) -> list[Job]:
        """The jobs of base and head. Arithmetic that a launch of this contest has checked is not checked again: if the
        code had changed since, its rounds would belong to another case.
        """
        session, launch = self._session, f"{self._run}/{mark(self._contest)}/{index}"
        sides = []
        whole = [each for each in self.launches if {line.status for line in each} == {"ok"}]  # the compared launches
        for at, party in enumerate(self._parties):
            checked = any(audit is not None and audit.passed for audit in (each[at].audit for each in whole))
            request = make_request(
                self._run, "", party.case, index, session.protocol, party.contender, launch, party.slowdown,
                party.source, hash_seed=hash_seed(launch), checked=checked,
                watched=was_watched([each[at] for each in self.launches]),
            )  # fmt: skip
            sides.append(Job(request, party.command, origin_of(party, session.machine)))
        return sides

    @property
    def _parties(self) -> tuple[Party, Party]:
        return self._contest.base, self._contest.head
