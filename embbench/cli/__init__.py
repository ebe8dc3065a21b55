"""Floor 7: the verbs. The only rooms that print or exit; each imports what it needs when it is called."""

import contextlib
import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from embbench import __version__
from embbench.cli import baseline
from embbench.cli.ab import ab
from embbench.cli.compare import compare
from embbench.cli.doctor import doctor
from embbench.cli.explain import explain
from embbench.cli.exporting import export, import_
from embbench.cli.gate import gate
from embbench.cli.listing import list_
from embbench.cli.plan import plan
from embbench.cli.predict import predict
from embbench.cli.report import report
from embbench.cli.run import run
from embbench.cli.selftest import selftest
from embbench.cli.unfailing import Unfailing, discard
from embbench.errors import EXIT_INTERRUPTED, EXIT_USAGE, EmbbenchError

WRITING = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

# Without Rich's markup the help needs no Rich, which would double its time.
app = typer.Typer(
    name="embbench",
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)
_ClickException = typer.BadParameter.__mro__[2]  # typer brings its own click or imports one, by its version


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"embbench {__version__}")
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
    """
    if context.invoked_subcommand is None:
        print(context.get_help())


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and gives its exit code; every failure of the user or the system is one line on stderr."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - it stays open
    with contextlib.redirect_stderr(Unfailing(sys.stderr)):
        return _guarded(arguments)


def _guarded(arguments: Sequence[str] | None) -> int:
    code = 0
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # nobody reads on; that changes nothing of what came out
        discard(1)
    except OSError as error:
        if error.filename is None:
            discard(1)
        return _complain(_told(error), EXIT_USAGE)
    return code


def _told(error: OSError) -> str:
    """What could not be done to which file; where none is named and writing failed, it was stdout."""
    reason = error.strerror or str(error)
    if error.filename is not None:
        return f"{error.filename}: {reason}"
    return f"stdout: {reason}; results files are whole" if error.errno in WRITING else reason


def _invoke(arguments: Sequence[str] | None) -> int:
    try:
        called = sys.argv if arguments is None else ["embbench", *arguments]
        told = {"program": called[0], "arguments": called[1:]}
        command = typer.main.get_command(app)
        return command.main(arguments, prog_name="embbench", standalone_mode=False, obj=told) or 0
    except EmbbenchError as error:
        return _complain(str(error), error.exit_code)
    except _ClickException as error:
        return _complain(_worded(error), EXIT_USAGE)
    except (KeyboardInterrupt, typer.Abort):
        return EXIT_INTERRUPTED
    except SystemExit:  # typer's answer to a reader that closed the pipe; 1 would read as a regression
        discard(1)
        return 0


def _worded(error: Exception) -> str:
    """click's own message on one line, with the help to look into."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "embbench"
    return f"{' '.join(error.format_message().split())} See {command} --help"


def _complain(text: str, code: int) -> int:
    print(f"embbench: {' '.join(text.split())}", file=sys.stderr)
    return code
