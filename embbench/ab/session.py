"""The contests of a session, the protocol of its launches, and the observer of its progress."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from embbench import wire
from embbench.ab.decision import Launch
from embbench.ab.sides import Contest
from embbench.analysis.compare.comparison import Comparison
from embbench.analysis.compare.evidence import CompareOptions
from embbench.cases.case import case_id
from embbench.cases.protocol import MEASURING
from embbench.cases.protocol import Protocol as Measuring
from embbench.launch.attempt import Job
from embbench.launch.preflight import FreeMemory
from embbench.store.round import Round

# Settings of the protocol. Turns are short, since both sides must meet the same state of the machine, but not shorter:
# ratios of equal programs scattered by 8 % between launches with turns of one step, and by 2 % with turns of 50 ms
# (README's contender, 20k rows, 12 and 6 launches). A launch has about ten cycles: at equal page faults, halves of a
# launch differ as much as two launches, so a longer launch adds information, and its start costs as much as ten cycles.
TURNS = {"budget": 2.0, "block": 0.05, "phases": False, "table_alone": False, "training": False}
# Shares. Sides that take turns are known better than runs at different times. Seven launches, as many as fit into a
# minute, that scatter by 1.5 % detect a change of 5 % in 59 of 100 comparisons with a threshold of 2.5 %, and in 98
# with 1 % (400 simulations each).
THRESHOLDS = {"step_time": 0.01}


class Session(msgspec.Struct, frozen=True):
    """budget: seconds for each contest. machine: `machine_facts()`. run: names the launches."""

    run: str
    contests: tuple[Contest, ...]
    protocol: Measuring
    options: CompareOptions
    budget: float
    machine: Mapping[str, Any]
    room: FreeMemory = FreeMemory()
    force: bool = False

    @property
    def session_id(self) -> str:
        """Short hash of all settings that change numbers, so that the same command finds its launches again."""
        parties = [party for contest in self.contests for party in (contest.base, contest.head)]
        programs = [
            [case_id(party.case), party.command, sorted(party.software.items()), party.slowdown] for party in parties
        ]
        measuring = [getattr(self.protocol, name) for name in MEASURING]
        return hashlib.sha256(wire.encode([programs, measuring])).hexdigest()[:8]


def taking_turns(protocol: Measuring) -> Measuring:
    """The protocol for resident workers that take turns instead of samples in a row."""
    return msgspec.structs.replace(protocol, **TURNS)


class Launcher(Protocol):
    """Makes one launch; see `launch.pair`."""

    def execute(self, one: Job, other: Job, timeout: float, on_phase: Callable[[str], None]) -> tuple[Round, Round]: ...


class SessionObserver(Protocol):
    """Receives the progress of a session."""

    def begin(self, contest: Contest, made: int) -> None: ...

    def phase(self, name: str) -> None: ...

    def end(self, contest: Contest, launch: Launch) -> None: ...

    def decided(self, comparisons: Sequence[Comparison]) -> None: ...

    def note(self, text: str) -> None: ...


class SessionOutcome(msgspec.Struct, frozen=True):
    """comparisons: of the contests that were decided or given up before an interruption. warnings: sentences about
    limits of the comparisons.
    """

    comparisons: tuple[Comparison, ...]
    interrupted: bool
    warnings: tuple[str, ...] = ()
