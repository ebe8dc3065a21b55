"""`embbench selftest`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embbench.cli.ab_session import CASE_FLAGS, Budget, check_budget, measure, side_files
from embbench.cli.flags import Flags, NoWait, Output, Threshold, whole, with_flags
from embbench.cli.output import say
from embbench.cli.python_flag import PYTHON_FLAG
from embbench.cli.result_files import read
from embbench.cli.show import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embbench.ab.session import Session, SessionOutcome
    from embbench.analysis.compare.evidence import CompareOptions
    from embbench.analysis.compare.trust import Trust

# A launch of this case takes two seconds, so many launches fit into minutes. The case needs NumPy only.
SMALL = {"contender": "numpy", "vocab": "20k", "dim": "16", "hidden": "8", "batch": "8", "seq": "8"}


@with_flags({name: flag for name, flag in CASE_FLAGS.items() if name != "suite"}, PYTHON_FLAG)
def selftest(
    flags: Flags,
    audit: Annotated[
        bool, typer.Option("--audit", help="Try dishonest and honest programs on the installed frameworks instead.")
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
    format_name: Annotated[str, typer.Option("--format", metavar="NAME", help="text, md, json or html.")] = "text",
    output: Output = None,
) -> int:
    """Test embbench here: how often it calls equal programs different, and which slowdown it detects.

    Half of the comparisons have equal programs; in the other half, a side is slowed by a known share. The decisions are
    those of `embbench ab`. The default is a small NumPy case; name the axes of your own question.

    --audit tries programs that lie about their work, and honest programs that look odd, on a contender of every
    installed framework. The audit must catch or mention every lie, and accept every honest program.

    \b
    Examples:
      embbench selftest
      embbench selftest --slowdown 3% --threshold step_time=2% --comparisons 20
      embbench selftest --contender pytorch --vocab 200k --budget 300 --format json
      embbench selftest --audit --contender numpy,pytorch
      embbench selftest --audit --python pytorch=.venv-a/bin/python,jax_optax=.venv-b/bin/python

    \b
    Exit codes: 0 promise kept, 2 usage, 4 the selftest failed (more false alarms than promised are shown, a lie passed,
    or an honest program was refused), 5 nothing measured, 130 interrupted.
    """
    from embbench.ab.session import THRESHOLDS
    from embbench.cases.thresholds import parse_share
    from embbench.cli.compare_flags import parse_options
    from embbench.errors import UsageError
    from embbench.launch.resume import DIRECTORY
    from embbench.report.figures import share_text
    from embbench.report.writers import check_format

    check_format(format_name, csv=False)
    if audit:
        from embbench.cli.selftest_audit import try_lies

        for name, value in (("out", out), ("preset", flags["preset"]), ("timeout", flags["timeout"])):
            if value is not None:
                raise UsageError(f"--{name}: --audit has its own rounds and saves none; leave --{name} out")
        return try_lies(flags, program, format_name, output, not no_wait)
    if flags["python"]:
        raise UsageError("--python is for --audit: add --audit, or leave --python out")
    if program:
        raise UsageError("--program names programs for --audit; add --audit, or leave --program out")
    check_budget(budget)
    options = parse_options("step_time", threshold, "", {}, THRESHOLDS)
    share = parse_share(slowdown, "--slowdown")
    least = options.metrics["step_time"]
    if share <= least:
        raise UsageError(
            f"--slowdown: {slowdown} is not above the threshold of {share_text(least)}, so it is no "
            f"regression; raise --slowdown, or lower the threshold with --threshold step_time={share_text(share / 2)}"
        )
    if comparisons < 1:
        raise UsageError(f"--comparisons: {comparisons} is too few; give 1 or more")
    sessions = _sessions(flags, comparisons, share, options, budget)
    # A selftest does not continue an earlier selftest: it tests the machine as it is now.
    name = out or str(DIRECTORY / f"selftest-{sessions[0].run}")
    return _show(measure(sessions, name, not no_wait), sessions, name, share, format_name, output)


def _sessions(
    flags: Flags, comparisons: int, share: float, options: "CompareOptions", budget: float
) -> "list[Session]":
    """A session per comparison, because a comparison is a decision of its own."""
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
        raise UsageError(
            f"a selftest has a single case, and the axes make {len(work.plan.cases)}; give a value per axis"
        )
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
    from embbench.errors import EXIT_BROKE, EXIT_INTERRUPTED, NothingMeasured
    from embbench.report.reasons import why
    from embbench.report.selftest_document import About, selftest_document

    options, budget = sessions[0].options, sessions[0].budget
    decided = [each for each in outcome.comparisons if each.evidence is not None]
    if outcome.interrupted:
        say(f"interrupted; all finished launches are saved; continue with --out {name}")
    if not decided:
        if outcome.interrupted:
            return EXIT_INTERRUPTED
        raise NothingMeasured("; ".join(dict.fromkeys(map(why, outcome.comparisons))))
    seconds = launch_seconds(read(side_files(name)[:1]))
    trust = conclude(outcome.comparisons, held(seconds, budget), options.alpha)
    about = About(decided[0].case, share, options.metrics["step_time"], options.alpha, budget, seconds)
    show(selftest_document(trust, about), format_name, output)
    if outcome.interrupted:
        return EXIT_INTERRUPTED
    return EXIT_BROKE if _broken(trust, options.alpha) else 0


def _broken(trust: "Trust", alpha: float) -> bool:
    """Whether more false alarms than promised are shown."""
    return trust.alarms is not None and trust.alarms.low is not None and trust.alarms.low > alpha
