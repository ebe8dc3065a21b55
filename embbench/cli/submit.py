"""`embbench submit`."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

from embbench.cli.again import command_again
from embbench.cli.flags import (
    DATA_FLAG,
    PLAN_FLAGS,
    VIEW_FLAGS,
    Details,
    Flags,
    Format,
    Output,
    one_of,
    whole,
    with_flags,
)
from embbench.cli.output import say
from embbench.cli.python_flag import PYTHON_FLAG
from embbench.cli.result_files import Twins, allows_twins, read
from embbench.cli.show import show

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from embbench.cases.plan import Plan
    from embbench.cases.suite import Suite
    from embbench.cli.submitted import Submitting
    from embbench.launch.runner import Work
    from embbench.launch.submission import QueueName
    from embbench.report.document import Document


@with_flags(PLAN_FLAGS, DATA_FLAG, PYTHON_FLAG, VIEW_FLAGS)
def submit(
    context: typer.Context,
    flags: Flags,
    on: Annotated[
        str, typer.Option("--on", metavar="QUEUE", help="slurm, or local: processes of this machine, to try it out.")
    ],
    jobs: Annotated[int, typer.Option("--jobs", metavar="N", help="Jobs, each for a part of the plan.", parser=whole)],
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Folder of results; a dated one under results/local/ if not given.",
            show_default=False,
        ),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            metavar="NAME=VALUE",
            help="An option of sbatch: partition=gpu. Repeat for more.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Also measure cases that do not seem to fit.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Submit, and do not wait for the jobs.")] = False,
    across: Twins = "",
    details: Details = False,
    format: Format = "text",
    output: Output = None,
) -> int:
    """Measure a plan with several jobs of a cluster, and show the table of all.

    Each job has a machine for itself and does `embbench run --shard K/N` with the flags given here. The folder must be
    one that all machines see. Repeat the command to see the progress, to submit again what a job left undone, and, when
    all is measured, to see the table. Ctrl-C ends the waiting, not the jobs. A job that begins again on another machine
    measures its part anew, in a file of its own.

    \b
    Examples:
      embbench submit --on slurm --jobs 8 --suite crossover --option partition=gpu --option time=2:00:00
      embbench submit --on slurm --jobs 2 --vocab 200k,2M --rounds 3 --out results/nodes --detach
      embbench submit --on local --jobs 2 --vocab 1k,2k --contender numpy --update default --preset quick

    \b
    Exit codes: 0 measured or submitted, 2 usage or broken file, 4 a case broke or a job ended early, 5 nothing
    measured, 130 interrupted.
    """
    from embbench.cli.planning import make_parts
    from embbench.cli.submitted import Submitting
    from embbench.errors import EXIT_INTERRUPTED, UsageError
    from embbench.launch.interrupts import Interrupts
    from embbench.launch.queues import QUEUES, parse_options

    queue = cast("QueueName", one_of("on", on, tuple(QUEUES)))
    if jobs < 1:
        raise UsageError(f"--jobs: {jobs} is too few; give 1 or more")
    twins, options = allows_twins(across), parse_options(option or ())
    work, parts, suite = make_parts(flags, force, jobs)
    _check_views(work, parts, suite, flags, format)
    command = command_again(context, "--detach")
    submitting = Submitting(parts, _run_words(flags, force), force, out, command)
    with Interrupts() as interrupts:
        submitting.submit(queue, options)
        if not detach:
            submitting.wait(interrupts)
    if cancel := submitting.cancel_with():
        stopped = bool(interrupts.name)
        say(f"{'interrupted' if stopped else 'submitted'}; the jobs go on, with results in {submitting.folder}")
        say(f"see how far they are, and their table: {command}")
        say(f"cancel them: {cancel}")
        return EXIT_INTERRUPTED if stopped else 0
    return _end(submitting, work, suite, flags, twins, lambda document: show(document, format, output, details=details))


def _check_views(work: "Work", parts: "Sequence[Plan]", suite: "Suite", flags: Flags, format: str) -> None:
    """Raises the errors that each job would end with, and those of the table of all."""
    from msgspec.structs import replace

    from embbench.cli.run import check_view

    check_view(work, suite, flags, format)
    for part in parts:
        check_view(replace(work, plan=part), suite, {**flags, "filter": None}, format)


def _run_words(flags: Flags, force: bool) -> list[str]:
    """The words of `embbench run` in each job. --filter is left out: a part may have no case that passes it."""
    words = ["run", *(["--force"] if force else [])]
    for name, value in flags.items():
        if value is not None and name != "filter":
            texts = value if isinstance(value, list) else [value]
            words += [f"--{name.replace('_', '-')}={text}" for text in texts]
    return words


def _end(
    submitting: "Submitting",
    work: "Work",
    suite: "Suite",
    flags: Flags,
    twins: bool,
    present: "Callable[[Document], None]",
) -> int:
    """Shows the table of all jobs, which have ended. The exit code."""
    import functools

    from embbench.cli.broken_cases import tell_broken
    from embbench.cli.run import make_report
    from embbench.errors import EXIT_BROKE, NothingMeasured
    from embbench.launch.shard_state import as_planned
    from embbench.report.results_document import results_document
    from embbench.report.results_page import results_page

    files = submitting.journals()
    rounds = read(files)
    if rounds:
        say(f"results: {submitting.folder}")
        made = make_report(rounds, work, suite, flags, twins)
        page = functools.partial(results_page, made, rounds, flags["filter"] or "", twins)
        present(results_document(made, [str(path) for path in files], flags["metric"] is not None, page))
    if early := submitting.ended_early():
        say(f"{early}; repeat the command to submit them again")
    if code := tell_broken(as_planned(rounds, work.plan), work):
        return code
    if early:
        return EXIT_BROKE
    if not any(each.status == "ok" for each in rounds):
        raise NothingMeasured("nothing was measured: no case has a number; the table shows the reasons")
    return 0
