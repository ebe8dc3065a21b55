"""`embbench ab`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from embbench.cli.flags import COMPARED, PLAN_FLAGS, Flags, Format, Metrics, Output, Strict, Threshold, with_flags
from embbench.cli.output import put

if TYPE_CHECKING:
    from embbench.ab.session import Outcome, Session
    from embbench.cli.contests import Difference
    from embbench.compare.judge import Terms
    from embbench.store.journal import Journal

AB_FLAGS = {name: flag for name, flag in PLAN_FLAGS.items() if name not in ("rounds", "budget")}
TURNS = {"budget": 1.0, "block": 0.05}  # of the protocol: turns are cheap beside starting two workers


def _python(side: str) -> Any:
    text = f"Python of an environment with embbench, for {side}; this one if not given."
    return typer.Option(f"--{side}-python", metavar="PYTHON", help=text, show_default=False)


def _differing(side: str, axis: str, metavar: str) -> Any:
    return typer.Option(f"--{side}-{axis}", metavar=metavar, help=f"The {axis} of {side}.", show_default=False)


@with_flags(AB_FLAGS)
def ab(
    flags: Flags,
    base_python: Annotated[str | None, _python("base")] = None,
    head_python: Annotated[str | None, _python("head")] = None,
    base_contender: Annotated[str | None, _differing("base", "contender", "NAME|FILE.py")] = None,
    head_contender: Annotated[str | None, _differing("head", "contender", "NAME|FILE.py")] = None,
    base_update: Annotated[str | None, _differing("base", "update", "NAME")] = None,
    head_update: Annotated[str | None, _differing("head", "update", "NAME")] = None,
    metric: Metrics = COMPARED,
    threshold: Threshold = "",
    budget: Annotated[
        float, typer.Option(metavar="SECONDS", help="A case may take; 2 launches are made at least.")
    ] = 60.0,
    out: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Saved as NAME.base.jsonl and NAME.head.jsonl.", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Measure cases that do not seem to fit too.")] = False,
    strict: Strict = False,
    format_name: Format = "text",
    output: Output = None,
) -> int:
    """Base against head, alternating, until it is decided: faster, slower, the same, or not to be told here.

    Two workers stay resident and take turns in short blocks, so that whatever the machine does to one it does to the
    other; each pair of fresh processes is one launch. A change that the first launches suggest is believed only when
    fresh ones confirm it. The same command run again goes on with the launches that are saved.

    \b
    Examples:
      embbench ab --base-update default --head-update fused
      embbench ab --base-python .venv-old/bin/python --head-python .venv/bin/python --suite embedding-scaling
      embbench ab --base-contender ./before.py --head-contender ./after.py --vocab 2M --threshold step_time=2%
    \b
    Exit codes: 0 no regression, 1 regression, 2 usage or broken file, 3 undecided (with --strict), 4 a case broke,
    5 nothing comparable, 130 interrupted.
    """
    from embbench.cli.contests import Difference
    from embbench.cli.terms import parse_terms
    from embbench.compare.outcome import exit_code
    from embbench.errors import EXIT_INTERRUPTED
    from embbench.report import check_format
    from embbench.report.comparisons import Told, render_comparisons

    check_format(format_name)
    base = Difference("base", base_python, base_contender, base_update)
    head = Difference("head", head_python, head_contender, head_update)
    terms = parse_terms(metric, threshold, "class" if _asks_for_another_way(base, head) else "")
    session = _session(flags, base, head, terms, budget, force)
    outcome = _measure(session, out)
    if outcome.interrupted:
        print("embbench: interrupted; every finished launch is saved; the same command goes on", file=sys.stderr)
        return EXIT_INTERRUPTED
    told = Told(str(base), str(head), outcome.comparisons)
    put(lambda width, colour: render_comparisons(told, format_name, width, colour), output)
    return exit_code(outcome.comparisons, strict)


def _asks_for_another_way(base: "Difference", head: "Difference") -> bool:
    """Whether another semantic class is what the user chose, and not what a new version slipped in."""
    return (base.contender, base.update) != (head.contender, head.update)


def _session(
    flags: Flags, base: "Difference", head: "Difference", terms: "Terms", budget: float, force: bool
) -> "Session":
    import math

    import msgspec

    from embbench.ab.session import Session
    from embbench.cli.contests import make_contests
    from embbench.errors import UsageError
    from embbench.host.machine import machine_facts

    if not 0 < budget < math.inf:
        raise UsageError(f"--budget: {budget} is not a time in seconds above 0")
    contests, work = make_contests(flags, base, head, force)
    protocol = msgspec.structs.replace(work.plan.protocol, **TURNS)
    return Session(work.run, tuple(contests), protocol, terms, budget, machine_facts(), force=force)


def _measure(session: "Session", out: str | None) -> "Outcome":
    from embbench.ab.session import carry_out
    from embbench.cli.launching import LaunchProgress
    from embbench.launch.interrupts import Interrupts
    from embbench.launch.pair import ApartExecutor, PairExecutor
    from embbench.launch.resume import DIRECTORY
    from embbench.store.journal import Journal

    stem = Path(out) if out else DIRECTORY / f"ab-{session.session_id}"
    files = [stem.with_name(f"{stem.name}.{side}.jsonl") for side in ("base", "head")]
    with Interrupts() as interrupts, Journal(files[0]) as base, Journal(files[1]) as head:
        _check(session, base, head)
        outcome = carry_out(
            session, (base, head), PairExecutor(interrupts), ApartExecutor(interrupts), LaunchProgress(sys.stderr),
            stopped=lambda: bool(interrupts),
        )  # fmt: skip
    print(f"embbench: results: {files[0]} {files[1]}", file=sys.stderr)
    return outcome


def _check(session: "Session", base: "Journal", head: "Journal") -> None:
    """Raises FileError where a file holds launches that were made with something else."""
    from embbench.ab.sides import origin_of
    from embbench.launch.resume import check_same
    from embbench.spec.plan import Plan
    from embbench.spec.suite import View

    for contest in session.contests:
        for journal, party in ((base, contest.base), (head, contest.head)):
            plan = Plan("", (party.case,), session.protocol, View())
            check_same(
                journal.path, journal.rounds, plan, origin_of(party, session.machine), "name another file: --out NAME"
            )
