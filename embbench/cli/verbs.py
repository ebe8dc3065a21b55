"""The verbs by name, for `embbench` and `embbench --help`. A verb imports its rooms when it is called."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from embbench import __version__
from embbench.cli import baseline
from embbench.cli.ab import ab
from embbench.cli.answer import answer
from embbench.cli.compare import compare
from embbench.cli.doctor import doctor
from embbench.cli.explain import explain
from embbench.cli.export import export, import_
from embbench.cli.gate import gate
from embbench.cli.listing import list_
from embbench.cli.output import tell
from embbench.cli.plan import plan
from embbench.cli.predict import predict
from embbench.cli.report import report
from embbench.cli.run import run
from embbench.cli.selftest import selftest
from embbench.cli.site import site
from embbench.cli.submit import submit
from embbench.errors import EXIT_INTERRUPTED, UsageError, quoted
from embbench.plain import escape

# Without Rich's markup the help needs no Rich, which would double its time.
app = typer.Typer(
    name="embbench",
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)
_ClickException = typer.BadParameter.__mro__[2]  # typer brings its own click or imports one, by its version

# Flags that take a name: '' would mean the current directory, or no flag at all.
NAMING = (
    *("--suite", "--contender", "--preset", "--out", "--output", "--page", "--name", "--reports", "--directory"),
    *("--baseline", "--candidate", "--base-python", "--head-python", "--base-contender", "--head-contender"),
    *("--base-update", "--head-update", "--python", "--on", "--option"),
)
_HALF = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # the other surrogates represent bytes (PEP 383)


def _show_version(wanted: bool) -> None:
    if wanted:
        tell(f"embbench {__version__}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def embbench(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Measure the cost of a training step with an embedding table, the part that grows with the vocabulary, and what
    removes it.

    \b
    Example:
      embbench run                     the default suite, on this machine
      embbench run --vocab 2M --update default,sparse --preset quick
      embbench report results/local/*.jsonl --col update

    Exit codes: 0 success, 1 a regression is shown, 2 usage or broken file, 3 undecided (with --strict), 4 a case broke
    or a selftest failed, 5 nothing measured or comparable, 70 a fault of embbench itself (its trace is in a file), 130
    interrupted.
    """
    if context.invoked_subcommand is None:
        tell(f"{context.get_help()}\n")


app.command("run", short_help="Measure the cases of a suite; show the table.")(run)
app.command("submit", short_help="Measure a plan with several jobs of a cluster.")(submit)
app.command("plan", short_help="Show what `run` would measure: memory, passes, time.")(plan)
app.command("report", short_help="Show tables and answer of results files.")(report)
app.command("compare", short_help="Compare two saved runs.")(compare)
app.command("ab", short_help="Compare base and head, alternating, until decided.")(ab)
app.command("gate", short_help="Fail CI on a shown slowdown, never on noise.")(gate)
app.add_typer(baseline.app, name="baseline", short_help="Keep the results that `gate` compares runs with.")
app.command("selftest", short_help="Test how far `ab` and `gate` can be trusted here.")(selftest)
app.command("explain", short_help="Explain the cost of a step, and what to change.")(explain)
app.command("predict", short_help="Predict the cost of sizes that were not measured.")(predict)
app.command("answer", short_help="Answer the questions of suites from the results at hand.")(answer)
app.command("site", short_help="Write a folder of pages: runs and their history.")(site)
app.command("export", short_help="Write results for pytest-benchmark, github-action-benchmark, Bencher, CSV.")(export)
app.command("import", short_help="Read the rounds of a pytest-benchmark file.")(import_)
app.command("list", short_help="List contenders, workloads, suites and metrics.")(list_)
app.command("doctor", short_help="Check frameworks and machine, and show what to do.")(doctor)


def call(program: str, arguments: Sequence[str]) -> int:
    """Runs the verb that the arguments name, and returns its exit code. Raises UsageError for wrong arguments, and the
    errors of the verb.
    """
    spelled = {"program": program, "arguments": list(arguments)}
    _check_spelled(arguments)
    _check_named(arguments)
    command = typer.main.get_command(app)
    try:
        return command.main(list(arguments), prog_name="embbench", standalone_mode=False, obj=spelled) or 0
    except _ClickException as error:
        raise UsageError(_worded(error)) from None
    except typer.Abort as error:
        if isinstance(error.__context__, EOFError):  # no verb asks the user, so the end of stdin is not the user's
            raise error.__context__ from None
        return EXIT_INTERRUPTED


def _check_spelled(arguments: Sequence[str]) -> None:
    """Raises UsageError for half a character, which no file name can have. A byte that is no text is allowed."""
    for argument in arguments:
        if half := _HALF.search(argument):
            raise UsageError(f"{quoted(argument)}: {escape(half[0])} is half a character; leave it out")


def _check_named(arguments: Sequence[str]) -> None:
    """Raises UsageError for an empty name, such as an unset variable of a shell, which typer would read as '.'. Flags
    that select or show something take ''.
    """
    for before, each in zip(("-", *arguments), arguments, strict=False):
        flag, _, _ = each.partition("=")
        if flag in NAMING and each == f"{flag}=":
            raise UsageError(f"{flag}: the name is empty; give a name, or leave the flag out")
        if not each and before in NAMING:
            raise UsageError(f"{before}: the name is empty; give a name, or leave the flag out")
        if not each and (before == "--" or not before.startswith("-")):
            raise UsageError("an argument is empty; give the name of a file, or leave the argument out")


def _worded(error: Any) -> str:
    """click's message on a single line, with the command for help."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "embbench"
    message = " ".join(error.format_message().split())
    return f"{message}{'' if message.endswith(('.', '?', '!')) else '.'} See {command} --help"
