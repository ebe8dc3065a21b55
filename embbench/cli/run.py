"""`embbench run`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from embbench.cli.again import command_again
from embbench.cli.flags import (
    DATA_FLAG,
    PLAN_FLAGS,
    SHARD_FLAG,
    VIEW_FLAGS,
    Details,
    Flags,
    Format,
    NoWait,
    Output,
    PageFile,
    with_flags,
)
from embbench.cli.output import say
from embbench.cli.python_flag import PYTHON_FLAG

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from embbench.cases.suite import Suite, View
    from embbench.cli.next_rounds import Sharpening
    from embbench.cli.so_far import SoFar
    from embbench.launch.job import JoinedJob
    from embbench.launch.runner import Outcome, Work
    from embbench.report.table import Report
    from embbench.store.round import Round

MOST_NAMES = 3  # of cases in a message


@with_flags(PLAN_FLAGS, DATA_FLAG, SHARD_FLAG, PYTHON_FLAG, VIEW_FLAGS)
def run(
    context: typer.Context,
    flags: Flags,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Results file; a dated file under results/local/ if not given.", show_default=False
        ),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start a new file; no file is overwritten.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Also measure cases that do not seem to fit.")] = False,
    no_wait: NoWait = False,
    page: PageFile = None,
    details: Details = False,
    format: Format = "text",
    output: Output = None,
) -> int:
    """Measure the cases of a suite and show the table.

    The default suite, embedding-scaling, takes 4 minutes (--within 4m): one round per case, a second where it fits,
    then further rounds where they help most, until every time is known within 30% and every ratio within 15%. --rounds
    N makes N rounds per case.

    A round is a fresh process and a line of the results file. Repeat the command to continue a run, also with a longer
    --within. A finished run shows its table at once. Ctrl-C keeps all finished rounds.

    \b
    Examples:
      embbench run
      embbench run --within 15m
      embbench run --vocab 200k,2M --update default,sparse --optimizer adam --preset quick
      embbench run --vocab 200k:2M:x2 --table frozen --device cuda --out results/mine.jsonl
      embbench run --contender ./my_model.py,pytorch --tokens corpus:reviews.txt
      embbench run --suite convergence --data texts.tsv
      embbench run --suite crossover --shard 3/8
      embbench run --suite frameworks --python pytorch=.venv-a/bin/python,jax_optax=.venv-b/bin/python

    \b
    Exit codes: 0 measured, 2 usage or broken file, 4 a case broke (crash, invalid, timeout, out of memory), 5 nothing
    measured, 130 interrupted.
    """
    import functools

    from embbench.cli.broken_cases import tell_broken
    from embbench.cli.joined import follow, leads
    from embbench.cli.next_rounds import closed
    from embbench.cli.planning import make_work
    from embbench.cli.show import save_page, show
    from embbench.report.results_document import results_document
    from embbench.report.results_page import results_page

    job, flags = leads(flags)
    if job is not None and job.number:
        return follow(job)
    work, suite = make_work(flags, force, paced=True)
    check_view(work, suite, flags, format)
    sharpening = _sharpening(work, suite, flags)
    watch = Watch(sharpening, lambda rounds: make_report(rounds, work, suite, flags))
    path, outcome = measure(work, out, fresh, not no_wait, watch, job=job)
    if outcome.interrupted:
        return _explain_interruption(context, path)
    say(_what_was_done(path, outcome, work))
    made = make_report(outcome.rounds, work, suite, flags)
    blocks = functools.partial(results_page, made, outcome.rounds, flags["filter"] or "")
    document = results_document(made, [str(path)], flags["metric"] is not None, blocks)
    show(document, format, output, details=details)
    save_page(document, page, path)
    within = work.plan.protocol.within
    if within and (verdict := sharpening.verdict(outcome, within, closed(outcome, work))):
        say(verdict)
    if code := tell_broken(outcome.rounds, work):
        return code
    if not outcome.measured:
        from embbench.errors import NothingMeasured

        raise NothingMeasured("nothing was measured: no case has a number; the table shows the reasons")
    return 0


def make_report(rounds: "Sequence[Round]", work: "Work", suite: "Suite", flags: Flags, twins: bool = False) -> "Report":
    """The report of a run: the suite's view with the flags laid over it. twins: see `build`. Raises UsageError,
    NothingMeasured.
    """
    from embbench.report.assemble import build

    view, chosen = _view(suite, flags)
    return build(
        rounds, view, flags["filter"] or "", title=suite.title, order=work.plan.cases, chosen=chosen, suite=suite.file,
        twins=twins,
    )  # fmt: skip


class Watch(NamedTuple):
    """Watches a run's numbers while it measures. report: rounds so far -> their report."""

    sharpening: "Sharpening"
    report: "Callable[[tuple[Round, ...]], Report]"

    def so_far(self, earlier: "Sequence[Round]", work: "Work") -> "SoFar":
        from embbench.cli.so_far import SoFar

        return SoFar(earlier, work.plan.cases, self.report, self.sharpening.so_far)


