"""`embbench selftest`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embbench.cli.ab_session import CASE_FLAGS, Budget, check_budget, measure, side_files
from embbench.cli.flags import Flags, NoWait, Output, Threshold, whole, with_flags
from embbench.cli.output import say
from embbench.cli.result_files import read
from embbench.cli.show import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embbench.ab.selftest import Trust
    from embbench.ab.session import Session, SessionOutcome
    from embbench.compare.evidence import CompareOptions

# A case of which a launch takes two seconds, so that many fit into minutes; it needs nothing but NumPy.
SMALL = {"contender": "numpy", "vocab": "20k", "dim": "16", "hidden": "8", "batch": "8", "seq": "8"}


@with_flags({name: flag for name, flag in CASE_FLAGS.items() if name != "suite"})
def selftest(
    flags: Flags,
    audit: Annotated[
        bool, typer.Option("--audit", help="Try wrong and correct programs on the installed frameworks instead.")
    ] = False,
    program: Annotated[
        str, typer.Option(metavar="NAMES", help="Programs to try with --audit; all if not given.", show_default=False)
    ] = "",
    slowdown: Annotated[str, typer.Option(metavar="SHARE", help="Slowdown that is injected into one side.")] = "5%",
    comparisons: Annotated[
        int,
        typer.Option(
            parser=whole, metavar="N", help="Number of comparisons of equal programs, and of slowed programs."
        ),
    ] = 10,
    threshold: Threshold = "",
    budget: Budget = 60.0,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Save as NAME.base.jsonl and NAME.head.jsonl; existing files are continued.",
            show_default=False,
        ),
    ] = None,
    no_wait: NoWait = False,
    format_name: Annotated[str, typer.Option("--format", metavar="NAME", help="text, md or json.")] = "text",
    output: Output = None,
) -> int:
    """The tool against itself: how often it calls equal programs different here, and which slowdown it sees.

    Comparisons of a program with itself, alternating with comparisons in which one side is made slower by a known
    share, decided as `embbench ab` decides. Without axes a small NumPy case; give those of your own question.

    With --audit: programs that lie about their work, each of which must be caught or told of, and honest ones that look
    odd, none of which may be refused; a round each, on a contender of every installed framework.

    \b
    Examples:
      embbench selftest
      embbench selftest --slowdown 3% --threshold step_time=2% --comparisons 20
      embbench selftest --contender pytorch --vocab 200k --budget 300 --format json
      embbench selftest --audit --contender numpy,pytorch

    \b
    Exit codes: 0 it keeps its promise, 1 false alarms are shown to be more often than promised, 2 usage, 4 a lie passed
    or an honest program was refused, 5 nothing measured, 130 interrupted.
    """
    from embbench.ab.session import THRESHOLDS
    from embbench.cli.compare_flags import parse_options
    from embbench.errors import UsageError
    from embbench.launch.resume import DIRECTORY
    from embbench.report.figures import share_text
    from embbench.report.writers import check_format
    from embbench.spec.thresholds import parse_share

    check_format(format_name, csv=False)
    if audit:
        from embbench.cli.selftest_audit import try_lies

        for name, value in (("out", out), ("preset", flags["preset"]), ("timeout", flags["timeout"])):
            if value is not None:
                raise UsageError(f"--{name}: --audit has rounds of its own, none of which is saved; leave it out")
        return try_lies(flags, program, format_name, output, not no_wait)
    if program:
        raise UsageError("--program: names programs for --audit, which is not given")
    check_budget(budget)
    options = parse_options("step_time", threshold, "", {}, THRESHOLDS)
    share = parse_share(slowdown, "--slowdown")
    least = options.metrics["step_time"]
    if share <= least:
        raise UsageError(
            f"--slowdown: {slowdown} is not above the threshold of {share_text(least)}, so it must not be "
            f"called a regression; give more, or less with --threshold step_time={share_text(share / 2)}"
        )
    if comparisons < 1:
        raise UsageError(f"--comparisons: {comparisons} is too few; give 1 or more")
    sessions = _sessions(flags, comparisons, share, options, budget)
    # Not where an earlier one left off: it is the machine of now that is tried.
    name = out or str(DIRECTORY / f"selftest-{sessions[0].run}")
    return _show(measure(sessions, name, not no_wait), sessions, name, share, format_name, output)


def _sessions(
    flags: Flags, comparisons: int, share: float, options: "CompareOptions", budget: float
) -> "list[Session]":
    """One for each comparison, since each is a decision of its own."""
    from embbench.ab.selftest import contests
    from embbench.ab.session import Session, taking_turns
    from embbench.ab.sides import local_party
    from embbench.cli.ab_plan import ONE_CASE
    from embbench.cli.planning import make_work
    from embbench.errors import UsageError
    from embbench.host.machine import machine_facts
    from embbench.launch.attempt import WORKER

    of_case = flags if any(flags[name] for name in SMALL) else {**flags, **{key: [SMALL[key]] for key in SMALL}}
    work, _ = make_work({**of_case, "suite": None, "rounds": None, "budget": None}, False, ONE_CASE)
    if len(work.plan.cases) > 1:
        raise UsageError(f"a selftest is of one case, and the axes make {len(work.plan.cases)}")
    case = work.plan.cases[0]
    party = local_party(case, work.contenders[case.contender], WORKER, work.plan.sources.get(case.tokens))
    machine, protocol = machine_facts(), taking_turns(work.plan.protocol)
    return [
        Session(work.run, (contest,), protocol, options, budget, machine)
        for contest in contests(party, comparisons, share)
    ]


def _show(
    outcome: "SessionOutcome",
    sessions: "Sequence[Session]",
    name: str,
    share: float,
    format_name: str,
    output: Path | None,
) -> int:
    from embbench.ab.selftest import conclude, held, launch_seconds
    from embbench.cli.selftest_output import About, trust_document
    from embbench.errors import EXIT_INTERRUPTED, EXIT_REGRESSION, NothingMeasured
    from embbench.report.reasons import why

    options, budget = sessions[0].options, sessions[0].budget
    found = [each for each in outcome.comparisons if each.evidence is not None]
    if outcome.interrupted:
        say(f"interrupted; every finished launch is saved; --out {name} goes on")
    if not found:
        if outcome.interrupted:
            return EXIT_INTERRUPTED
        raise NothingMeasured("; ".join(dict.fromkeys(map(why, outcome.comparisons))))
    seconds = launch_seconds(read(side_files(name)[:1]))
    trust = conclude(outcome.comparisons, held(seconds, budget), options.alpha)
    about = About(found[0].case, share, options.metrics["step_time"], options.alpha, budget, seconds)
    show(trust_document(trust, about), format_name, output)
    if outcome.interrupted:
        return EXIT_INTERRUPTED
    return EXIT_REGRESSION if _broken(trust, options.alpha) else 0


def _broken(trust: "Trust", alpha: float) -> bool:
    """Whether false alarms are shown to be more often than promised."""
    return trust.alarms is not None and trust.alarms.low is not None and trust.alarms.low > alpha
