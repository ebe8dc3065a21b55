"""`embbench gate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embbench.cli.ab_session import (
    CASE_FLAGS,
    SIDE_FLAGS,
    Force,
    across,
    compared,
    make_session,
    measure,
    sides,
)
from embbench.cli.flags import Flags, Format, Metrics, NoWait, Output, Strict, Threshold, seconds, with_flags
from embbench.cli.output import say
from embbench.cli.show import show

if TYPE_CHECKING:
    from embbench.report.gate_report import GateResult

GATE_FLAGS = {name: flag for name, flag in CASE_FLAGS.items() if name != "preset"}


@with_flags(GATE_FLAGS, SIDE_FLAGS)
def gate(
    flags: Flags,
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Baseline results. If not given: results/baselines, by this machine and suite.",
            show_default=False,
        ),
    ] = None,
    candidate: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Results to compare with the baseline; if not given, gate measures.",
            show_default=False,
        ),
    ] = None,
    metric: Metrics = "",
    threshold: Threshold = "",
    across: Annotated[
        str,
        typer.Option(
            metavar="KINDS",
            help="Allow the run to differ from the baseline in: twin (another machine of its kind), software, class.",
            show_default=False,
        ),
    ] = "",
    budget: Annotated[
        float | None,
        typer.Option(
            parser=seconds,
            metavar="SECONDS",
            help="Seconds per case if the sides alternate; 60 if not given.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Results file; an existing file is continued; a new file if not given.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Name of this gate in its reports; the suite's name if not given.", show_default=False
        ),
    ] = None,
    reports: Annotated[
        Path | None,
        typer.Option(
            metavar="DIRECTORY",
            help="Directory for summary.md, comment.md, junit.xml, gate.json and report.html; results/local/gate/NAME "
            "if not given.",
            show_default=False,
        ),
    ] = None,
    force: Force = False,
    no_wait: NoWait = False,
    strict: Strict = False,
    format_name: Format = "text",
    output: Output = None,
) -> int:
    """Pass or fail a suite: against a baseline of this machine, or base against head, alternating.

    A gate fails where a change for the worse is shown to be larger than the suite's [gate] allows, and where a case
    broke. Two versions that alternate on a machine (see `embbench ab --help`) show far smaller changes than a run
    against a saved file. A gate always writes its reports; in a GitHub job it also writes the summary and annotations.

    \b
    Examples:
      embbench gate --suite ci --base-python .venv-base/bin/python --reports reports
      embbench gate --suite embedding-scaling --strict
      embbench gate --baseline before.jsonl --candidate after.jsonl --threshold step_time=10%

    \b
    Exit codes: 0 nothing got worse, 1 regression, 2 usage or broken file, 3 undecided (with --strict), 4 a case broke,
    5 nothing comparable, 130 interrupted.
    """
    from embbench.cli.gate_file import GateRequest, gate_against_file
    from embbench.cli.gate_output import annotate, make_place, write_reports
    from embbench.errors import EXIT_FAULT, EXIT_INTERRUPTED, EXIT_USAGE, EmbbenchError
    from embbench.report.comparisons import Compared, comparison_document
    from embbench.report.gate_report import UNNAMED, GateResult
    from embbench.report.writers import check_format

    named = name or Path(flags["suite"] or UNNAMED).stem
    wait = not no_wait
    directory = reports or Path("results/local/gate") / named
    make_place(directory)

    def without_verdict(code: int, problem: str) -> GateResult:
        return GateResult(named, Compared("", "", ()), code, strict, problem)

    gate_result = without_verdict(EXIT_FAULT, "the log of this job names the file of its trace")
    try:
        check_format(format_name)
        if _alternates(flags):
            gate_result = _alternate(
                flags, (baseline, candidate, across), metric, threshold, budget, out, force, named, strict, wait
            )
        else:
            asked = GateRequest(baseline, candidate, metric, threshold, across, budget, out, force, wait)
            gate_result = gate_against_file({**flags, "preset": None}, asked, named, strict)
    except EmbbenchError as error:
        gate_result = without_verdict(error.exit_code, str(error))
        raise
    except OSError as error:
        gate_result = without_verdict(EXIT_USAGE, str(error))
        raise
    except KeyboardInterrupt:
        gate_result = without_verdict(EXIT_INTERRUPTED, "interrupted before anything was compared")
        raise
    finally:  # always: reports of an earlier gate must not look like the reports of this gate
        try:
            paths = write_reports(gate_result, directory)  # first: a closed stdout must not prevent reports
        finally:
            annotate(gate_result)
    show(comparison_document(gate_result.compared), format_name, output)
    say(gate_result.headline)
    for path in paths:
        say(str(path))
    return gate_result.exit_code


def _alternates(flags: Flags) -> bool:
    return any(flags[name] for name in SIDE_FLAGS)


def _alternate(
    flags: Flags,
    held: tuple[Path | None, Path | None, str],
    metric: str,
    threshold: str,
    budget: float | None,
    out: str | None,
    force: bool,
    name: str,
    strict: bool,
    wait: bool,
) -> "GateResult":
    from embbench.ab.session import THRESHOLDS
    from embbench.analysis.compare.outcome import exit_code
    from embbench.cli.compare_flags import launch_options
    from embbench.errors import EXIT_INTERRUPTED, UsageError
    from embbench.launch.resume import DIRECTORY
    from embbench.report.gate_report import GateResult

    if any(held[:2]):
        raise UsageError("--baseline and --candidate cannot be combined with two sides that alternate; leave them out")
    if held[2]:
        raise UsageError("--across is for a baseline file; two sides alternate on one machine; leave --across out")
    base, head = sides(flags)
    options = launch_options(metric, threshold, across(base, head), flags["suite"], THRESHOLDS)
    session = make_session({**flags, "preset": None}, base, head, options, 60.0 if budget is None else budget, force)
    # Unlike `ab`, a gate does not continue an earlier gate: it must measure the present code.
    stem = out or str(DIRECTORY / f"gate-{session.run}")
    outcome = measure([session], stem, wait)
    shown = compared(base, head, outcome)
    if outcome.interrupted:
        problem = f"interrupted; all finished launches are saved; continue with --out {stem}"
        return GateResult(name, shown, EXIT_INTERRUPTED, strict, problem)
    return GateResult(name, shown, exit_code(outcome.comparisons, strict), strict)