def _view(suite: "Suite", flags: Flags) -> "tuple[View, dict[str, str]]":
    """The suite's view with the user's flags in place, and these flags."""
    import msgspec

    chosen = {name: flags[name] for name in VIEW_FLAGS if name != "filter" and flags[name] is not None}
    return msgspec.structs.replace(suite.view, **chosen), chosen


def _sharpening(work: "Work", suite: "Suite", flags: Flags) -> "Sharpening":
    """The choice of the rounds that help most."""
    from embbench.cli.next_rounds import Sharpening

    view, chosen = _view(suite, flags)
    return Sharpening(view, work.plan.cases, tuple(chosen))


def check_view(work: "Work", suite: "Suite", flags: Flags, format: str) -> None:
    """Builds the report of empty rounds, so that an error of the view is raised before hours of measuring."""
    from embbench.launch.requests import make_request
    from embbench.report.writers import check_format

    check_format(format)
    plan = work.plan
    empty = tuple(
        work.origin.round_for(
            make_request(work.run, plan.suite, case, 0, plan.protocol, work.contenders[case.contender]),
            "skipped",
            "not measured yet",
        )
        for case in plan.cases
    )
    make_report(empty, work, suite, flags)


def measure(
    work: "Work",
    out: str | None,
    fresh: bool,
    wait: bool = True,
    watch: "Watch | None" = None,
    renew: bool = False,
    job: "JoinedJob | None" = None,
) -> "tuple[Path, Outcome]":
    """Carries the work out, with its progress on stderr. Returns the results file and the outcome. wait: for another
    embbench that measures here. watch: watches the numbers meanwhile. renew: take a new file where rounds of the last
    file do not mix with new rounds, for verbs without --fresh. job: led by this process. Raises FileError, UsageError.
    """
    import contextlib
    from datetime import datetime

    from embbench.cases.case import also_varying
    from embbench.cli.joined import executor_of
    from embbench.cli.machine_lock import by_itself
    from embbench.cli.planning import tell
    from embbench.cli.progress_choice import make_progress
    from embbench.launch.interrupts import Interrupts
    from embbench.launch.resume import FRESH, OTHER_FILE, check_same, choose_file, renewed
    from embbench.launch.runner import carry_out, is_left
    from embbench.store.journal import Journal

    tell(work.plan.sources.values())
    today = f"{datetime.now().astimezone():%Y-%m-%d}"
    path = choose_file(work.plan, Path(out) if out else None, fresh, today)
    if renew and not out:
        path = renewed(path, work.plan, work.origin, today)
    with Interrupts() as interrupts, Journal(path) as journal:
        for warning in journal.warnings:
            say(warning)
        check_same(path, journal.rounds, work.plan, work.origin, OTHER_FILE if renew else FRESH)
        needs = None if watch is None else watch.sharpening
        machine = by_itself(wait, interrupts) if is_left(work, journal.rounds, needs) else contextlib.nullcontext()
        so_far = None if watch is None else watch.so_far(journal.rounds, work)
        shown = make_progress(journal.rounds, also_varying(work.plan.cases), so_far=so_far)
        with executor_of(job, work.origin, interrupts) as runner, machine, shown as progress:
            outcome = carry_out(work, journal, runner, progress, stopped=lambda: bool(interrupts), needs=needs)
    return path, outcome


def _what_was_done(path: Path, outcome: "Outcome", work: "Work") -> str:
    from embbench.launch.order import Ledger

    left = any(Ledger(work.plan, outcome.rounds).left().values())
    if outcome.started or (left and not outcome.measured and not outcome.given_up):
        return f"results: {path}"
    if not outcome.given_up:
        return f"nothing was run: {path} has all rounds; --fresh starts a new file"
    more = len(outcome.given_up) - MOST_NAMES
    names = ", ".join(outcome.given_up[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
    return (
        f"nothing was run: {path} has all other rounds; given up after two failures in a row: {names}; "
        "--fresh starts a new file"
    )


def _explain_interruption(context: typer.Context, path: Path) -> int:
    from embbench.errors import EXIT_INTERRUPTED
    from embbench.launch.resume import kept

    say(f"interrupted; {kept(path)}; continue with: {command_again(context, '--fresh')}")
    return EXIT_INTERRUPTED
