"""The verbs by name: what `embbench` and `embbench --help` know. Each verb imports what it needs when it is called."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from embbench import __version__
from embbench.cli import baseline
from embbench.cli.ab import ab
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

# Flags that name something: '' would be the directory one is in, or as if the flag were not there.
NAMING = (
    *("--suite", "--contender", "--preset", "--out", "--output", "--name", "--reports", "--directory", "--baseline"),
    *("--candidate", "--base-python", "--head-python", "--base-contender", "--head-contender"),
    *("--base-update", "--head-update"),
)
_HALF = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # the others stand for bytes (PEP 383)


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
    """What a training step with an embedding table costs, which part grows with the vocabulary, and what removes it.

    \b
    Example:
      embbench run                     the question it was built for, on this machine
      embbench run --vocab 2M --update default,sparse --preset quick
      embbench report results/local/*.jsonl --col update

    Exit codes of all: 0 well, 1 a regression is shown, 2 usage or broken file, 3 undecided (with --strict), 4 a case
    broke, 5 nothing measured or comparable, 70 a fault of embbench itself (its trace in a file), 130 interrupted.
    """
    if context.invoked_subcommand is None:
        tell(f"{context.get_help()}\n")


app.command("run", short_help="Measure the cases of a suite; show the table.")(run)
app.command("plan", short_help="What `run` would measure: memory, passes, time.")(plan)
app.command("report", short_help="Tables and answer from results files.")(report)
app.command("compare", short_help="Two saved runs: what changed, and is it shown?")(compare)
app.command("ab", short_help="Base against head, alternating, until decided.")(ab)
app.command("gate", short_help="For CI: fail on a shown slowdown, never on noise.")(gate)
app.add_typer(baseline.app, name="baseline", short_help="What `gate` holds later runs against.")
app.command("selftest", short_help="How far `ab` and `gate` can be trusted here, now.")(selftest)
app.command("explain", short_help="Why a step costs what it does, and what to change.")(explain)
app.command("predict", short_help="What sizes that were not measured would cost.")(predict)
app.command("export", short_help="Results for pytest-benchmark, github-action-benchmark, Bencher, CSV.")(export)
app.command("import", short_help="Rounds out of a pytest-benchmark file.")(import_)
app.command("list", short_help="Contenders, suites and metrics.")(list_)
app.command("doctor", short_help="What disturbs measurements here, and what to do.")(doctor)


def call(program: str, arguments: Sequence[str]) -> int:
    """Runs the verb that the arguments name; its exit code. Lets through what it raises, and raises UsageError for
    arguments that cannot be understood.
    """
    told = {"program": program, "arguments": list(arguments)}
    _check_spelled(arguments)
    _check_named(arguments)
    command = typer.main.get_command(app)
    try:
        return command.main(list(arguments), prog_name="embbench", standalone_mode=False, obj=told) or 0
    except _ClickException as error:
        raise UsageError(_worded(error)) from None
    except typer.Abort as error:
        if isinstance(error.__context__, EOFError):  # nothing here asks anybody anything: not the user's
            raise error.__context__ from None
        return EXIT_INTERRUPTED


def _check_spelled(arguments: Sequence[str]) -> None:
    """Raises UsageError for half a character, which no shell hands over and no file name can have. A byte that is no
    text is well.
    """
    for each in arguments:
        if found := _HALF.search(each):
            raise UsageError(f"{quoted(each)}: {escape(found[0])} is half a character; leave it out")


def _check_named(arguments: Sequence[str]) -> None:
    """Raises UsageError where a name is empty, as that of a variable that a shell does not know: '' and not '.', which
    typer makes of it. Flags that select or show something take ''.
    """
    for before, each in zip(("-", *arguments), arguments, strict=False):
        flag, _, _ = each.partition("=")
        if flag in NAMING and each == f"{flag}=":
            raise UsageError(f"{flag}: the name is empty; give one, or leave the flag out")
        if not each and before in NAMING:
            raise UsageError(f"{before}: the name is empty; give one, or leave the flag out")
        if not each and (before == "--" or not before.startswith("-")):
            raise UsageError("an argument is empty; give the name of a file, or leave the argument out")


def _worded(error: Any) -> str:
    """click's own message on one line, with the help to look into."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "embbench"
    return f"{' '.join(error.format_message().split())} See {command} --help"
