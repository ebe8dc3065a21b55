"""The shared part of `ab` and the A/B of `gate`: the flags of the sides, the session, its files."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from embbench.cli.flags import PLAN_FLAGS, Flags, seconds
from embbench.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embbench.ab.session import Session, SessionOutcome
    from embbench.analysis.compare.comparison import Comparison
    from embbench.analysis.compare.evidence import CompareOptions
    from embbench.cli.ab_plan import SideFlags
    from embbench.report.comparisons import Compared
    from embbench.store.journal import Journal

INTERRUPTED = "interrupted; all finished launches are saved; repeat the command to continue"


def _side(side: str, what: str, metavar: str, text: str) -> Any:
    return Annotated[
        str | None, typer.Option(f"--{side}-{what}", metavar=metavar, help=text.format(side), show_default=False)
    ]


_OF_A_SIDE = {
    "python": ("PYTHON", "Python of an environment with embbench, for {}. If not given: this Python."),
    "contender": ("NAME|FILE.py", "The contender of {}."),
    "model": ("FILE.py:NAME", "Your own model of {}, see --model."),
    "update": ("NAME", "The update of {}."),
    "runtime": ("NAME", "The runtime of {}."),
}
SIDE_FLAGS = {
    f"{side}_{what}": _side(side, what, *words) for what, words in _OF_A_SIDE.items() for side in ("base", "head")
}
CASE_FLAGS = {name: flag for name, flag in PLAN_FLAGS.items() if name not in ("within", "rounds", "budget")}
Budget = Annotated[
    float, typer.Option(parser=seconds, metavar="SECONDS", help="Seconds per case; a case has at least 2 launches.")
]
Force = Annotated[bool, typer.Option("--force", help="Also measure cases that do not seem to fit.")]


def sides(flags: Flags) -> "tuple[SideFlags, SideFlags]":
    """The values of SIDE_FLAGS for base and head. Raises UsageError."""
    base, head = (_side_flags(flags, side) for side in ("base", "head"))
    return base, head


def _side_flags(flags: Flags, side: str) -> "SideFlags":
    from embbench.cli.ab_plan import SideFlags
    from embbench.engines.model_file import check_reference
    from embbench.errors import UsageError

    told = {what: flags[f"{side}_{what}"] for what in _OF_A_SIDE}
    model = told.pop("model")
    if model is not None and told["contender"] is not None:
        raise UsageError(f"--{side}-model sets the contender of {side}: leave --{side}-contender out")
    return SideFlags(side, **{**told, "contender": told["contender"] if model is None else check_reference(model)})


def across(base: "SideFlags", head: "SideFlags") -> str:
    """'class' where the user compares two contenders or two updates, so that another semantic class is intended. Two
    files of the same name are versions of a contender, whose class must not change.
    """
    names = [Path(side.contender).stem if side.contender else None for side in (base, head)]
    return "class" if (names[0], base.update) != (names[1], head.update) else ""


def make_session(
    flags: Flags, base: "SideFlags", head: "SideFlags", options: "CompareOptions", budget: float, force: bool
) -> "Session":
    """The session of the contests of both sides. budget: seconds per case. Raises UsageError."""
    from embbench.ab.session import Session, taking_turns
    from embbench.cli.ab_plan import make_contests
    from embbench.host.machine import machine_facts

    check_budget(budget)
    contests, work = make_contests(flags, base, head, force)
    return Session(
        work.run, tuple(contests), taking_turns(work.plan.protocol), options, budget, machine_facts(), force=force
    )


def check_budget(budget: float) -> None:
    """Raises UsageError for a budget that is not a positive number of seconds."""
    import math

    from embbench.errors import UsageError

    if not 0 < budget < math.inf:
        raise UsageError(f"--budget: {budget} is not a time in seconds above 0")


def measure(sessions: "Sequence[Session]", name: str, wait: bool) -> "SessionOutcome":
    """Carries the sessions out into NAME.base.jsonl and NAME.head.jsonl, with progress on stderr, until the user
    interrupts. wait: for another embbench that measures here. Raises FileError, UsageError.
    """
    from embbench.ab.deciding import carry_out
    from embbench.ab.session import SessionOutcome
    from embbench.cli.ab_progress import LaunchProgress
    from embbench.cli.machine_lock import by_itself
    from embbench.cli.planning import tell
    from embbench.launch.interrupts import Interrupts
    from embbench.launch.pair import ApartExecutor, PairExecutor
    from embbench.store.journal import Journal

    tell(side.source for session in sessions for each in session.contests for side in (each.base, each.head))
    comparisons: list[Comparison] = []
    warnings: list[str] = []
    interrupted = False
    files = side_files(name)
    with (
        Interrupts() as interrupts,
        Journal(files[0]) as base,
        Journal(files[1]) as head,
        by_itself(wait, interrupts),
    ):
        launchers = PairExecutor(interrupts), ApartExecutor(interrupts)
        for session in sessions:
            _check(session, base, head)
            outcome = carry_out(
                session, (base, head), *launchers, LaunchProgress(sys.stderr), stopped=lambda: bool(interrupts)
            )
            comparisons += outcome.comparisons
            warnings += outcome.warnings
            if interrupted := outcome.interrupted:
                break
    if made := [str(file) for file in files if file.exists()]:  # no file where the user interrupts the wait
        say(f"results: {' '.join(made)}")
    return SessionOutcome(tuple(comparisons), interrupted, tuple(dict.fromkeys(warnings)))


def side_files(name: str) -> "list[Path]":
    """The results files of base and head."""
    return [Path(f"{name}.{side}.jsonl") for side in ("base", "head")]


def compared(base: "SideFlags", head: "SideFlags", outcome: "SessionOutcome") -> "Compared":
    """The comparisons of an outcome, with the names of the sides."""
    from embbench.report.comparisons import Compared

    return Compared(str(base), str(head), outcome.comparisons, warnings=outcome.warnings)


def _check(session: "Session", base: "Journal", head: "Journal") -> None:
    """Raises FileError where a file holds launches of other code, cases or machines."""
    from embbench.ab.sides import origin_of
    from embbench.cases.plan import Plan
    from embbench.cases.suite import View
    from embbench.launch.resume import check_same

    for contest in session.contests:
        for journal, party in ((base, contest.base), (head, contest.head)):
            plan = Plan("", (party.case,), session.protocol, View())
            check_same(
                journal.path, journal.rounds, plan, origin_of(party, session.machine), "name another file: --out NAME"
            )
